// Naming, sealing and opening blocks: by WebCrypto, which has the processor's own AES, under keys that the module derives. The
// format is that of docs/spec/file.md: a header, and chunks of 16 KiB, of which the last is shorter.

import { ZkvError } from "./error.js";
import { vaults } from "./module.js";

const CHUNK = 16_384;
const TAG = 16;
const HEADER = 56;
const KEY = 32;
const NONCE = 12;
/** Chunks that are with WebCrypto at a time: it works on them in threads of its own. */
const PARALLEL = 64;

/** WebCrypto, where there is one: pages that came over plain http have none. */
const subtle = () => globalThis.crypto?.subtle;

const chunksOf = (length) => Math.floor(length / CHUNK) + 1;

/** Bytes of a block of so many bytes of content. */
export const sealedLength = (length) => HEADER + length + chunksOf(length) * TAG;

/** The identifier of a block's part, which tells its content from every other: by an HMAC under a key of the file and the block. */
export async function blockId(sealing, index, content) {
  if (!subtle()) return vaults.call(() => sealing.blockIdOf(index, content));
  const secret = vaults.call(() => sealing.markKey(BigInt(index)));
  const importing = subtle().importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  secret.fill(0);
  const mac = new Uint8Array(await subtle().sign("HMAC", await importing, content));
  return vaults.call(() => sealing.blockId(index, mac));
}

export async function sealBlock(sealing, index, last, content) {
  if (!subtle()) return vaults.call(() => sealing.sealBlock(BigInt(index), last, content));
  const secret = vaults.call(() => sealing.blockKey(BigInt(index), last, BigInt(content.length)));
  const chunks = chunksOf(content.length);
  const sealed = new Uint8Array(sealedLength(content.length));
  sealed.set(secret.subarray(KEY + NONCE));
  const cipher = await imported(secret, "encrypt");
  await eachOf(chunks, async (chunk) => {
    const plain = content.subarray(chunk * CHUNK, (chunk + 1) * CHUNK);
    sealed.set(new Uint8Array(await cipher(chunk, plain)), HEADER + chunk * (CHUNK + TAG));
  });
  return sealed;
}

export async function openBlock(opening, index, sealed) {
  if (!subtle()) return vaults.call(() => opening.openBlock(BigInt(index), sealed));
  const secret = vaults.call(() => opening.blockKey(BigInt(index), sealed.subarray(0, HEADER)));
  const chunks = Math.ceil((sealed.length - HEADER) / (CHUNK + TAG));
  const content = new Uint8Array(sealed.length - HEADER - chunks * TAG);
  const cipher = await imported(secret, "decrypt");
  try {
    await eachOf(chunks, async (chunk) => {
      const start = HEADER + chunk * (CHUNK + TAG);
      content.set(new Uint8Array(await cipher(chunk, sealed.subarray(start, start + CHUNK + TAG))), chunk * CHUNK);
    });
  } catch {
    content.fill(0);
    throw new ZkvError("decrypt", "it belongs to another file or place, or was changed");
  }
  return content;
}

/** What seals or opens chunk after chunk. The bytes of the key are wiped: WebCrypto has its own copy. */
async function imported(secret, direction) {
  const nonce = secret.slice(KEY, KEY + NONCE);
  const importing = subtle().importKey("raw", secret.subarray(0, KEY), "AES-GCM", false, [direction]);
  secret.fill(0);
  const key = await importing;
  return (chunk, bytes) => {
    const iv = nonce.slice();
    const counter = new DataView(iv.buffer, NONCE - 4);
    counter.setUint32(0, counter.getUint32(0) ^ chunk);
    return subtle()[direction]({ name: "AES-GCM", iv }, key, bytes);
  };
}

/** Does the work of every number below `count`, `parallel` of them at a time. */
export async function eachOf(count, work, parallel = PARALLEL) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
}
