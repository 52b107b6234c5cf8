// The backups in a container, as far as their starts tell: what a vault's keys open of them is a line.

import { eachOf } from "./blocks.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { use } from "./vault.js";
import { Backups, backupStart } from "./vault-bindings.js";

/** Bytes that are asked for first: the start of a backup with a keyring of common size. */
const FIRST_LENGTH = 2 ** 15;
/** Starts that are read at a time. */
const PARALLEL = 8;
/** Bytes of all starts together, each of a few kilobytes, and bytes that are fetched for them. */
const MAX_KEPT = 2 ** 26;
const MAX_FETCHED = 2 ** 29;
/** Refusals of one blob, which say nothing of the others. */
const OF_ONE_BLOB = new Set(["archived", "blob-type", "leased", "rejected", "storage"]);

/** The starts of all backups, those that were stored last first. What is no backup is left out. */
export async function readStarts(transfer, container) {
  const listed = JSON.parse(await transfer.run(() => container.listBackups()));
  const [starts, kept, fetched] = [[], new Allowance(MAX_KEPT), new Allowance(MAX_FETCHED)];
  await eachOf(listed.length, async (number) => {
    const [blob, size, stored] = listed[number];
    const found = size > 0 ? await readStart(transfer, container, blob, fetched) : undefined;
    if (!found) return;
    kept.take(found.start.length);
    starts.push({ ...found, blob, stored });
  }, PARALLEL);
  return starts.sort((one, other) => (other.stored ?? 0) - (one.stored ?? 0) || (one.blob < other.blob ? -1 : 1));
}

class Allowance {
  #left;

  constructor(bytes) {
    this.#left = bytes;
  }

  take(bytes) {
    this.#left -= bytes;
    if (this.#left < 0) throw new ZkvError("too-large", "the starts of the backups are too large, or too many");
  }
}

async function readStart(transfer, container, blob, fetched) {
  for (let wanted = FIRST_LENGTH; ; ) {
    const read = await transfer.run(() => container.read(blob, 0, wanted, undefined)).catch(leaveOut);
    if (read === undefined) return undefined; // deleted meanwhile, or not available
    const [bytes, size, etag] = read;
    fetched.take(bytes.length);
    const [needed, isWhole] = startOf(bytes, size) ?? [];
    if (isWhole) return { start: bytes.slice(0, needed), size, etag };
    if (needed === undefined) return undefined;
    wanted = Math.max(needed, wanted * 2);
  }
}

function leaveOut(error) {
  if (!OF_ONE_BLOB.has(error.code)) throw error;
}

/** Nothing where there is no backup. */
function startOf(bytes, size) {
  try {
    return vaults.call(() => backupStart(bytes, BigInt(size)));
  } catch (error) {
    if (error.code === "backup-not-opened" || error.code === "unsupported-version") return undefined;
    throw error;
  }
}

/** The line of those backups whose records the vault's keys open. */
export class Line {
  #backups;
  /** In the order of the module's rows. */
  #found;

  constructor(transfer, vault, starts) {
    this.#backups = transfer.hold(vaults, vaults.call(() => new Backups()));
    this.#found = starts.filter(({ start }) => use(vault, (handle) => this.#backups.add(handle, start)));
  }

  /** All backups, the newest first. */
  rows(known) {
    const rows = JSON.parse(this.#call((backups) => backups.rows(known)));
    const all = rows.map((row, number) => ({ row, number, found: this.#found[number] }));
    return all.sort((one, other) => other.row.revision - one.row.revision || (one.found.blob < other.found.blob ? -1 : 1));
  }

  /** Whether backups are missing between the known one and the newest. */
  check(known, accept) {
    return this.#call((backups) => backups.check(known, accept));
  }

  /** The newest backup, or the one of a revision, and the newest one's head. */
  find(revision) {
    const rows = this.rows();
    const found = rows.find(({ row }) => revision === undefined || row.revision === revision);
    if (found) return { ...found, newest: rows[0].row.head };
    throw new ZkvError("not-found", revision === undefined ? "there is no backup that opens" : `there is no backup ${revision}`);
  }

  /** Whether backups are missing between the expected one and this one. */
  expect(number, expected, accept) {
    return this.#call((backups) => backups.expect(number, expected, accept));
  }

  /** The backup that follows, not sealed yet. */
  next(parts, ...details) {
    return this.#call((backups) => backups.next(parts, ...details));
  }

  #call(work) {
    return vaults.call(() => work(this.#backups));
  }
}
