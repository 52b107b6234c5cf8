// Encrypted files that the caller keeps: the same that `zkv file encrypt` writes and `zkv file decrypt` reads.

import * as check from "./arguments.js";
import { openBlock, sealBlock } from "./blocks.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { blocksOf, sizeOf, timeOf } from "./source.js";
import { Transfer } from "./transfer.js";
import { use } from "./vault.js";

/** Bytes in which the start of a file is, by which it is known. */
const START = 2 ** 20;

export async function encryptFile(content, options) {
  const { vault, name, key, modified, onProgress, signal } = check.options(options);
  const size = sizeOf(content);
  const time = check.optionalSeconds(modified, "modified") ?? timeOf(content);
  const shownName = check.optionalText(name, "name") ?? (typeof content.name === "string" ? content.name : undefined);
  const details = [shownName, check.optionalText(key, "key"), size === null ? undefined : BigInt(size), time, check.now()];
  return new Transfer(vault, signal, onProgress, size).during(async (transfer) => {
    const sealing = transfer.hold(vaults, use(vault, (handle) => handle.sealLocalFile(...details)));
    const [front, blockLength] = vaults.call(() => [sealing.front, sealing.blockLen]);
    const parts = [front];
    for await (const { index, last, bytes } of blocksOf(content, blockLength, transfer)) {
      // In a blob of its own, which need not be in memory.
      parts.push(new Blob([await sealBlock(sealing, index, last, bytes)]));
      transfer.check();
      transfer.progress(bytes.length);
    }
    return new Blob(parts);
  });
}

export async function decryptFile(file, options) {
  const { vault, onProgress, signal } = check.options(options);
  const sealed = asBlob(file);
  return new Transfer(vault, signal, onProgress, null).during(async (transfer) => {
    const start = await bytesOf(sealed.slice(0, START));
    const opening = transfer.hold(vaults, use(vault, (handle) => handle.openLocalFile(start, BigInt(sealed.size))));
    const [shown, count, size] = vaults.call(() => [opening.shown, opening.blocks, opening.size]);
    transfer.total = size;
    const parts = [];
    for (let index = 0; index < count; index += 1) {
      const [from, length] = vaults.call(() => opening.span(BigInt(index)));
      const bytes = await openBlock(opening, index, await bytesOf(sealed.slice(from, from + length)));
      transfer.check();
      parts.push(new Blob([bytes]));
      transfer.progress(bytes.length);
    }
    return { ...JSON.parse(shown), content: new Blob(parts) };
  });
}

/** A blob gives any part of itself; a stream would have to be read from its start. */
function asBlob(file) {
  if (sizeOf(file) === null) throw new ZkvError("argument", "the file must be a Blob or a Uint8Array");
  return file instanceof Blob ? file : new Blob([file]);
}

async function bytesOf(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new ZkvError("source-changed", "the file cannot be read, or changed while it was read", { cause });
  }
}
