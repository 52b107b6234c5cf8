// Records of the extension itself, sealed under the vault's default key. A value takes 1 MiB, so long ones are cut into parts;
// each part is bound to its record, to its number and to how many there are, and to this one writing of the record.

import { Failure } from "../shared/answer.js";

/** UTF-16 units of a part: with three bytes each, it is still within a value. */
const PART = 256 * 1024;

/** @typedef {{ writing: string, parts: string[] }} SealedRecord */

/**
 * @param {string} record
 * @param {string} writing
 * @param {number} number
 * @param {number} count
 */
function place(record, writing, number, count) {
  return { siteId: 0, type: "zkvault-extension", name: JSON.stringify([record, writing, number, count]) };
}

/** Cuts a text into parts, and no pair of surrogates. */
function cut(/** @type {string} */ text) {
  const parts = [];
  for (let from = 0; from < text.length || parts.length === 0; ) {
    let to = Math.min(from + PART, text.length);
    if (to < text.length && /[\ud800-\udbff]/.test(text[to - 1])) to -= 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}

/**
 * @param {import("zkvault").Vault} vault
 * @param {string} record
 * @param {unknown} content
 * @returns {SealedRecord}
 */
export function seal(vault, record, content) {
  const writing = crypto.randomUUID();
  const texts = cut(JSON.stringify(content));
  const parts = texts.map((text, number) => vault.encryptValue(text, place(record, writing, number, texts.length)));
  return { writing, parts };
}

/**
 * What `seal` sealed, or undefined if there is nothing.
 * @param {import("zkvault").Vault} vault
 * @param {string} record
 * @param {SealedRecord | undefined} sealed
 * @returns {any}
 */
export function open(vault, record, sealed) {
  if (sealed === undefined) return undefined;
  const { writing, parts } = sealed;
  try {
    const texts = parts.map((part, number) => vault.decryptValue(part, place(record, writing, number, parts.length)));
    return JSON.parse(texts.join(""));
  } catch {
    throw new Failure("local-copy", "What zkvault keeps on this machine was changed or is damaged. Forget everything in the settings, and set it up anew.");
  }
}
