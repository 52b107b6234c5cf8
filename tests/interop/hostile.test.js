// Attacks that need cryptography of their own: named after the rows of docs/threat-model.md.

import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import test from 'node:test';
import { concat, context, toBase64, utf8 } from './lib/bytes.js';
import { generateKeyPair } from './lib/hpke.js';
import { encodeIdentity } from './lib/identity.js';
import { sealBound } from './lib/value.js';
import { Workplace } from './lib/zkv.js';

const AT = { siteId: 7, type: 'password', name: 'pw' };

// --- One ciphertext for two keys -----------------------------------------------------------------------------

const BITS = 128n;
const REDUCTION = 0xe1n << 120n;

/** The product in GF(2¹²⁸) as GHASH has it: the most significant bit is the lowest power. */
function multiply(left, right) {
  let [product, shifted] = [0n, right];
  for (let bit = BITS - 1n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ REDUCTION : shifted >> 1n;
  }
  return product;
}

const ONE = 1n << (BITS - 1n);

function power(base, exponent) {
  let [result, square] = [ONE, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

const inverse = (element) => power(element, (1n << BITS) - 2n);
const toNumber = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const toBlock = (number) => Buffer.from(number.toString(16).padStart(32, '0'), 'hex');

function encryptBlock(key, block) {
  const cipher = createCipheriv('aes-256-ecb', key, null);
  cipher.setAutoPadding(false);
  return cipher.update(block);
}

/** What a tag is made of: GHASH's key, and the block that is added to its result. */
const tagParts = ({ key, nonce }) => [
  toNumber(encryptBlock(key, Buffer.alloc(16))),
  toNumber(encryptBlock(key, concat(nonce, Uint8Array.of(0, 0, 0, 1)))),
];

/** The sum of all terms of GHASH and the added block, for whole blocks and no associated data. */
function tagOf(parts, blocks) {
  const [hashKey, added] = parts;
  const terms = [...blocks, BigInt(blocks.length * 128)];
  return terms.reduce((sum, block) => multiply(sum ^ block, hashKey), 0n) ^ added;
}

/** Whole blocks, of which the first was chosen so that both keys give them the same tag. */
function collide(one, other, count) {
  const blocks = Array.from({ length: count }, () => toNumber(randomBytes(16)));
  blocks[0] = 0n;
  const [first, second] = [tagParts(one), tagParts(other)];
  const difference = tagOf(first, blocks) ^ tagOf(second, blocks);
  const weight = power(first[0], BigInt(count + 1)) ^ power(second[0], BigInt(count + 1));
  blocks[0] = multiply(difference, inverse(weight));
  return concat(...blocks.map(toBlock), toBlock(tagOf(first, blocks)));
}

/** Key, nonce and commitment of a message, as docs/spec/conventions.md derives them. */
function derive(inputKey, salt, bound) {
  const info = concat(utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM'), Uint8Array.of(0), salt, bound);
  const hmac = (...parts) => createHmac('sha512', inputKey).update(concat(...parts)).digest();
  const first = hmac(info, Uint8Array.of(1));
  const output = concat(first, hmac(first, info, Uint8Array.of(2)));
  return { key: output.slice(0, 32), nonce: output.slice(32, 44), commitment: output.slice(44, 76) };
}

function opensAsGcm({ key, nonce }, sealed) {
  const cipher = createDecipheriv('aes-256-gcm', key, nonce);
  cipher.setAuthTag(sealed.slice(-16));
  cipher.update(sealed.slice(0, -16));
  cipher.final();
}

const keyId = (key) => createHash('sha256').update(concat(utf8('zkvault.key-id.v1'), Uint8Array.of(0), key)).digest().subarray(0, 4);

/** Two keys of one identifier, so that both are tried: a birthday among some 80,000. */
function keysOfOneId() {
  const seen = new Map();
  for (;;) {
    const key = new Uint8Array(randomBytes(32));
    const id = keyId(key).toString('hex');
    if (seen.has(id)) return [seen.get(id), key];
    seen.set(id, key);
  }
}

test('z10 a ciphertext with one tag under two keys opens with neither', async (t) => {
  const keys = keysOfOneId();
  const salt = new Uint8Array(randomBytes(24));
  const header = concat(Uint8Array.of(2), keyId(keys[0]));
  const derived = keys.map((key) => derive(key, salt, context('zkvault.value.v2', header, AT.siteId, AT.type, AT.name)));
  const sealed = collide(...derived, 4);
  // AES-GCM takes it under both: this is what has to be prevented.
  derived.forEach((key) => opensAsGcm(key, sealed));

  const work = new Workplace(t, keys[0]);
  const other = work.write('other.key', keys[1]);
  const place = ['--site-id', '7', '--type', 'password', '--name', 'pw'];
  for (const { commitment } of derived) {
    const value = toBase64(concat(header, salt, commitment, sealed));
    for (const files of [[work.keyFile], [other], [work.keyFile, other], [other, work.keyFile]]) {
      const args = ['decrypt', ...place, ...files.flatMap((file) => ['--key-file', file])];
      const { status, text } = work.run(args, { input: value });
      assert.deepEqual([status, text], [10, '']);
    }
  }
  // Keys of one identifier are no hindrance to an honest value.
  for (const key of keys) {
    const args = ['decrypt', ...place, '--key-file', work.keyFile, '--key-file', other];
    assert.equal(work.succeed(args, { input: await sealBound(key, AT, 'honest') }).text, 'honest');
  }
});

// --- Public keys that are none -------------------------------------------------------------------------------

/** All points of small order, and the other spellings of them that 32 bytes allow. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880',
  '4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7',
  'd9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

test('z24 public keys of small order or in a second spelling are refused', async (t) => {
  const work = new Workplace(t, randomBytes(32));
  work.write('in', 'secret');
  const encrypt = (bytes) => work.run(['file', 'encrypt', 'in', '-o', 'out.zkv', '--force', '--recipient', encodeIdentity(bytes)]);
  const { publicKey } = await generateKeyPair();
  assert.equal(encrypt(publicKey).status, 0, 'an honest one is taken');
  const bad = SMALL_ORDER.map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
  // Not reduced: p + 2 and beyond, and any key with the bit that X25519 ignores.
  bad.push(new Uint8Array(Buffer.from(`ef${'ff'.repeat(30)}7f`, 'hex')), new Uint8Array(Buffer.from(`ff${'ff'.repeat(30)}7f`, 'hex')));
  bad.push(Uint8Array.from(publicKey, (byte, at) => (at === 31 ? byte | 0x80 : byte)));
  for (const bytes of bad) {
    const { status, stderr } = encrypt(bytes);
    assert.equal(status, 2, `${Buffer.from(bytes).toString('hex')}: ${stderr}`);
  }
});
