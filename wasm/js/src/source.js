// What is uploaded, in blocks.

import { ZkvError } from "./error.js";

const isBytes = (content) => Object.prototype.toString.call(content) === "[object Uint8Array]";
const isBlob = (content) => typeof Blob === "function" && content instanceof Blob;

/** Bytes of content; null of a stream. */
export function sizeOf(content) {
  if (isBytes(content)) return content.length;
  if (isBlob(content)) return content.size;
  if (typeof content?.getReader === "function") return null;
  throw new ZkvError("argument", "the content must be a Blob, a ReadableStream or a Uint8Array");
}

/** When a file was last changed, in seconds since 1970. */
export function timeOf(content) {
  return typeof content.lastModified === "number" ? BigInt(Math.floor(content.lastModified / 1000)) : undefined;
}

/** The content in blocks of `length` bytes, the last of them shorter. One of a stream is held back until it is known which is the last. */
export async function* blocksOf(content, length, transfer) {
  const size = sizeOf(content);
  if (size === null) return yield* blocksOfStream(content.getReader(), length, transfer);
  const count = Math.max(1, Math.ceil(size / length));
  for (let index = 0; index < count; index += 1) {
    const part = isBytes(content) ? content.subarray(index * length, (index + 1) * length) : await read(content.slice(index * length, (index + 1) * length));
    transfer.check();
    yield { index, last: index === count - 1, bytes: part };
  }
}

async function read(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new ZkvError("source-changed", "the file cannot be read, or changed while it was read", { cause });
  }
}

async function* blocksOfStream(reader, length, transfer) {
  try {
    let [index, block, filled] = [0, new Uint8Array(length), 0];
    for (;;) {
      const { done, value } = await transfer.unlessStopped(reader.read());
      if (done) return yield { index, last: true, bytes: block.subarray(0, filled) };
      if (!isBytes(value)) throw new ZkvError("argument", "the stream must give Uint8Array");
      for (let at = 0; at < value.length; ) {
        if (filled === length) {
          yield { index, last: false, bytes: block };
          [index, block, filled] = [index + 1, new Uint8Array(length), 0];
        }
        const piece = value.subarray(at, at + length - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
