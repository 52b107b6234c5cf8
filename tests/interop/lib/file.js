// Encrypted files: a prelude that names who can open them, and blocks (docs/spec/file.md).

import { concat, context, equal, fromBase64, fromUtf8, toBase64, toHex, u32be, utf8 } from './bytes.js';
import * as cobblestone from './cobblestone.js';
import * as hpke from './hpke.js';
import { keyId } from './value.js';

const MAGIC = concat(utf8('ZKVAULT'), Uint8Array.of(1));
const SEALED_CHUNK = cobblestone.CHUNK_LEN + 16;
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const blockContext = (digest, index, last) => context('zkvault.file.block.v1', digest, index, last ? 1 : 0);
const keyContext = (fileId) => context('zkvault.file.key.v1', fileId);
const recipientContext = (fileId) => context('zkvault.file.recipient.v1', fileId);
const metaContext = (fileId) => context('zkvault.file.meta.v1', fileId);

/** Bytes of a block whose plaintext is a whole number of chunks: such a message ends with an empty chunk. */
const sealedBlockLen = (blockSize) => 24 + 32 + (blockSize / cobblestone.CHUNK_LEN) * SEALED_CHUNK + 16;

async function wrap(fileKey, fileId, { chain, vaultKeys, recipients }) {
  const forChain = async (key) => ({ type: 'chain', sealed: toBase64(await cobblestone.seal(key, keyContext(fileId), fileKey)) });
  const forKey = async (key) => ({
    type: 'vault-key',
    key_id: toHex(await keyId(key)),
    sealed: toBase64(await cobblestone.seal(key, keyContext(fileId), fileKey)),
  });
  const forRecipient = async (recipient) => {
    const { encapped, sealed } = await hpke.sealBase(recipient, recipientContext(fileId), fileKey);
    return { type: 'recipient', encapped: toBase64(encapped), sealed: toBase64(sealed) };
  };
  return Promise.all([...(chain ? [forChain(chain)] : []), ...vaultKeys.map(forKey), ...recipients.map(forRecipient)]);
}

export async function sealFile(plaintext, { chain, vaultKeys = [], recipients = [], meta = {}, blockSize = 1 << 16 }) {
  const fileKey = crypto.getRandomValues(new Uint8Array(32));
  const fileId = crypto.getRandomValues(new Uint8Array(16));
  const header = utf8(JSON.stringify({
    file_id: toBase64(fileId),
    block_size: blockSize,
    created: Math.floor(Date.now() / 1000),
    keys: await wrap(fileKey, fileId, { chain, vaultKeys, recipients }),
    meta: toBase64(await cobblestone.seal(fileKey, metaContext(fileId), utf8(JSON.stringify(meta)))),
  }));
  const prelude = concat(MAGIC, u32be(header.length), header);
  const digest = await sha256(prelude);
  const blocks = Math.max(1, Math.ceil(plaintext.length / blockSize));
  const parts = [prelude];
  for (let index = 0; index < blocks; index += 1) {
    const block = plaintext.slice(index * blockSize, (index + 1) * blockSize);
    parts.push(await cobblestone.seal(fileKey, blockContext(digest, index, index === blocks - 1), block));
  }
  return concat(...parts);
}

async function unwrap(header, fileId, { chain, vaultKey, identity }) {
  if (chain && header.keys[0].type === 'chain') return cobblestone.open(chain, keyContext(fileId), fromBase64(header.keys[0].sealed));
  for (const entry of header.keys) {
    const sealed = fromBase64(entry.sealed);
    if (entry.type === 'vault-key' && vaultKey && entry.key_id === toHex(await keyId(vaultKey))) {
      return cobblestone.open(vaultKey, keyContext(fileId), sealed);
    }
    if (entry.type === 'recipient' && identity) {
      const info = recipientContext(fileId);
      const opened = await hpke.openBase(identity, fromBase64(entry.encapped), info, sealed).catch(() => undefined);
      if (opened) return opened;
    }
  }
  throw new Error('no key opens this file');
}

/** Content, description and block size; with `chain`, with `vaultKey`, or with `identity`, a key pair. */
export async function openFile(file, keys) {
  if (!equal(file.slice(0, 8), MAGIC)) throw new Error('not an encrypted file');
  const headerEnd = 12 + new DataView(file.buffer, file.byteOffset).getUint32(8);
  const prelude = file.slice(0, headerEnd);
  const header = JSON.parse(fromUtf8(prelude.slice(12)));
  const members = ['file_id', 'block_size', 'created', 'keys', 'meta'];
  if (!equal(utf8(Object.keys(header).join()), utf8(members.join()))) throw new Error('other members in the header');
  const fileId = fromBase64(header.file_id);
  const fileKey = await unwrap(header, fileId, keys);
  const meta = JSON.parse(fromUtf8(await cobblestone.open(fileKey, metaContext(fileId), fromBase64(header.meta))));

  const digest = await sha256(prelude);
  const step = sealedBlockLen(header.block_size);
  const blocks = Math.max(1, Math.ceil((file.length - headerEnd) / step));
  const parts = [];
  for (let index = 0; index < blocks; index += 1) {
    const block = file.slice(headerEnd + index * step, headerEnd + (index + 1) * step);
    parts.push(await cobblestone.open(fileKey, blockContext(digest, index, index === blocks - 1), block));
  }
  const content = concat(...parts);
  if (meta.size !== undefined && meta.size !== content.length) throw new Error('not the size it states');
  return { content, meta, blockSize: header.block_size };
}
