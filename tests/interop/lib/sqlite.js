// The rows of a SQLite database, read from its file by https://www.sqlite.org/fileformat2.html: tables alone, and none that is being
// written. Node has no reader of its own before version 22.

import { fromUtf8 } from './bytes.js';

class Database {
  #bytes;
  #view;
  #pageLen;
  #usable;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (fromUtf8(bytes.slice(0, 16)) !== 'SQLite format 3\0') throw new Error('no database');
    const length = this.#view.getUint16(16);
    this.#pageLen = length === 1 ? 65536 : length;
    this.#usable = this.#pageLen - bytes[20];
  }

  get userVersion() {
    return this.#view.getUint32(60);
  }

  get applicationId() {
    return this.#view.getUint32(68);
  }

  /** The rows of a table, each an array of its columns; the number of the row is in the place of an integer primary key. */
  table(name) {
    const schema = [...this.#rows(1)].map(({ values }) => values);
    const found = schema.find(([type, called]) => type === 'table' && called === name);
    if (!found) throw new Error(`no table ${name}`);
    return [...this.#rows(found[3])].map(({ row, values }) => values.map((value) => (value === null ? row : value)));
  }

  #varint(at) {
    let value = 0n;
    for (let length = 1; ; length += 1) {
      const byte = this.#bytes[at + length - 1];
      if (length === 9) return [Number((value << 8n) | BigInt(byte)), length];
      value = (value << 7n) | BigInt(byte & 127);
      if (byte < 128) return [Number(value), length];
    }
  }

  *#rows(page) {
    const start = (page - 1) * this.#pageLen;
    const header = page === 1 ? start + 100 : start;
    const [kind, cells] = [this.#bytes[header], this.#view.getUint16(header + 3)];
    const pointers = header + (kind === 5 ? 12 : 8);
    for (let number = 0; number < cells; number += 1) {
      const cell = start + this.#view.getUint16(pointers + 2 * number);
      if (kind === 13) yield this.#row(cell);
      else if (kind === 5) yield* this.#rows(this.#view.getUint32(cell));
      else throw new Error('no page of a table');
    }
    if (kind === 5) yield* this.#rows(this.#view.getUint32(header + 8));
  }

  #row(cell) {
    const [length, first] = this.#varint(cell);
    const [row, second] = this.#varint(cell + first);
    const values = columns(this.#payload(cell + first + second, length));
    return { row, values };
  }

  /** What does not fit is in a chain of pages. */
  #payload(at, length) {
    const [most, least] = [this.#usable - 35, Math.floor(((this.#usable - 12) * 32) / 255) - 23];
    const fitting = least + ((length - least) % (this.#usable - 4));
    const local = length <= most ? length : fitting <= most ? fitting : least;
    const parts = [this.#bytes.slice(at, at + local)];
    let next = length > local ? this.#view.getUint32(at + local) : 0;
    for (let left = length - local; left > 0; ) {
      const start = (next - 1) * this.#pageLen;
      const here = Math.min(left, this.#usable - 4);
      parts.push(this.#bytes.slice(start + 4, start + 4 + here));
      left -= here;
      next = this.#view.getUint32(start);
    }
    return new Uint8Array(Buffer.concat(parts));
  }
}

/** The columns of a row: nulls, whole numbers, texts and blobs. */
function columns(payload) {
  const varint = (at) => {
    const length = payload.slice(at).findIndex((byte) => byte < 128) + 1;
    return [payload.slice(at, at + length).reduce((value, byte) => value * 128 + (byte & 127), 0), length];
  };
  let [headerLen, at] = varint(0);
  const types = [];
  while (at < headerLen) {
    const [type, length] = varint(at);
    types.push(type);
    at += length;
  }
  return types.map((type) => {
    if (type === 0) return null;
    if (type === 8 || type === 9) return type - 8;
    const length = type >= 12 ? Math.floor((type - 12) / 2) : [0, 1, 2, 3, 4, 6, 8][type];
    const bytes = payload.slice(at, at + length);
    at += length;
    if (type >= 12) return type % 2 === 0 ? bytes : fromUtf8(bytes);
    if (type > 6) throw new Error('no whole number');
    const big = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, big));
  });
}

export const readDatabase = (bytes) => new Database(bytes);
