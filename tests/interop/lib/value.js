// The `value` strings of sites: version 1 in three layouts, version 2 bound to its input (docs/spec/value.md).

import sjcl from './sjcl.cjs';
import { concat, context, equal, fromBase64, fromUtf8, toBase64, toHex, utf8 } from './bytes.js';
import * as cobblestone from './cobblestone.js';

const { subtle } = globalThis.crypto;
const PAD_LEN = 32;
const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** First 4 bytes of SHA-256("zkvault.key-id.v1" || 0x00 || key). */
export async function keyId(key) {
  const digest = await subtle.digest('SHA-256', concat(utf8('zkvault.key-id.v1'), Uint8Array.of(0), key));
  return new Uint8Array(digest).slice(0, 4);
}

export const bytesToBits = (bytes) => sjcl.codec.hex.toBits(toHex(bytes));
export const bitsToBytes = (bits) => new Uint8Array(Buffer.from(sjcl.codec.hex.fromBits(bits), 'hex'));

async function gcm(operation, key, iv, data) {
  const imported = await subtle.importKey('raw', key, 'AES-GCM', false, [operation]);
  return new Uint8Array(await subtle[operation]({ name: 'AES-GCM', iv, tagLength: 128 }, imported, data));
}

/** SJCL's own encrypt, with its default mode and tag; only the JSON wrapping is taken off again. */
function sjclSeal(key, iv, plaintext) {
  const options = { iv: bytesToBits(iv), ks: 256, mode: 'ccm', ts: 64 };
  const json = JSON.parse(sjcl.encrypt(bytesToBits(key), bytesToBits(plaintext), options));
  if (json.mode !== 'ccm' || json.ts !== 64 || json.cipher !== 'aes') throw new Error('sjcl changed its defaults');
  return bitsToBytes(sjcl.codec.base64.toBits(json.ct));
}

function sjclOpen(key, iv, sealed) {
  const wrapped = {
    iv: sjcl.codec.base64.fromBits(bytesToBits(iv)),
    v: 1,
    iter: 10000,
    ks: 256,
    ts: 64,
    mode: 'ccm',
    adata: '',
    cipher: 'aes',
    ct: toBase64(sealed),
  };
  // Unpadded form, as sjcl.json writes it. `raw` gives bits instead of text.
  const json = JSON.stringify({ ...wrapped, iv: wrapped.iv.replace(/=+$/, ''), ct: wrapped.ct.replace(/=+$/, '') });
  return bitsToBytes(sjcl.decrypt(bytesToBits(key), json, { raw: 1 }));
}

export const VENDOR_LAYOUTS = {
  'vendor-gcm': {
    ivLen: 12,
    seal: (key, iv, plaintext) => gcm('encrypt', key, iv, plaintext),
    open: (key, iv, sealed) => gcm('decrypt', key, iv, sealed),
  },
  'vendor-sjcl-ccm': { ivLen: 16, seal: sjclSeal, open: sjclOpen },
  'vendor-gcm-16': {
    ivLen: 16,
    seal: (key, iv, plaintext) => gcm('encrypt', key, iv, plaintext),
    open: (key, iv, sealed) => gcm('decrypt', key, iv, sealed),
  },
};

export async function sealVendorBytes(layout, key, id, plaintext, iv) {
  const { ivLen, seal } = VENDOR_LAYOUTS[layout];
  const nonce = iv ?? randomBytes(ivLen);
  if (nonce.length !== ivLen) throw new Error(`${layout} takes an iv of ${ivLen} bytes`);
  return concat(Uint8Array.of(1), id, nonce, await seal(key, nonce, plaintext));
}

export async function sealVendor(layout, key, id, text) {
  return toBase64(await sealVendorBytes(layout, key, id, utf8(text)));
}

/** Opens in one named layout: what peers do not need is a table to guess from. */
export async function openVendor(layout, key, value) {
  const bytes = fromBase64(value);
  if (bytes[0] !== 1) throw new Error(`version ${bytes[0]}`);
  const { ivLen, open } = VENDOR_LAYOUTS[layout];
  return fromUtf8(await open(key, bytes.slice(5, 5 + ivLen), bytes.slice(5 + ivLen)));
}

export function pad(plaintext) {
  const padded = new Uint8Array((Math.floor(plaintext.length / PAD_LEN) + 1) * PAD_LEN);
  padded.set(plaintext);
  padded[plaintext.length] = 0x80;
  return padded;
}

export function unpad(padded) {
  if (padded.length % PAD_LEN !== 0) throw new Error('not whole blocks of padding');
  const marker = padded.findLastIndex((byte) => byte !== 0);
  if (padded[marker] !== 0x80 || padded.length - marker > PAD_LEN) throw new Error('wrong padding');
  return padded.slice(0, marker);
}

const boundContext = (header, at) => context('zkvault.value.v2', header, at.siteId, at.type, at.name);

/** A version 2 value whose padded plaintext is given as it is: for vectors of wrong padding. */
export async function sealBoundPadded(key, at, padded, salt) {
  const header = concat(Uint8Array.of(2), await keyId(key));
  return concat(header, await cobblestone.seal(key, boundContext(header, at), padded, salt));
}

export async function sealBound(key, at, text) {
  return toBase64(await sealBoundPadded(key, at, pad(utf8(text))));
}

export async function openBound(key, at, value) {
  const bytes = fromBase64(value);
  const header = bytes.slice(0, 5);
  if (header[0] !== 2) throw new Error(`version ${header[0]}`);
  if (!equal(header.slice(1), await keyId(key))) throw new Error('another key id');
  return fromUtf8(unpad(await cobblestone.open(key, boundContext(header, at), bytes.slice(5))));
}
