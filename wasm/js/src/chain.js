// The chain of an account's backups in a container, as far as their headers tell.

import { eachOf } from "./blocks.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { use } from "./vault.js";
import { Backups, backupStart } from "./vault-bindings.js";

/** Bytes that are asked for first: the header of a backup with a keyring of common size. */
const FIRST_LENGTH = 2 ** 15;
/** Headers that are read at a time. */
const PARALLEL = 8;
/** Bytes of all headers together, each of a few kilobytes, and bytes that are fetched for them. */
const MAX_KEPT = 2 ** 26;
const MAX_FETCHED = 2 ** 29;
/** Refusals of one blob, which say nothing of the others. */
const NO_BACKUP = new Set(["backup-not-opened", "pre-release", "unsupported-version"]);
const OF_ONE_BLOB = new Set(["archived", "blob-type", "leased", "rejected", "storage"]);

/** What is listed in a folder, or of everybody where there is none: name, length, and when it was stored. */
export async function listBlobs(transfer, container, folder) {
  const listed = JSON.parse(await transfer.run(() => container.listBackups(folder)));
  return listed.map(([blob, size, stored]) => ({ blob, size, stored }));
}

/** The headers of these blobs, those that were stored last first. What is no backup is left out. */
export async function readStarts(transfer, container, listed) {
  const [starts, kept, fetched] = [[], new Allowance(MAX_KEPT), new Allowance(MAX_FETCHED)];
  await eachOf(listed.length, async (number) => {
    const { blob, size, stored } = listed[number];
    const found = size > 0 ? await readStart(transfer, container, blob, fetched) : undefined;
    if (!found) return;
    kept.take(found.start.length);
    starts.push({ ...found, blob, stored });
  }, PARALLEL);
  return starts.sort((one, other) => (other.stored ?? 0) - (one.stored ?? 0) || (one.blob < other.blob ? -1 : 1));
}

/** The header of one blob; nothing where it is no backup. */
export const readOne = (transfer, container, blob) => readStart(transfer, container, blob, new Allowance(MAX_KEPT));

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
    if (NO_BACKUP.has(error.code)) return undefined;
    throw error;
  }
}

/** The backups of an account at one place. `known` are the newest heads: of the chain, and of this place. */
export class Chain {
  #backups;
  /** In the order of the module's rows. */
  #found = [];

  constructor(transfer, vault, host, { known, knownHere }) {
    this.#backups = transfer.hold(vaults, use(vault, (handle) => new Backups(handle, host, known, knownHere)));
  }

  /** Reads what is in the folders of the chain and may be a backup of it; what anybody else put there is not looked at. */
  async read(transfer, container, vault) {
    // Each time through the vault: one that was locked meanwhile has freed what belongs to it.
    for (const folder of use(vault, () => this.#backups.folders())) {
      const listed = await listBlobs(transfer, container, folder);
      const own = listed.filter(({ blob }) => use(vault, () => this.#backups.mayBe(blob)));
      const starts = await readStarts(transfer, container, own);
      this.#found.push(...starts.filter(({ blob, start }) => use(vault, () => this.#backups.add(blob, start))));
    }
    return this;
  }

  /** All backups, the newest first. */
  rows() {
    const rows = JSON.parse(this.#call((backups) => backups.rows()));
    const all = rows.map((row, number) => ({ row, number, found: this.#found[number] }));
    return all.sort((one, other) => other.row.revision - one.row.revision || (one.found.blob < other.found.blob ? -1 : 1));
  }

  /** Compares the newest one with the known heads. */
  check(accept) {
    return JSON.parse(this.#call((backups) => backups.check(accept)));
  }

  /** The newest backup, or the one of a revision, and the newest one's head. */
  find(revision) {
    const rows = this.rows();
    const current = rows.filter(({ row }) => row.standing !== "superseded");
    const found = [...current, ...rows].find(({ row }) => revision === undefined || row.revision === revision);
    if (found) return { ...found, newest: (current[0] ?? rows[0]).row.head };
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
