// gzip by the host's own streams: the module carries no compressor.

import { concatenated } from "./bytes.js";
import { ZkvError } from "./error.js";

/** Bytes of a gzip member's last field, the length of its content. */
const LENGTH_FIELD = 4;

export async function compress(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The content of one gzip member that comes in pieces: at most `most` bytes, however much it pretends to be. What is cut
 * off, or followed by something, is refused.
 */
export async function decompress(pieces, most) {
  const { readable, writable } = new DecompressionStream("gzip");
  const fed = feed(pieces, writable.getWriter());
  fed.catch(() => {});
  try {
    const [content, end] = [await collect(readable.getReader(), most), await fed];
    // Some hosts read on after the member. Its last field then is not the length of all that they read.
    const length = new DataView(end.buffer).getUint32(0, true);
    if (content.length !== length) throw new TypeError("something follows the member");
    return content;
  } catch (error) {
    // Why there are no more pieces says more than what that does to the stream.
    const cause = error instanceof ZkvError ? error : await fed.then(() => error, (failure) => failure);
    if (cause instanceof ZkvError) throw cause;
    throw new ZkvError("backup-not-opened", "the content is not gzip, or cut, or something follows it", { cause });
  }
}

/** Writes the pieces, and gives the last bytes of them all. */
async function feed(pieces, writer) {
  let end = new Uint8Array(LENGTH_FIELD);
  try {
    for await (const piece of pieces) {
      end = Uint8Array.from([...end, ...piece.subarray(-LENGTH_FIELD)]).slice(-LENGTH_FIELD);
      await writer.write(piece);
    }
    await writer.close();
    return end;
  } catch (error) {
    writer.abort(error).catch(() => {});
    throw error;
  }
}

async function collect(reader, most) {
  const parts = [];
  for (let length = 0; length <= most; ) {
    const { done, value } = await reader.read();
    if (done) return concatenated(parts);
    length += value.length;
    parts.push(value);
  }
  reader.cancel().catch(() => {});
  throw new ZkvError("too-large", `the content has more than ${most} bytes when it is decompressed`);
}
