// A zip file whose bytes depend on its files alone: names in order, no times, no owners. PKWARE's APPNOTE 6.3, without what large
// archives need.

import zlib from "node:zlib";

/** 1 January 1980, 0:00, as DOS writes it: the earliest. */
const [TIME, DATE] = [0, (1 << 5) | 1];
/** Names in UTF-8. */
const FLAGS = 0x0800;
const DEFLATED = 8;
const VERSION = 20;

const number = (value, length) => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes;
};

/** What the local and the central header of a file share. */
function description({ name, content }, packed) {
  const [two, four] = [(value) => number(value, 2), (value) => number(value, 4)];
  const sizes = [four(zlib.crc32(content)), four(packed.length), four(content.length)];
  return Buffer.concat([two(VERSION), two(FLAGS), two(DEFLATED), two(TIME), two(DATE), ...sizes, two(Buffer.byteLength(name)), two(0)]);
}

/**
 * @param {{ name: string, content: Buffer }[]} files
 * @returns {Buffer}
 */
export function zip(files) {
  const [bodies, directory] = [[], []];
  let offset = 0;
  for (const file of files.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const packed = zlib.deflateRawSync(file.content, { level: 9 });
    const [about, name] = [description(file, packed), Buffer.from(file.name)];
    const body = Buffer.concat([Buffer.from("PK\x03\x04"), about, name, packed]);
    // No comment, disk 0, no attributes.
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02"), number(VERSION, 2), about, Buffer.alloc(10), number(offset, 4), name]));
    bodies.push(body);
    offset += body.length;
  }
  const central = Buffer.concat(directory);
  const [count, size] = [number(files.length, 2), number(central.length, 4)];
  const end = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(4), count, count, size, number(offset, 4), number(0, 2)]);
  return Buffer.concat([...bodies, central, end]);
}
