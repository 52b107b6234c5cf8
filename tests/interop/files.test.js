// Encrypted files both ways, under a key and for a recipient.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { fromHex, toHex } from './lib/bytes.js';
import { openFile, sealFile } from './lib/file.js';
import { generateKeyPair, openBase } from './lib/hpke.js';
import { decodeIdentity, encodeIdentity } from './lib/identity.js';
import { Workplace } from './lib/zkv.js';

const KEY = crypto.getRandomValues(new Uint8Array(32));
const BLOCK = 1 << 16;
const PASSPHRASE = { ZKV_PASSPHRASE: 'six words that nobody else would pick' };

const base64url = (hex) => Buffer.from(hex, 'hex').toString('base64url');

/** Bytes with no pattern of the block's length. */
const bytes = (length) => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff);

// Every edge of chunks (16 KiB) and blocks (64 KiB here).
const LENGTHS = [0, 1, 16383, 16384, 16385, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 12345];

test('files from outside open in zkv', async (t) => {
  const work = new Workplace(t, KEY);
  for (const length of LENGTHS) {
    const meta = { name: 'report.pdf', size: length, modified: 1700000000, content_type: 'application/pdf' };
    work.write('in.zkv', await sealFile(bytes(length), { vaultKeys: [KEY], meta, blockSize: BLOCK }));
    work.succeed(['file', 'decrypt', 'in.zkv', '-o', `${length}.out`, '--key-file', work.keyFile]);
    assert.ok(Buffer.compare(work.read(`${length}.out`), bytes(length)) === 0, `${length} bytes`);
  }
});

test('files from zkv open outside', async (t) => {
  const work = new Workplace(t, KEY);
  for (const length of LENGTHS) {
    work.write('in', bytes(length));
    const out = `${length}.zkv`;
    work.succeed(['file', 'encrypt', 'in', '-o', out, '--key-file', work.keyFile, '--block-size', String(BLOCK)]);
    const { content, meta, blockSize } = await openFile(work.read(out), { vaultKey: KEY });
    assert.ok(Buffer.compare(content, bytes(length)) === 0, `${length} bytes`);
    assert.deepEqual([meta.name, meta.size, blockSize], ['in', length, BLOCK]);
  }
});

test('a stream from zkv, with nothing known about it, opens outside', async (t) => {
  const work = new Workplace(t, KEY);
  const args = ['file', 'encrypt', '-', '-o', '-', '--key-file', work.keyFile];
  const { stdout } = work.succeed(args, { input: bytes(200000) });
  const { content } = await openFile(stdout, { vaultKey: KEY });
  assert.ok(Buffer.compare(content, bytes(200000)) === 0);
});

test('a file for a recipient outside opens there and nowhere else', async (t) => {
  const work = new Workplace(t, KEY);
  const identity = await generateKeyPair();
  work.write('in', bytes(100000));
  work.succeed(['file', 'encrypt', 'in', '-o', 'out.zkv', '--recipient', encodeIdentity(identity.publicKey)]);
  const { content } = await openFile(work.read('out.zkv'), { identity });
  assert.ok(Buffer.compare(content, bytes(100000)) === 0);
  await assert.rejects(openFile(work.read('out.zkv'), { identity: await generateKeyPair() }));
});

test('a file from outside for an identity in a keyring opens in zkv', async (t) => {
  const work = new Workplace(t, KEY);
  work.succeed(['init', '--kdf-memory', '19MiB', '--kdf-passes', '2', '--kdf-lanes', '1'], { env: PASSPHRASE });
  const shown = work.succeed(['identity', 'show'], { env: PASSPHRASE }).text.match(/zkv1[a-z0-9]+/)[0];
  const recipient = decodeIdentity(shown);
  assert.equal(encodeIdentity(recipient), shown);
  work.write('in.zkv', await sealFile(bytes(100000), { recipients: [recipient] }));
  work.succeed(['file', 'decrypt', 'in.zkv', '-o', 'out'], { env: PASSPHRASE });
  assert.ok(Buffer.compare(work.read('out'), bytes(100000)) === 0);
});

test('a file from outside with one flipped bit does not open, and leaves nothing', async (t) => {
  const work = new Workplace(t, KEY);
  const file = await sealFile(bytes(1000), { vaultKeys: [KEY] });
  work.write('whole.zkv', file);
  work.succeed(['file', 'decrypt', 'whole.zkv', '-o', 'whole', '--key-file', work.keyFile]);
  for (const at of [9, 40, file.length - 1100, file.length - 1000, file.length - 1]) {
    const flipped = Uint8Array.from(file);
    flipped[at] ^= 1;
    work.write('flipped.zkv', flipped);
    const { status } = work.run(['file', 'decrypt', 'flipped.zkv', '-o', 'never', '--key-file', work.keyFile]);
    assert.notEqual(status, 0, `byte ${at}`);
    assert.throws(() => work.read('never'), { code: 'ENOENT' }, `byte ${at}`);
  }
});

test('this code opens the published HPKE message', async () => {
  const file = new URL('../vectors/hpke-x25519-sha256-aes256gcm.json', import.meta.url);
  const vector = JSON.parse(fs.readFileSync(file, 'utf8')).find(({ mode }) => mode === 0);
  const publicKey = fromHex(vector.pkRm);
  const jwk = { kty: 'OKP', crv: 'X25519', d: base64url(vector.skRm), x: base64url(vector.pkRm) };
  const privateKey = await crypto.subtle.importKey('jwk', jwk, 'X25519', false, ['deriveBits']);
  const [{ aad, ct, pt }] = vector.encryptions;
  const identity = { privateKey, publicKey };
  const opened = await openBase(identity, fromHex(vector.enc), fromHex(vector.info), fromHex(ct), fromHex(aad));
  assert.equal(toHex(opened), pt);
});

test('this code writes the identity of the specification', () => {
  const basePoint = Uint8Array.of(9, ...new Uint8Array(31));
  assert.equal(encodeIdentity(basePoint), 'zkv1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqkg7gya');
});
