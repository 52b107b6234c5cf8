// Keyrings, written from docs/spec/keyring.md.

import { argon2id } from '@noble/hashes/argon2.js';
import { createHash } from 'node:crypto';
import { concat, context, fromBase64, fromUtf8, toBase64, utf8 } from './bytes.js';
import { open, seal } from './cobblestone.js';
import { layoutDigest, trustOf } from './vendor-layout.js';

const FILE = ['format', 'version', 'kdf', 'sealed'];
const KDF = ['name', 'memory_kib', 'iterations', 'lanes', 'salt'];
const CONTENTS = ['serial', 'identity', 'personal', 'accounts', 'default', 'keys', 'credentials'];
const KEY = ['label', 'origin', 'created', 'state', 'secret'];
const KEY_OPTIONAL = ['retired', 'replaces', 'vendor_id'];
const STORED = ['layout', 'digest', 'kdf', 'trust', 'opened', 'confirmed', 'allowed'];
const KDF_TEXT = /^(given|pbkdf2-(sha256:[1-9][0-9]*|sha1:10000):(server-salt|user-name))$/;

/** What stands for a key in pins and in the keys that replace it: 16 bytes. */
export function fingerprint(key) {
  const digest = createHash('sha256').update(concat(utf8('zkvault.pin.key.v1'), Uint8Array.of(0), key)).digest();
  return new Uint8Array(digest.subarray(0, 16));
}

function unlockKey(passphrase, { memory_kib: m, iterations: t, lanes: p, salt }) {
  return argon2id(utf8(passphrase.normalize('NFC')), fromBase64(salt), { m, t, p, dkLen: 32, version: 0x13 });
}

function keyringContext({ memory_kib: memory, iterations, lanes, salt }) {
  return context('zkvault.keyring.v2', 'argon2id', memory, iterations, lanes, fromBase64(salt));
}

function requireMembers(object, needed, optional = []) {
  const names = Object.keys(object);
  const known = names.every((name) => needed.includes(name) || optional.includes(name));
  if (!known || !needed.every((name) => names.includes(name))) throw new Error(`members are not as specified: ${names}`);
}

/** The contents of a keyring file. */
export async function openKeyring(bytes, passphrase) {
  const file = JSON.parse(fromUtf8(bytes));
  requireMembers(file, FILE);
  requireMembers(file.kdf, KDF);
  if (file.format !== 'zkvault.keyring' || file.version !== 2 || file.kdf.name !== 'argon2id') throw new Error('no keyring of version 2');
  const plaintext = await open(unlockKey(passphrase, file.kdf), keyringContext(file.kdf), fromBase64(file.sealed));
  const contents = JSON.parse(fromUtf8(plaintext));
  check(contents);
  return contents;
}

function check(contents) {
  requireMembers(contents, CONTENTS, ['layouts']);
  if ('layouts' in contents) checkLayouts(contents.layouts);
  const { serial, personal, accounts, keys } = contents;
  if (!Number.isSafeInteger(serial) || serial < 1) throw new Error('the serial is out of limits');
  if (personal.length < 1 || personal.length > 16 || new Set(personal).size !== personal.length) throw new Error('not 1 to 16 personal keys');
  if (personal.some((key) => fromBase64(key).length !== 32)) throw new Error('a personal key has not 32 bytes');
  if (accounts.length > 64 || new Set(accounts).size !== accounts.length) throw new Error('not up to 64 accounts');
  if (keys[contents.default]?.state !== 'active') throw new Error('the default is no active key');
  const fingerprints = keys.map((key) => toBase64(fingerprint(fromBase64(key.secret))));
  keys.forEach((key, place) => {
    requireMembers(key, KEY, KEY_OPTIONAL);
    if ((key.state === 'retired') !== ('retired' in key)) throw new Error('a time of retirement and a state that do not agree');
    if (fingerprints.indexOf(key.replaces) >= place) throw new Error('a key comes before the one that it replaces');
  });
}

function checkLayouts(accounts) {
  const names = accounts.map(({ account }) => account);
  if (accounts.length < 1 || accounts.length > 64 || new Set(names).size !== names.length) throw new Error('not 1 to 64 accounts with layouts');
  for (const of of accounts) {
    requireMembers(of, ['layouts'], ['account']);
    if ('account' in of && typeof of.account !== 'string') throw new Error('an account without a name');
    const { layouts } = of;
    if (layouts.length < 1 || layouts.length > 4 || new Set(layouts.map(({ layout }) => layout.name)).size !== layouts.length) throw new Error('not 1 to 4 layouts');
    layouts.forEach(checkLayout);
    if (layouts.some(({ trust }, place) => trust === 'authenticated' && layouts[place - 1]?.trust === 'unauthenticated')) throw new Error('layouts are out of order');
  }
}

function checkLayout(stored) {
  requireMembers(stored, STORED);
  const { layout, digest, kdf, trust, opened, confirmed, allowed } = stored;
  if (digest !== toBase64(layoutDigest(layout))) throw new Error('a layout has another digest');
  if (trust !== trustOf(layout)) throw new Error('a layout has another trust');
  if (!KDF_TEXT.test(kdf) || (opened === 0 && kdf !== 'given')) throw new Error('no KDF of a layout');
  if (!Number.isInteger(opened) || opened < 0 || opened >= 2 ** 32) throw new Error('no count of values');
  const sealable = trust === 'authenticated' && opened > 0 && !kdf.startsWith('pbkdf2-sha1');
  if ((confirmed && !sealable) || (allowed && trust === 'authenticated')) throw new Error('what is said of a layout does not fit it');
}

/** A keyring file. `kdf` has its parameters and the salt; a sealing salt is given only where a vector must come out the same. */
export async function sealKeyring(contents, passphrase, kdf, sealingSalt) {
  const sealed = await seal(unlockKey(passphrase, kdf), keyringContext(kdf), utf8(JSON.stringify(contents)), sealingSalt);
  return utf8(JSON.stringify({ format: 'zkvault.keyring', version: 2, kdf: { name: 'argon2id', ...kdf }, sealed: toBase64(sealed) }));
}
