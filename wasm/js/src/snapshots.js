// Encrypted backups of an account, in a container of blobs: the same that `zkv backup` makes and restores.

import * as check from "./arguments.js";
import { Chain, listBlobs, readOne } from "./chain.js";
import { ZkvError } from "./error.js";
import { compress, decompress } from "./gzip.js";
import { vaults } from "./module.js";
import { contentOf, openContainer } from "./storage.js";
import { NO_VAULT, Transfer } from "./transfer.js";
import { store } from "./upload.js";
import { Vault, use } from "./vault.js";
import { backupKeyring, chainOfBlob } from "./vault-bindings.js";

/** Bytes of a snapshot when it is compressed. */
const MAX_CONTENT_LENGTH = 2 ** 28;
/** What a keyring may cost to try without a question: as zkv has it. */
const MAX_MEMORY_KIB = 2 ** 20;
const MAX_WORK = 3_145_728;
/** After so many milliseconds, and again and again, somebody is asked. */
const ASK_AFTER = 60_000;

export async function pushSnapshot(sas, options) {
  const { vault, keyring, device, synced, onProgress, signal } = check.options(options);
  const [parts, chain] = [partsOf(options), chainOf(options)];
  const details = [check.optionalText(device, "device") ?? "npm package", check.optionalSeconds(synced, "synced") ?? check.now(), check.now()];
  const withKeyring = check.optionalFlag(keyring, "keyring");
  return new Transfer(vault, signal, onProgress, null).during(async (transfer) => {
    const backups = new Chain(transfer, vault, parts.host, chain);
    const container = await openContainer(transfer, sas);
    await backups.read(transfer, container, vault);
    const found = backups.check(chain.accept);
    const draft = transfer.hold(vaults, use(vault, (handle) => draftOf(handle, backups, parts, details)));
    const content = await transfer.unlessStopped(compress(vaults.call(() => draft.document)));
    transfer.total = content.length;
    const sealing = transfer.hold(vaults, use(vault, (handle) => handle.sealBackup(draft, BigInt(content.length), withKeyring)));
    await store(transfer, container, sealing, content, { replaces: false }).catch(explainConflict);
    const [head, blob] = vaults.call(() => [draft.head, sealing.blob]);
    return { head, revision: Number.parseInt(head, 10), blob, size: content.length, ...found };
  });
}

export async function listSnapshots(sas, options) {
  const { vault, host, signal } = check.options(options);
  const chain = chainOf(options);
  const account = check.optionalText(host, "host");
  return new Transfer(vault, signal).during(async (transfer) => {
    const backups = new Chain(transfer, vault, account, chain);
    await backups.read(transfer, await openContainer(transfer, sas), vault);
    const found = backups.check(chain.accept);
    const snapshots = backups.rows().map(({ row, found: { blob, size, stored } }) => ({ ...row, blob, size, stored }));
    return { head: snapshots.find(({ standing }) => standing !== "superseded")?.head ?? null, ...found, snapshots };
  });
}

export async function restoreSnapshot(sas, options) {
  const { vault, host, revision, expect, onProgress, signal } = check.options(options);
  const chain = chainOf(options);
  const [wanted, expected, account] = [revisionOf(revision), check.optionalText(expect, "expect"), check.optionalText(host, "host")];
  return new Transfer(vault, signal, onProgress, null).during(async (transfer) => {
    const backups = new Chain(transfer, vault, account, chain);
    const container = await openContainer(transfer, sas);
    await backups.read(transfer, container, vault);
    const { gap, ...checked } = backups.check(chain.accept);
    const { row: { standing: _, ...row }, number, found, newest } = backups.find(wanted);
    const gaps = [gap, backups.expect(number, expected, chain.accept)];
    const document = await documentOf(transfer, container, vault, found, row.host);
    const [sites, users, groups, pins] = use(vault, (handle) => handle.openSnapshot(found.start, document, row.host));
    return { ...row, sites, users, groups, pins, newest, ...checked, gap: gaps.includes(true) };
  });
}

export async function unlockSnapshot(sas, passphrase, options) {
  const { revision, host, chain, onQuestion, signal } = check.options(options);
  const [secret, wanted] = [check.bytes(passphrase, "the passphrase"), revisionOf(revision)];
  const [account, tag] = [check.optionalText(host, "host"), check.optionalText(chain, "chain")];
  const search = new Search(secret, questionOf(onQuestion));
  return new Transfer(NO_VAULT, signal).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const folder = tag === undefined ? undefined : `zkv-backup/${tag}/`;
    const queues = queuesOf(await listBlobs(transfer, container, folder));
    for await (const opened of search.keyrings(transfer, container, queues)) {
      const vault = await settled(transfer, container, opened, secret, account, wanted);
      if (vault) return vault;
    }
    throw search.failure(queues);
  });
}

/** The vault of the backup that is wanted; nothing where the keyring names no chain that is there. */
async function settled(transfer, container, opened, secret, host, wanted) {
  let keep = false;
  try {
    const backups = await new Chain(transfer, opened.vault, host, {}).read(transfer, container, opened.vault);
    if (backups.rows().length === 0) return undefined;
    const keyring = vaults.call(() => backupKeyring(backups.find(wanted).found.start));
    keep = !keyring || isSame(keyring, opened.keyring);
    return keep ? opened.vault : Vault.unlock(keyring, secret);
  } finally {
    if (!keep) opened.vault.lock();
  }
}

