// Values in any layout that a file describes (docs/spec/vendor-layouts.md), by WebCrypto and, for CCM and OCB2, sjcl.

import { createHash } from 'node:crypto';
import sjcl from './sjcl.cjs';
import { concat, equal, fromBase64, fromUtf8, toBase64, toHex, u32be, utf8 } from './bytes.js';
import { bitsToBytes, bytesToBits } from './value.js';

const { subtle } = globalThis.crypto;
const HASHES = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' };
const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
const digest = async (hash, bytes) => new Uint8Array(await subtle.digest(HASHES[hash], bytes));

/** The cipher's key and the second half. */
async function formOf(layout, key) {
  const halves = (bytes) => [bytes.slice(0, bytes.length / 2), bytes.slice(bytes.length / 2)];
  switch (layout.key) {
    case 'raw': return [key, key];
    case 'hex-text': return halves(utf8(toHex(key)));
    case 'sha256': return [await digest('sha256', key), await digest('sha256', key)];
    case 'sha512-halves': return halves(await digest('sha512', key));
    case 'first16': return halves(key);
    default: throw new Error(`key form ${layout.key}`);
  }
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return u32be((crc ^ 0xffffffff) >>> 0);
}

async function checkOf(layout, key, number) {
  if (layout.check === 'number') return number;
  const { hash, end } = layout.check.key;
  if (hash === 'crc32') return crc32(key);
  const aesZero = () => bitsToBytes(new sjcl.cipher.aes(bytesToBits(key)).encrypt([0, 0, 0, 0]));
  const whole = hash === 'aes-zero' ? aesZero() : await digest(hash, key);
  return end === 'first' ? whole.slice(0, 4) : whole.slice(-4);
}

function pad(padding, text) {
  const fill = (bytes) => concat(bytes, new Uint8Array((16 - (bytes.length % 16)) % 16));
  const missing = 16 - (text.length % 16);
  switch (padding) {
    case 'none': return text;
    case 'pkcs7': return concat(text, new Uint8Array(missing).fill(missing));
    case 'zero': return fill(text);
    case 'iso7816': return fill(concat(text, Uint8Array.of(0x80)));
    case 'length-prefixed': return fill(concat(u32be(text.length), text));
    default: throw new Error(`padding ${padding}`);
  }
}

function unpad(padding, padded) {
  const trimmed = () => padded.slice(0, padded.findLastIndex((byte) => byte !== 0) + 1);
  switch (padding) {
    case 'none': return padded;
    case 'pkcs7': return padded.slice(0, padded.length - padded.at(-1));
    case 'zero': return trimmed();
    case 'iso7816': return trimmed().slice(0, -1);
    case 'length-prefixed': return padded.slice(4, 4 + new DataView(padded.buffer, padded.byteOffset).getUint32(0));
    default: throw new Error(`padding ${padding}`);
  }
}

function encode(encoding, text) {
  switch (encoding) {
    case 'utf8': return utf8(text);
    case 'utf16-le': return new Uint8Array(Buffer.from(text, 'utf16le'));
    case 'base64': return utf8(toBase64(utf8(text)));
    default: throw new Error(`encoding ${encoding}`);
  }
}

function decode(encoding, bytes) {
  switch (encoding) {
    case 'utf8': return fromUtf8(bytes);
    case 'utf16-le': return Buffer.from(bytes).toString('utf16le');
    case 'base64': return fromUtf8(fromBase64(fromUtf8(bytes)));
    default: throw new Error(`encoding ${encoding}`);
  }
}

async function webCrypto(operation, parameters, key, data) {
  const imported = await subtle.importKey('raw', key, parameters.name, false, [operation]);
  return new Uint8Array(await subtle[operation](parameters, imported, data));
}

/** WebCrypto's CBC always pads; a block that is nothing but padding is taken off, or put on, here. */
async function cbc(operation, key, iv, data) {
  if (operation === 'encrypt') return (await webCrypto('encrypt', { name: 'AES-CBC', iv }, key, data)).slice(0, -16);
  const last = data.slice(-16);
  const padding = await webCrypto('encrypt', { name: 'AES-CBC', iv: last }, key, new Uint8Array());
  return webCrypto('decrypt', { name: 'AES-CBC', iv }, key, concat(data, padding));
}

function sjclMode(mode, operation, key, iv, data, aad, tagLen) {
  const cipher = new sjcl.cipher.aes(bytesToBits(key));
  return bitsToBytes(sjcl.mode[mode][operation](cipher, bytesToBits(data), bytesToBits(iv), bytesToBits(aad), tagLen * 8));
}

