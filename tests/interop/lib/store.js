// Local stores, written from docs/spec/store.md.

import { subkey } from './backup.js';
import { context, fromUtf8, toBase64 } from './bytes.js';
import { open } from './cobblestone.js';
import { readDatabase } from './sqlite.js';

const APPLICATION = 0x7a6b7673;
const PARTS = { head: 1, index: 2, histories: 3, users: 4, groups: 5, details: 6, choices: 7 };
const STANDINGS = ['ok', 'new', 'new', 'new', 'metadata-changed', 'missing', 'rolled-back', 'tampered', 'gone', 'value-replaced'];

const recordContext = (kind, number, revision) => context('zkvault.store.record.v1', kind, number, revision);

/** Reads numbers and texts one after the other. */
class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get isDone() {
    return this.#at === this.#bytes.length;
  }

  get at() {
    return this.#at;
  }

  take(length) {
    if (this.#at + length > this.#bytes.length) throw new Error('it ends in the middle');
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  byte() {
    return this.take(1)[0];
  }

  number() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
    throw new Error('a number of more than 64 bits');
  }

  text() {
    return fromUtf8(this.take(this.number()));
  }
}

/** Everything that a store holds, opened with a personal key. */
export async function openStore(bytes, personal) {
  const database = readDatabase(bytes);
  if (database.applicationId !== APPLICATION || database.userVersion !== 5) throw new Error('no store of version 5');
  const [[id]] = database.table('store');
  const wraps = database.table('store_key');
  if (wraps.length !== 1 || wraps[0][0].length !== 0) throw new Error('not one personal wrap alone');
  const wrapping = subkey(personal, 'zkvault.personal.store.v1', id);
  const key = await open(wrapping, context('zkvault.store.key.v1', id), wraps[0][1]);
  const parts = new Map(database.table('part'));
  const records = new Map(database.table('record'));

  const part = async (kind, revision) => open(key, recordContext(kind, 0, revision), parts.get(PARTS[kind]));
  const head = JSON.parse(fromUtf8(await part('head', 0)));
  const revisions = head.parts;
  const list = async (kind) => (revisions[kind] === 0 ? null : JSON.parse(fromUtf8(await part(kind, revisions[kind]))));
  const record = async (kind, site, { row, revision }) => fromUtf8(await open(key, recordContext(kind, site, revision), records.get(row)));
  const sites = readIndex(await part('index', revisions.index));
  readDetails(await part('details', revisions.details), sites);
  readHistories(await part('histories', revisions.histories), sites);
  for (const site of sites) {
    for (const kind of ['trusted', 'candidate']) if (site[kind]) site[kind] = JSON.parse(await record('site', site.id, site[kind]));
    if (site.findings) site.findings = JSON.parse(await record('findings', site.id, site.findings));
  }
  return { id, head, sites, users: await list('users'), groups: await list('groups'), wraps, key, records };
}

/** Sites of a block, of which the directory says where it begins. */
const BLOCK = 128;

const u32 = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
const u64 = (bytes) => Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
const times = (count, next) => Array.from({ length: count }, next);

function readIndex(bytes) {
  const reader = new Reader(bytes);
  if (reader.byte() !== 2) throw new Error('another index');
  if (reader.byte() !== 1) throw new Error('names that are folded in another way');
  reader.take(3);
  const count = u32(reader.take(4));
  const blocks = times(Math.ceil(count / BLOCK), () => ({ id: u64(reader.take(8)), offset: u32(reader.take(4)) }));
  const order = times(count, () => u32(reader.take(4)));
  const [sites, body] = [[], reader.at];
  for (let id = -1; sites.length < count; ) {
    const begins = sites.length % BLOCK === 0 ? blocks[sites.length / BLOCK] : undefined;
    if (begins && (begins.id <= id || begins.offset !== reader.at - body)) throw new Error('a block begins elsewhere');
    const more = reader.number();
    if ((more === 0) !== (begins !== undefined)) throw new Error('an id twice');
    id = (begins?.id ?? id) + more;
    const [standing, flags] = [STANDINGS[reader.byte()], reader.byte()];
    if (standing === undefined || flags > 15) throw new Error('no standing, or no flags');
    const place = (flag) => (flags & flag ? { row: reader.number(), revision: reader.number() } : undefined);
    const [trusted, candidate, findings] = [place(1), place(2), place(4)];
    sites.push({ id, standing, trusted, candidate, findings, name: flags & 8 ? reader.text() : undefined });
  }
  if (!reader.isDone) throw new Error('bytes behind the last site');
  checkOrder(sites, order);
  return sites;
}

/** Names are compared by the bytes of their folded texts. */
function checkOrder(sites, order) {
  const folded = (place) => Buffer.from((sites[place].name ?? '').normalize('NFC').toLowerCase().normalize('NFC'));
  if (new Set(order).size !== sites.length) throw new Error('a site twice in the order');
  order.slice(1).forEach((place, before) => {
    const difference = Buffer.compare(folded(order[before]), folded(place));
    if (difference > 0 || (difference === 0 && order[before] > place)) throw new Error('not the order of the names');
  });
}

function readDetails(bytes, sites) {
  const reader = new Reader(bytes);
  if (reader.byte() !== 2) throw new Error('other details');
  const offsets = times(Math.ceil(sites.length / BLOCK), () => u32(reader.take(4)));
  const body = reader.at;
  sites.forEach((site, place) => {
    if (place % BLOCK === 0 && offsets[place / BLOCK] !== reader.at - body) throw new Error('a block begins elsewhere');
    const flags = reader.byte();
    if (flags > 15 || (flags & 10) === 10) throw new Error('two origins');
    if (flags & 1) site.updated = reader.number();
    if (flags & 2) site.origin = reader.text();
    if (flags & 4) site.url = reader.text();
    if (flags & 8) site.origin = fromUtf8(new TextEncoder().encode(site.url).slice(0, reader.number()));
  });
  if (!reader.isDone) throw new Error('details of more sites');
}

/** The checks of each trusted copy's inputs: fingerprints in base64, or what else is known of a value. */
function readHistories(bytes, sites) {
  const reader = new Reader(bytes);
  if (reader.byte() !== 2) throw new Error('other histories');
  for (const site of sites.filter(({ trusted }) => trusted)) {
    const history = new Reader(reader.take(reader.number()));
    const flags = history.byte();
    if (flags > 3) throw new Error('unknown flags');
    site.followed = (flags & 2) !== 0;
    site.history = history;
  }
  if (!reader.isDone) throw new Error('histories of more sites');
}

/** The next check of a history. */
export function checkOf(history) {
  const kind = history.byte();
  if (kind === 2 || kind === 4) return toBase64(history.take(16));
  return ['none', 'unknown', undefined, 'failed'][kind];
}
