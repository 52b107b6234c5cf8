// Makes ../vectors/keyring.json and keyring-layouts.json; with --check it says whether the files are what this makes.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concat, equal, toBase64, utf8 } from './lib/bytes.js';
import { fingerprint, sealKeyring } from './lib/keyring.js';
import { layoutDigest } from './lib/vendor-layout.js';

const path = (name) => fileURLToPath(new URL(`../vectors/${name}`, import.meta.url));
const filled = (byte) => new Uint8Array(32).fill(byte);
const ascending = (from, length) => Uint8Array.from({ length }, (_, at) => from + at);

/** Far too cheap for a keyring of ours, and good enough for a vector. */
const KDF = { memory_kib: 64, iterations: 2, lanes: 2, salt: toBase64(ascending(0, 16)) };
const CONTENTS = {
  serial: 7,
  identity: toBase64(concat(Uint8Array.of(8), new Uint8Array(30).fill(7), Uint8Array.of(71))),
  personal: [toBase64(filled(3)), toBase64(filled(4))],
  accounts: ['acme.logmeonce.com', '[2001:db8::1]:8443/vault'],
  default: 1,
  keys: [
    { label: 'vault', origin: 'generated', created: 1700000000, state: 'retired', retired: 1700000002, secret: toBase64(filled(1)) },
    {
      label: 'second "key" é', origin: 'imported', created: 1700000001, state: 'active', replaces: toBase64(fingerprint(filled(1))),
      vendor_id: 'd87f7e0c', secret: toBase64(filled(2)),
    },
  ],
  credentials: [{ name: 'logmeonce.secret', secret: toBase64(utf8('s"écret')) }],
};

const GCM = {
  name: 'vendor-gcm-16+pkcs7', check: 'number', order: 'iv-ciphertext-tag', iv: 16, cipher: 'aes-256-gcm', tag: 16, aad: 'none', padding: 'pkcs7',
  text: 'utf8', keys: 'raw', key: 'raw',
};
const CBC_HMAC = {
  name: 'vendor-cbc-hmac-128', check: { key: { hash: 'sha256', end: 'first' } }, order: 'iv-ciphertext-tag', iv: 16, cipher: 'aes-256-cbc', tag: 16,
  mac: { hash: 'sha256', key: 'second-half', covers: 'iv-ciphertext' }, aad: 'none', padding: 'pkcs7', text: 'utf8', keys: 'hex',
  key: 'sha512-halves',
};
const CBC = {
  name: 'vendor-cbc', check: 'number', order: 'iv-ciphertext-tag', iv: 16, cipher: 'aes-256-cbc', tag: 0, aad: 'none', padding: 'pkcs7',
  text: 'utf8', keys: 'raw', key: 'raw',
};
const stored = (layout, said) => ({ layout, digest: toBase64(layoutDigest(layout)), ...said });
const LAYOUTS = [
  {
    account: 'acme.logmeonce.com',
    layouts: [
      stored(GCM, { kdf: 'pbkdf2-sha256:600000:server-salt', trust: 'authenticated', opened: 12, confirmed: true, allowed: false }),
      stored(CBC_HMAC, { kdf: 'given', trust: 'authenticated', opened: 0, confirmed: false, allowed: false }),
    ],
  },
  { layouts: [stored(CBC, { kdf: 'pbkdf2-sha1:10000:user-name', trust: 'unauthenticated', opened: 16, confirmed: false, allowed: true })] },
];

const VECTORS = { 'keyring.json': CONTENTS, 'keyring-layouts.json': { ...CONTENTS, layouts: LAYOUTS } };
for (const [name, contents] of Object.entries(VECTORS)) {
  const made = concat(await sealKeyring(contents, 'correct horse', KDF, ascending(100, 24)), utf8('\n'));
  if (!process.argv.includes('--check')) fs.writeFileSync(path(name), made);
  else if (!equal(made, fs.readFileSync(path(name)))) throw new Error(`tests/vectors/${name} differs`);
}
