// HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message, by WebCrypto.

import { concat, utf8 } from './bytes.js';

const { subtle } = globalThis.crypto;
const KEM_SUITE = Uint8Array.of(...utf8('KEM'), 0x00, 0x20);
const SUITE = Uint8Array.of(...utf8('HPKE'), 0x00, 0x20, 0x00, 0x01, 0x00, 0x02);
const VERSION = utf8('HPKE-v1');
const NONE = new Uint8Array();
const MODE_BASE = 0;

async function hmac(key, ...parts) {
  // WebCrypto takes no empty key; HMAC pads with zeros, so a zero byte is the same key.
  const bytes = key.length === 0 ? Uint8Array.of(0) : key;
  const imported = await subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, concat(...parts)));
}

const extract = (suite, salt, label, secret) => hmac(salt, VERSION, suite, utf8(label), secret);

/** At most one block: nothing here is longer than 32 bytes. */
async function expand(suite, secret, label, info, length) {
  const labeled = concat(Uint8Array.of(0, length), VERSION, suite, utf8(label), info, Uint8Array.of(1));
  return (await hmac(secret, labeled)).slice(0, length);
}

const importPublic = (bytes) => subtle.importKey('raw', bytes, 'X25519', true, []);

export async function generateKeyPair() {
  const { privateKey, publicKey } = await subtle.generateKey('X25519', true, ['deriveBits']);
  return { privateKey, publicKey: new Uint8Array(await subtle.exportKey('raw', publicKey)) };
}

async function messageKey(privateKey, peer, encapped, recipient, info) {
  const bits = await subtle.deriveBits({ name: 'X25519', public: await importPublic(peer) }, privateKey, 256);
  const eae = await extract(KEM_SUITE, NONE, 'eae_prk', new Uint8Array(bits));
  const shared = await expand(KEM_SUITE, eae, 'shared_secret', concat(encapped, recipient), 32);
  const pskId = await extract(SUITE, NONE, 'psk_id_hash', NONE);
  const infoHash = await extract(SUITE, NONE, 'info_hash', info);
  const schedule = concat(Uint8Array.of(MODE_BASE), pskId, infoHash);
  const secret = await extract(SUITE, shared, 'secret', NONE);
  const key = await expand(SUITE, secret, 'key', schedule, 32);
  const iv = await expand(SUITE, secret, 'base_nonce', schedule, 12);
  return { key: await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']), iv };
}

export async function sealBase(recipient, info, plaintext) {
  const ephemeral = await generateKeyPair();
  const { key, iv } = await messageKey(ephemeral.privateKey, recipient, ephemeral.publicKey, recipient, info);
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, plaintext);
  return { encapped: ephemeral.publicKey, sealed: new Uint8Array(sealed) };
}

export async function openBase({ privateKey, publicKey }, encapped, info, sealed, aad = NONE) {
  const { key, iv } = await messageKey(privateKey, encapped, encapped, publicKey, info);
  return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, sealed));
}
