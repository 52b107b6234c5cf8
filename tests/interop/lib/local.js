// Records that a device keeps for its person, written from docs/spec/keyring.md#local-records.

import { subkey } from './backup.js';
import { concat, context, equal, utf8 } from './bytes.js';
import { open } from './cobblestone.js';

const MAGIC = concat(utf8('ZKVLOCAL'), Uint8Array.of(1));

/** The content of a record, as bytes. */
export async function openLocal(personal, account, name, record) {
  if (!equal(record.slice(0, MAGIC.length), MAGIC)) throw new Error('not a local record');
  const key = subkey(personal, 'zkvault.personal.local.v1', account);
  return open(key, context('zkvault.local.record.v1', account, name), record.slice(MAGIC.length));
}
