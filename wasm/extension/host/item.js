// One site as a person looks at it: its inputs, its one-time codes, and what was found at it.

import { isOneTimeAddress, oneTimeCode } from "../zkvault/index.web.js";
import { Failure } from "../shared/answer.js";
import { inputsOf } from "./entries.js";

/** @typedef {import("./entries.js").Input} Input */
/** @typedef {(input: Input) => string} Decrypt */
/** `value` is there if it need not be hidden; null if it does not open. */
/** @typedef {{ index: number, kind: Input["kind"], label: string, value?: string | null }} Shown */

/** What is shown without being asked for. */
const OPEN = ["text", "choice"];

/**
 * The inputs of a site that have a value, without those that are secret.
 * @param {any} site
 * @param {Decrypt} decrypt
 * @returns {Shown[]}
 */
export function showInputs(site, decrypt) {
  return inputsOf(site).flatMap((input, index) => (input.value ? [{ index, label: input.label, ...show(input, decrypt) }] : []));
}

/** @returns {{ kind: Input["kind"], value?: string | null }} */
function show(/** @type {Input} */ input, /** @type {Decrypt} */ decrypt) {
  const { kind } = input;
  if (kind === "password") return { kind };
  let value;
  try {
    value = decrypt(input);
  } catch {
    return { kind, value: null };
  }
  if (isOneTimeAddress(value) || (kind === "code" && makesCodes(value))) return { kind: "code" };
  return OPEN.includes(kind) ? { kind, value } : { kind: "other" };
}

function makesCodes(/** @type {string} */ text) {
  try {
    return Boolean(oneTimeCode(text));
  } catch {
    return false;
  }
}

/**
 * The plaintext of an input.
 * @param {any} site
 * @param {number} index
 * @param {Decrypt} decrypt
 */
export function readInput(site, index, decrypt) {
  const input = inputsOf(site)[index];
  if (!input?.value) throw new Failure("no-value", "This site has no such value any more.");
  return decrypt(input);
}

/**
 * The one-time code that an input makes now.
 * @param {any} site
 * @param {number} index
 * @param {Decrypt} decrypt
 */
export function codeOf(site, index, decrypt) {
  const seed = readInput(site, index, decrypt);
  try {
    return oneTimeCode(seed);
  } catch (error) {
    throw new Failure("totp", `The one-time code cannot be computed: ${error instanceof Error ? error.message : error}.`);
  }
}
