// Makes ../vectors/activation.json; with --check it says whether the file is what this makes.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toBase64, toHex } from './lib/bytes.js';
import { readCode, sealWithCode, writePayload } from './lib/activation.js';
import { fingerprint } from './lib/keyring.js';

const FILE = fileURLToPath(new URL('../vectors/activation.json', import.meta.url));
const CODE = '00000-00000-00000-00000-00001-4U';
const [ACCOUNT, USER] = ['acme.logmeonce.com', 42];
const filled = (byte) => new Uint8Array(32).fill(byte);
const ascending = (from, length) => Uint8Array.from({ length }, (_, at) => from + at);

const payload = {
  issued: 1700000000,
  expires: 1700604800,
  keys: [
    { key: filled(1), label: 'team', retired: true },
    { key: filled(2), label: 'team-2', becomesDefault: true, replaces: fingerprint(filled(1)) },
  ],
};
const activation = await sealWithCode(payload, readCode(CODE), ACCOUNT, USER, { salt: ascending(0, 16), inner: ascending(100, 24) });
const vector = {
  code: CODE, host: ACCOUNT, user_id: USER, opens_before: payload.expires,
  payload: toHex(writePayload(payload)), activation: toBase64(activation),
};
const made = `${JSON.stringify(vector, null, 2)}\n`;
if (process.argv.includes('--check')) {
  if (fs.readFileSync(FILE, 'utf8') !== made) throw new Error('tests/vectors/activation.json differs');
} else {
  fs.writeFileSync(FILE, made);
}
