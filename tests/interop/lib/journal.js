// Journals and leavings, written from docs/spec/journal.md and docs/spec/leaving.md.

import { createHash } from 'node:crypto';
import { concat, fromBase64, fromUtf8, toBase64, toHex, u64be, utf8 } from './bytes.js';
import { openLocal } from './local.js';

const sha256 = (...parts) => new Uint8Array(createHash('sha256').update(concat(...parts)).digest());
const labelled = (label, ...parts) => sha256(utf8(label), Uint8Array.of(0), ...parts);
const json = async (personal, name, record) => JSON.parse(fromUtf8(await openLocal(personal, '', name, record)));

/** The digest of a line, without its line feed. */
export const digestOf = (line) => toBase64(labelled('zkvault.journal.line.v1', utf8(line)));

/** The records of a file, in which nothing may be torn, missing or moved. */
export async function readJournal(personal, file) {
  const text = fromUtf8(file);
  if (!text.endsWith('\n')) throw new Error('the last line is cut off');
  const records = [];
  let before = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const record = await json(personal, 'journal.v1', fromBase64(line));
    if (record.before !== before) throw new Error(`record ${record.number} follows a different one`);
    if (record.number !== records.length + 1) throw new Error(`record ${record.number} is in the wrong place`);
    before = digestOf(line);
    records.push(record);
  }
  return { records, last: before };
}

/** What is remembered of a journal. */
export const readHead = (personal, file) => json(personal, 'journal-head.v1', fromBase64(fromUtf8(file).trimEnd()));

/** The name of the file of somebody who leaves. */
export function leavingName(account, user) {
  const name = labelled('zkvault.leaving.name.v1', utf8(account), Uint8Array.of(0), u64be(user));
  return `${toHex(name.slice(0, 16))}.zkvl`;
}

export const readLeaving = (personal, file) => json(personal, 'leaving.v2', file);

/** What a leaving has of a password. */
export function passwordOf(leaving, value, text) {
  const digest = (label, of) => toBase64(labelled(label, utf8(leaving.salt), utf8(of)));
  return { sealed: digest('zkvault.leaving.value.v1', value), text: digest('zkvault.leaving.text.v1', text) };
}
