// Backups and the chains that they are in, written from docs/spec/backup.md and docs/spec/keyring.md.

import { createHash, createHmac } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { concat, context, equal, fromUtf8, u32be, utf8 } from './bytes.js';
import { open, seal } from './cobblestone.js';
import { openFile, sealFile } from './file.js';

const MAGIC = concat(utf8('ZKVBACK'), Uint8Array.of(2));
const RECORD = ['account', 'synced', 'keyring', 'follows', 'manifest', 'digest'];
const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const hmac = (key, message) => new Uint8Array(createHmac('sha256', key).update(message).digest());

/** `sub(label, fields…)` of a personal key. */
export const subkey = (personal, label, ...fields) => hmac(personal, context(label, ...fields));

export function base32(bytes) {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let [bits, text] = ['', ''];
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  for (let at = 0; at < bits.length; at += 5) text += letters[Number.parseInt(bits.slice(at, at + 5), 2)];
  return text;
}

/** The chain of an account under a personal key. */
export function chainOf(personal, account) {
  const names = subkey(personal, 'zkvault.personal.names.v1', account);
  const tag = hmac(names, context('zkvault.backup.tag.v1')).slice(0, 10);
  const name = (revision) => base32(hmac(names, context('zkvault.backup.name.v2', revision)).slice(0, 20));
  return {
    account,
    key: subkey(personal, 'zkvault.personal.chain.v1', account),
    tag,
    blob: (revision) => `zkv-backup/${base32(tag)}/${name(revision)}.zkvb`,
  };
}

function preludeOf(file) {
  return file.slice(0, 12 + new DataView(file.buffer, file.byteOffset).getUint32(8));
}

const recordContext = (tag, file, keyring) => context('zkvault.backup.record.v2', tag, sha256(preludeOf(file)), sha256(keyring));

/** The parts of a backup, and its record and snapshot with the chain that it is in. */
export async function openBackup(bytes, chain) {
  if (!equal(bytes.slice(0, 8), MAGIC)) throw new Error('no backup of version 2');
  const tag = bytes.slice(8, 18);
  let at = 18;
  const part = () => {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
    at += 4 + length;
    return bytes.slice(at - length, at);
  };
  const [sealed, keyring] = [part(), part()];
  const file = bytes.slice(at);
  if (!equal(tag, chain.tag)) throw new Error('another chain');
  const json = fromUtf8(await open(chain.key, recordContext(tag, file, keyring), sealed));
  const record = JSON.parse(json);
  check(record, json, chain, keyring);
  const { content, meta } = await openFile(file, { chain: chain.key });
  if (meta.content_type !== 'application/gzip' || Object.keys(meta).join() !== 'size,content_type') throw new Error('other metadata');
  const document = gunzipSync(content);
  const snapshot = JSON.parse(document.toString());
  if (hex(sha256(document)) !== record.digest) throw new Error('not the content of the record');
  if (JSON.stringify(snapshot.manifest) !== JSON.stringify(record.manifest)) throw new Error('not the manifest of the record');
  return { record, keyring, snapshot };
}

function check(record, json, chain, keyring) {
  if (Object.keys(record).join() !== RECORD.join() || JSON.stringify(record) !== json) throw new Error('a record in another form');
  if (record.account !== chain.account) throw new Error('another account');
  if ((record.keyring === null) !== (keyring.length === 0)) throw new Error('a keyring and a record that do not agree');
  if (record.keyring && record.keyring.digest !== hex(sha256(keyring))) throw new Error('another keyring');
  const { revision, parent } = record.manifest;
  if (revision < 1 || (revision === 1) !== (parent === null)) throw new Error('a revision and a parent that do not agree');
}

/** A backup of these sites, users and groups, the first of its chain. */
export async function sealBackup(chain, { keyring, serial, sites, users = null, groups = null, pins, device = 'node', revision = 1, parent = null }) {
  const manifest = { revision, parent, time: Math.floor(Date.now() / 1000), device };
  const list = (json) => JSON.stringify(json);
  const document = `{"format":"zkvault.snapshot","version":1,"manifest":${list(manifest)},"sites":${list(sites)},"users":${list(users)},"groups":${list(groups)},"pins":${pins}}`;
  const content = gzipSync(document);
  const meta = { size: content.length, content_type: 'application/gzip' };
  const file = await sealFile(content, { chain: chain.key, meta, blockSize: 1 << 23 });
  const record = {
    account: chain.account,
    synced: manifest.time,
    keyring: keyring.length > 0 ? { serial, digest: hex(sha256(keyring)) } : null,
    follows: null,
    manifest,
    digest: hex(sha256(utf8(document))),
  };
  const sealed = await seal(chain.key, recordContext(chain.tag, file, keyring), utf8(list(record)));
  const head = `${revision}:${record.digest}`;
  return { bytes: concat(MAGIC, chain.tag, u32be(sealed.length), sealed, u32be(keyring.length), keyring, file), head };
}