/** Ciphertext and tag together for an AEAD; the ciphertext alone for the others. */
function run(operation, layout, key, iv, data, aad) {
  switch (layout.cipher.slice(8)) {
    case 'gcm':
      return webCrypto(operation, { name: 'AES-GCM', iv, additionalData: aad, tagLength: layout.tag * 8 }, key, data);
    case 'cbc': return cbc(operation, key, iv, data);
    case 'ctr': return webCrypto(operation, { name: 'AES-CTR', counter: iv, length: 128 }, key, data);
    case 'ccm': return sjclMode('ccm', operation, key, iv, data, aad, layout.tag);
    case 'ocb2': return sjclMode('ocb2', operation, key, iv, data, aad, layout.tag);
    default: throw new Error(`cipher ${layout.cipher}`);
  }
}

async function macOf(layout, [cipherKey, second], header, iv, text) {
  const { hash, key, covers } = layout.mac;
  const covered = { ciphertext: [text], 'iv-ciphertext': [iv, text], 'header-iv-ciphertext': [header, iv, text] };
  const algorithm = { name: 'HMAC', hash: HASHES[hash] };
  const imported = await subtle.importKey('raw', key === 'cipher' ? cipherKey : second, algorithm, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, concat(...covered[covers]))).slice(0, layout.tag);
}

const aadOf = (layout, header) => header.slice(0, { none: 0, version: 1, header: 5 }[layout.aad]);

/** The parts in their order, as names. */
const ORDERS = {
  'iv-ciphertext-tag': ['iv', 'text', 'tag'],
  'iv-tag-ciphertext': ['iv', 'tag', 'text'],
  'tag-iv-ciphertext': ['tag', 'iv', 'text'],
  'ciphertext-iv-tag': ['text', 'iv', 'tag'],
};

export async function sealIn(layout, key, number, text) {
  const form = await formOf(layout, key);
  const header = concat(Uint8Array.of(1), await checkOf(layout, form[0], number));
  const iv = randomBytes(layout.iv);
  const padded = pad(layout.padding, encode(layout.text, text));
  const sealed = await run('encrypt', layout, form[0], iv, padded, aadOf(layout, header));
  const cut = layout.mac ? sealed.length : sealed.length - layout.tag;
  const parts = { iv, text: sealed.slice(0, cut), tag: sealed.slice(cut) };
  if (layout.mac) parts.tag = await macOf(layout, form, header, iv, parts.text);
  return toBase64(concat(header, ...ORDERS[layout.order].map((name) => parts[name])));
}

export async function openIn(layout, key, value) {
  const form = await formOf(layout, key);
  const bytes = fromBase64(value);
  const header = bytes.slice(0, 5);
  const check = await checkOf(layout, form[0], header.slice(1));
  if (header[0] !== 1 || !equal(check, header.slice(1))) throw new Error('wrong version or check value');
  const lengths = { iv: layout.iv, tag: layout.tag, text: bytes.length - 5 - layout.iv - layout.tag };
  const parts = {};
  let at = 5;
  for (const name of ORDERS[layout.order]) {
    parts[name] = bytes.slice(at, at + lengths[name]);
    at += lengths[name];
  }
  let sealed = concat(parts.text, parts.tag);
  if (layout.mac) {
    const mac = await macOf(layout, form, header, parts.iv, parts.text);
    if (!equal(mac, parts.tag)) throw new Error('wrong MAC');
    sealed = parts.text;
  }
  const padded = await run('decrypt', layout, form[0], parts.iv, sealed, aadOf(layout, header));
  return decode(layout.text, unpad(layout.padding, padded));
}

const MEMBERS = ['name', 'check', 'order', 'iv', 'cipher', 'tag', 'mac', 'aad', 'padding', 'text', 'keys', 'key'];

/** What identifies a layout: over its description with every member, in the order of the specification. */
export function layoutDigest(layout) {
  const canonical = Object.fromEntries(MEMBERS.filter((name) => name in layout).map((name) => [name, layout[name]]));
  const json = utf8(JSON.stringify(canonical));
  return new Uint8Array(createHash('sha256').update(concat(utf8('zkvault.vendor-layout.v1'), Uint8Array.of(0), json)).digest());
}

/** Whether something authenticates its values. */
export function trustOf({ cipher, tag, mac }) {
  const aead = cipher.endsWith('-gcm') ? tag >= 12 : cipher.endsWith('-ccm') && tag >= 8;
  const withMac = mac !== undefined && tag >= 8 && mac.covers !== 'ciphertext';
  return aead || withMac ? 'authenticated' : 'unauthenticated';
}
