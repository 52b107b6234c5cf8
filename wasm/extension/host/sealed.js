// Records of the extension itself, sealed under the person's own key: colleagues, who have the same vault keys, can neither read
// nor make them. Each is bound to its name, and to the account where it is of one.

import { Failure } from "../shared/answer.js";

/**
 * @param {import("zkvault").Vault} vault
 * @param {import("zkvault").RecordName} which
 * @param {unknown} content
 */
export function seal(vault, which, content) {
  return vault.sealRecord(JSON.stringify(content), which);
}

/**
 * What `seal` sealed, or undefined if there is nothing.
 * @param {import("zkvault").Vault} vault
 * @param {import("zkvault").RecordName} which
 * @param {any} record as it was stored
 * @returns {any}
 */
export function open(vault, which, record) {
  if (record === undefined) return undefined;
  if (!(record instanceof Uint8Array)) {
    throw new Failure("pre-release", "What zkvault keeps on this machine was written by a pre-release. Forget everything in the settings, and set it up anew.");
  }
  try {
    return JSON.parse(vault.openRecord(record, which));
  } catch {
    throw new Failure("local-copy", "What zkvault keeps on this machine was changed or is damaged. Forget everything in the settings, and set it up anew.");
  }
}
