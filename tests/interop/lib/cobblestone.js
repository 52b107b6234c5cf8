// Cobblestone-256, written from c2sp.org/chunked-encryption with nothing but WebCrypto.

import { concat, equal, utf8 } from './bytes.js';

const { subtle } = globalThis.crypto;

export const SALT_LEN = 24;
export const COMMITMENT_LEN = 32;
export const CHUNK_LEN = 16384;
const TAG_LEN = 16;
const INFO = concat(utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM'), Uint8Array.of(0));

async function hmacSha512(key, ...parts) {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, concat(...parts)));
}

/** HKDF-Expand (RFC 5869 §2.3): 76 bytes need two blocks. WebCrypto's HKDF would extract first. */
export async function derive(inputKey, salt, context) {
  const first = await hmacSha512(inputKey, INFO, salt, context, Uint8Array.of(1));
  const second = await hmacSha512(inputKey, first, INFO, salt, context, Uint8Array.of(2));
  const output = concat(first, second);
  const key = await subtle.importKey('raw', output.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { key, nonce: output.slice(32, 44), commitment: output.slice(44, 76) };
}

function chunkParams(baseNonce, index) {
  const iv = Uint8Array.from(baseNonce);
  const view = new DataView(iv.buffer);
  view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(index));
  return { name: 'AES-GCM', iv, tagLength: 128 };
}

/** Seals; a salt is given only where a vector must come out the same every time. */
export async function seal(inputKey, context, plaintext, salt = crypto.getRandomValues(new Uint8Array(SALT_LEN))) {
  const { key, nonce, commitment } = await derive(inputKey, salt, context);
  const parts = [salt, commitment];
  const chunks = Math.floor(plaintext.length / CHUNK_LEN) + 1;
  for (let index = 0; index < chunks; index += 1) {
    const chunk = plaintext.slice(index * CHUNK_LEN, (index + 1) * CHUNK_LEN);
    parts.push(new Uint8Array(await subtle.encrypt(chunkParams(nonce, index), key, chunk)));
  }
  return concat(...parts);
}

export async function open(inputKey, context, message) {
  const bodyStart = SALT_LEN + COMMITMENT_LEN;
  if (message.length < bodyStart + TAG_LEN) throw new Error('message too short');
  const { key, nonce, commitment } = await derive(inputKey, message.slice(0, SALT_LEN), context);
  if (!equal(commitment, message.slice(SALT_LEN, bodyStart))) throw new Error('wrong commitment');
  const body = message.slice(bodyStart);
  const sealedChunk = CHUNK_LEN + TAG_LEN;
  const parts = [];
  for (let index = 0; ; index += 1) {
    const chunk = body.slice(index * sealedChunk, (index + 1) * sealedChunk);
    if (chunk.length < TAG_LEN) throw new Error('no last chunk');
    parts.push(new Uint8Array(await subtle.decrypt(chunkParams(nonce, index), key, chunk)));
    if (chunk.length < sealedChunk) return concat(...parts);
  }
}
