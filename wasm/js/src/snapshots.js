// Encrypted backups of an account, in a container of blobs: the same that `zkv backup` makes and restores.

import * as check from "./arguments.js";
import { ZkvError } from "./error.js";
import { compress, decompress } from "./gzip.js";
import { Line, readStarts } from "./line.js";
import { vaults } from "./module.js";
import { contentOf, openContainer } from "./storage.js";
import { NO_VAULT, Transfer } from "./transfer.js";
import { store } from "./upload.js";
import { Vault, use } from "./vault.js";
import { backupKeyring } from "./vault-bindings.js";

/** Bytes of a snapshot when it is compressed. */
const MAX_CONTENT_LENGTH = 2 ** 28;
/** Keyrings that a passphrase is tried on: it takes a second and much memory each time. */
const MAX_TRIES = 8;

export async function pushSnapshot(sas, options) {
  const { vault, keyring, device, synced, onProgress, signal } = check.options(options);
  const [parts, line] = [partsOf(options), lineOf(options)];
  const details = [check.optionalText(device, "device") ?? "npm package", check.optionalSeconds(synced, "synced") ?? check.now(), check.now()];
  const withKeyring = check.optionalFlag(keyring, "keyring");
  return new Transfer(vault, signal, onProgress, null).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const backups = new Line(transfer, vault, await readStarts(transfer, container));
    const gap = backups.check(line.known, line.accept);
    const draft = transfer.hold(vaults, use(vault, (handle) => draftOf(handle, backups, parts, line.known, details)));
    const content = await transfer.unlessStopped(compress(vaults.call(() => draft.document)));
    transfer.total = content.length;
    const sealing = transfer.hold(vaults, use(vault, (handle) => handle.sealBackup(draft, BigInt(content.length), withKeyring)));
    await store(transfer, container, sealing, content, { replaces: false }).catch(explainConflict);
    const [head, blob] = vaults.call(() => [draft.head, sealing.blob]);
    return { head, revision: Number.parseInt(head, 10), blob, size: content.length, gap };
  });
}

export async function listSnapshots(sas, options) {
  const { vault, signal } = check.options(options);
  const { known, accept } = lineOf(options);
  return new Transfer(vault, signal).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const backups = new Line(transfer, vault, await readStarts(transfer, container));
    const gap = backups.check(known, accept);
    const snapshots = backups.rows(known).map(({ row, found: { blob, size, stored } }) => ({ ...row, blob, size, stored }));
    return { head: snapshots[0]?.head ?? null, gap, snapshots };
  });
}

export async function restoreSnapshot(sas, options) {
  const { vault, revision, expect, onProgress, signal } = check.options(options);
  const { known, accept } = lineOf(options);
  const [wanted, expected] = [revisionOf(revision), check.optionalText(expect, "expect")];
  return new Transfer(vault, signal, onProgress, null).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const backups = new Line(transfer, vault, await readStarts(transfer, container));
    const gaps = [backups.check(known, accept)];
    const { row: { line: _, ...row }, number, found, newest } = backups.find(wanted);
    gaps.push(backups.expect(number, expected, accept));
    const document = await documentOf(transfer, container, vault, found);
    const [sites, users, groups, pins] = use(vault, (handle) => handle.openSnapshot(found.start, document));
    return { ...row, sites, users, groups, pins, newest, gap: gaps.includes(true) };
  });
}

export async function unlockSnapshot(sas, passphrase, options) {
  const { revision, signal } = check.options(options);
  const [secret, wanted] = [check.bytes(passphrase, "the passphrase"), revisionOf(revision)];
  return new Transfer(NO_VAULT, signal).during(async (transfer) => {
    const starts = await readStarts(transfer, await openContainer(transfer, sas));
    const opened = await tryKeyrings(transfer, starts.map(({ start }) => vaults.call(() => backupKeyring(start))), secret);
    try {
      const { found } = new Line(transfer, opened.vault, starts).find(wanted);
      const keyring = vaults.call(() => backupKeyring(found.start));
      if (!keyring || isSame(keyring, opened.keyring)) return opened.vault;
      const vault = Vault.unlock(keyring, secret);
      opened.vault.lock();
      return vault;
    } catch (error) {
      opened.vault.lock();
      throw error;
    }
  });
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

function lineOf(options) {
  const { known, accept } = check.options(options);
  return { known: check.optionalText(known, "known"), accept: check.optionalFlag(accept, "accept") ?? false };
}

function revisionOf(revision) {
  const whole = check.optionalRevision(revision, "revision");
  return whole === undefined ? undefined : Number(whole);
}

function draftOf(handle, backups, { host, sites, users, groups, pins }, known, details) {
  const parts = check.withUtf8(sites, (utf8) => handle.backupParts(host, utf8, pins));
  try {
    if (users !== undefined) parts.users = users;
    if (groups !== undefined) parts.groups = groups;
    return backups.next(parts, known, ...details);
  } finally {
    parts.free();
  }
}

function explainConflict(error) {
  if (error.code !== "conflict") throw error;
  throw new ZkvError("conflict", "another device made a backup of this revision: start again, and this one follows that one", { cause: error });
}

/** Fetches a backup, the very version whose start was read, and decompresses its content. */
async function documentOf(transfer, container, vault, found) {
  const opening = transfer.hold(vaults, use(vault, (handle) => handle.openBackup(found.start, BigInt(found.size))));
  const length = vaults.call(() => opening.size);
  if (length > MAX_CONTENT_LENGTH) throw new ZkvError("too-large", `the backup has ${length} bytes: at most ${MAX_CONTENT_LENGTH} are read here`);
  transfer.total = length;
  return transfer.unlessStopped(decompress(contentOf(transfer, container, opening, found), check.MAX_DOCUMENT_LENGTH));
}

/** The passphrase opens one of the keyrings, the likeliest first. Those of one salt open with one passphrase, or none does. */
async function tryKeyrings(transfer, keyrings, passphrase) {
  const distinct = new Map();
  for (const keyring of keyrings) {
    const kdf = keyring && kdfOf(keyring);
    if (kdf && !distinct.has(kdf)) distinct.set(kdf, keyring);
  }
  if (distinct.size === 0) throw new ZkvError("not-found", "no keyring came along with a backup");
  let failure;
  for (const keyring of [...distinct.values()].slice(0, MAX_TRIES)) {
    await new Promise((resolve) => setTimeout(resolve)); // so that it can be given up in between
    transfer.check();
    try {
      return { vault: Vault.unlock(keyring, passphrase), keyring };
    } catch (error) {
      // One that the storage made up must not hide the others.
      failure ??= error;
    }
  }
  throw failure;
}

/** What the passphrase of a keyring is stretched with; nothing where that cannot be read. */
function kdfOf(keyring) {
  try {
    return JSON.stringify(JSON.parse(new TextDecoder().decode(keyring)).kdf);
  } catch {
    return undefined;
  }
}

const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
