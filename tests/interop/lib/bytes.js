// Bytes, and the two encodings of docs/spec/conventions.md: contexts and canonical base64.

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);
export const fromUtf8 = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
export const toHex = (bytes) => Buffer.from(bytes).toString('hex');

export function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error(`not hexadecimal: ${text}`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export const toBase64 = (bytes) => Buffer.from(bytes).toString('base64');

/** Node's own decoder forgives almost everything; only the text that the bytes encode to is accepted here. */
export function fromBase64(text) {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  if (toBase64(bytes) !== text) throw new Error('not canonical base64');
  return bytes;
}

export function concat(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}

export function equal(left, right) {
  return Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0;
}

export function u32be(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export function u64be(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

/** `label || 0x00 || for each field: u32be(length) || bytes`; numbers are 8-byte fields, strings are UTF-8. */
export function context(label, ...fields) {
  const parts = [utf8(label), Uint8Array.of(0)];
  for (const field of fields) {
    const bytes = field instanceof Uint8Array ? field : typeof field === 'string' ? utf8(field) : u64be(field);
    parts.push(u32be(bytes.length), bytes);
  }
  return concat(...parts);
}