/** The blobs of each chain that is there, the newest first: nobody's are looked at before everybody's newest. */
function queuesOf(listed) {
  const queues = new Map();
  for (const blob of listed.sort((one, other) => (other.stored ?? 0) - (one.stored ?? 0))) {
    const tag = vaults.call(() => chainOfBlob(blob.blob));
    if (tag === undefined) continue;
    if (!queues.has(tag)) queues.set(tag, { chain: tag, blobs: [], tried: new Set() });
    queues.get(tag).blobs.push(blob);
  }
  return [...queues.values()];
}

/** Which keyring does the passphrase open, of those that came along with backups? Anybody may have put any number there. */
class Search {
  #passphrase;
  #ask;
  #tried = 0;
  #seen = 0;
  #started = Date.now();
  #asked = Date.now();

  constructor(passphrase, ask) {
    this.#passphrase = passphrase;
    this.#ask = ask ?? (() => false);
  }

  /** The chains take turns, and each keyring is tried once. */
  async *keyrings(transfer, container, queues) {
    while (queues.some(({ blobs }) => blobs.length > 0)) {
      for (const queue of queues) {
        const next = queue.blobs.shift();
        if (!next) continue;
        await this.#askAfterAWhile();
        const opened = await this.#try(transfer, container, queue, next);
        if (opened) yield opened;
      }
    }
  }

  /** Why none opened. */
  failure(queues) {
    if (queues.length === 0) return new ZkvError("not-found", "the container has no backups");
    if (this.#seen === 0) return new ZkvError("not-found", "no keyring came along with a backup");
    return new ZkvError("wrong-passphrase", "the passphrase is wrong, or the keyrings were changed");
  }

  async #askAfterAWhile() {
    if (Date.now() - this.#asked < ASK_AFTER) return;
    const seconds = Math.round((Date.now() - this.#started) / 1000);
    const goesOn = await this.#ask({ kind: "time", tried: this.#tried, seconds });
    this.#asked = Date.now();
    if (!goesOn) throw new ZkvError("gave-up", `the search for a keyring ended after ${this.#tried} of them: give the chain, or onQuestion`);
  }

  async #try(transfer, container, { chain, tried }, { blob, size }) {
    const found = size > 0 ? await readOne(transfer, container, blob) : undefined;
    const keyring = found && vaults.call(() => backupKeyring(found.start));
    const kdf = keyring && kdfOf(keyring);
    // Those of one salt open with one passphrase, or none does.
    const header = JSON.stringify(kdf);
    if (!kdf || tried.has(header)) return undefined;
    tried.add(header);
    this.#seen += 1;
    const [memoryKib, iterations] = [Number(kdf.memory_kib), Number(kdf.iterations)];
    const isCostly = memoryKib > MAX_MEMORY_KIB || memoryKib * iterations > MAX_WORK;
    if (isCostly && !(await this.#ask({ kind: "cost", chain, memoryKib, iterations }))) return undefined;
    await new Promise((resolve) => setTimeout(resolve)); // so that it can be given up in between
    transfer.check();
    this.#tried += 1;
    try {
      return { vault: Vault.unlock(keyring, this.#passphrase), keyring };
    } catch {
      // One that the storage made up must not hide the others.
      return undefined;
    }
  }
}

/** Texts of what goes in, and the pins; checked before anything is asked for. */
function partsOf(options) {
  const { host, sites, users, groups, pins } = check.options(options);
  check.requireExactIds(sites);
  return {
    host: check.text(host, "host"),
    sites: check.documentText(sites),
    users: check.optionalList(users, "users"),
    groups: check.optionalList(groups, "groups"),
    pins: check.optionalPins(pins ?? null),
  };
}

function chainOf(options) {
  const { known, knownHere, accept } = check.options(options);
  return {
    known: check.optionalText(known, "known"),
    knownHere: check.optionalText(knownHere, "knownHere"),
    accept: check.optionalFlag(accept, "accept") ?? false,
  };
}

function questionOf(onQuestion) {
  if (onQuestion !== undefined && typeof onQuestion !== "function") throw new ZkvError("argument", "onQuestion must be a function");
  return onQuestion;
}

function revisionOf(revision) {
  const whole = check.optionalRevision(revision, "revision");
  return whole === undefined ? undefined : Number(whole);
}

function draftOf(handle, backups, { host, sites, users, groups, pins }, details) {
  const parts = check.withUtf8(sites, (utf8) => handle.backupParts(host, utf8, pins));
  try {
    if (users !== undefined) parts.users = users;
    if (groups !== undefined) parts.groups = groups;
    return backups.next(parts, ...details);
  } finally {
    parts.free();
  }
}

function explainConflict(error) {
  if (error.code !== "conflict") throw error;
  throw new ZkvError("conflict", "another device made a backup of this revision: start again, and this one follows that one", { cause: error });
}

/** Fetches a backup, the very version whose start was read, and decompresses its content. */
async function documentOf(transfer, container, vault, found, host) {
  const opening = transfer.hold(vaults, use(vault, (handle) => handle.openBackup(found.start, BigInt(found.size), host)));
  const length = vaults.call(() => opening.size);
  if (length > MAX_CONTENT_LENGTH) throw new ZkvError("too-large", `the backup has ${length} bytes: at most ${MAX_CONTENT_LENGTH} are read here`);
  transfer.total = length;
  return transfer.unlessStopped(decompress(contentOf(transfer, container, opening, found), check.MAX_DOCUMENT_LENGTH));
}

/** What the passphrase of a keyring is stretched with; nothing where that cannot be read. */
function kdfOf(keyring) {
  try {
    return JSON.parse(new TextDecoder().decode(keyring)).kdf;
  } catch {
    return undefined;
  }
}

const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
