// Makes ../vectors/keyring.json; with --check it says whether the file is what this makes.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concat, equal, toBase64, utf8 } from './lib/bytes.js';
import { fingerprint, sealKeyring } from './lib/keyring.js';

const FILE = fileURLToPath(new URL('../vectors/keyring.json', import.meta.url));
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

const made = concat(await sealKeyring(CONTENTS, 'correct horse', KDF, ascending(100, 24)), utf8('\n'));
if (process.argv.includes('--check')) {
  if (!equal(made, fs.readFileSync(FILE))) throw new Error('tests/vectors/keyring.json differs');
} else {
  fs.writeFileSync(FILE, made);
}
