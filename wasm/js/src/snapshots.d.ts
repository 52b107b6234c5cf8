import type { Progress } from "./files.js";
import type { Vault } from "./index.js";
import type { Abortable } from "./services.js";

/**
 * What is known of the chain of backups in a container. Every backup follows the one before; a storage can leave some out
 * and show old ones. Who remembers the newest head notices that.
 */
export interface LineOptions {
  /**
   * The newest head that was seen in this container: `revision:digest` with 64 hexadecimal digits, as `zkv backup` shows it.
   * `backup-older` is thrown when only older ones are there, or none, and `backup-forked` when the newest one does not follow it.
   */
  known?: string;
  /** Continues with what is there nevertheless: a person has reviewed it and said so. */
  accept?: boolean;
}

/** A backup, by the word of a holder of its vault key. */
export interface SnapshotInfo {
  /** Its place in the line: `revision:digest`. */
  head: string;
  /** Counts the backups of the line, from 1. */
  revision: number;
  /** The digest of the backup that it follows; null for the first. */
  parent: string | null;
  /** When it was made, in seconds since 1970, by the clock of its device. */
  time: number;
  /** Its device, by a name for people. */
  device: string;
  /** The host of the account. */
  host: string;
  /** When the service was last asked for everything, in seconds since 1970. */
  synced: number;
}

export interface ListedSnapshot extends SnapshotInfo {
  /**
   * `parent-missing`: the one before it is not there, and older ones are. `forked`: there is a different one of its revision, or it
   * follows a different one than the one before.
   */
  line: "ok" | "parent-missing" | "forked";
  /** What the storage calls it. */
  blob: string;
  /** Bytes in the storage. */
  size: number;
  /** When it was put there, in seconds since 1970, by the storage's clock. */
  stored: number | null;
}

export interface SnapshotList {
  /** The head to remember as `known`; null when there is no backup. */
  head: string | null;
  /** Whether backups are missing between `known` and the newest one: a fork could hide there. With `accept`, whether anything is wrong. */
  gap: boolean;
  /** The newest first. */
  snapshots: ListedSnapshot[];
}

export interface ListSnapshotsOptions extends LineOptions, Abortable {
  vault: Vault;
}

export interface PushSnapshotOptions extends LineOptions, Abortable {
  /** Its default key seals the backup, and names it. */
  vault: Vault;
  /** The host of the account, as `LogMeOnce.host`. */
  host: string;
  /** The sites as the service sent them, their values sealed. Of a site that has a pin, the copy that was accepted. */
  sites: string | object;
  /** The users and the groups as the service sent them; left out or null where it does not show them. */
  users?: string | object | null;
  groups?: string | object | null;
  /** The pins as `Trust.toBytes()` gives them. Without pins, a restored site waits to be accepted. */
  pins?: Uint8Array | null;
  /**
   * Whether the vault's keyring is included, sealed under its passphrase; it does, unless this is false or there is none. Anyone who has a
   * copy of it can guess at the passphrase.
   */
  keyring?: boolean;
  /** A name of this device for people, of at most 128 bytes in UTF-8. */
  device?: string;
  /** When the service was asked; now, unless something else is said. */
  synced?: Date;
  /** Bytes of the compressed content. */
  onProgress?: (progress: Progress) => void;
}

export interface PushedSnapshot {
  /** The head to remember as `known`. */
  head: string;
  revision: number;
  /** What the storage calls it. */
  blob: string;
  /** Bytes of the compressed content. */
  size: number;
  /** As of `SnapshotList`. */
  gap: boolean;
}

export interface RestoreSnapshotOptions extends LineOptions, Abortable {
  vault: Vault;
  /** The backup of a revision, instead of the newest. */
  revision?: number;
  /** A head that the backup must be or follow, whatever `accept` says: an older one is `backup-older`, one of another line `backup-forked`. */
  expect?: string;
  /** Bytes of the compressed content. */
  onProgress?: (progress: Progress) => void;
}

export interface RestoredSnapshot extends SnapshotInfo {
  /** As `LogMeOnce.sites()`: `{"sites": [...]}`, their values sealed. */
  sites: string;
  /** As `LogMeOnce.users()` and `groups()`; null where the service did not show them. */
  users: string | null;
  groups: string | null;
  /** For `vault.trust(pins, { host })`: a new record of revision 1, whatever revision the pins had before. */
  pins: Uint8Array;
  /** The newest head that is there, to remember as `known`. */
  newest: string;
  /** Whether backups are missing between `known` and the newest one, or between `expect` and this one. */
  gap: boolean;
}

export interface UnlockSnapshotOptions extends Abortable {
  /** The keyring of the backup of a revision, instead of the newest. */
  revision?: number;
}

/**
 * Makes a backup, the next in the container's line, which `zkv backup` lists, verifies and restores too. `sas` is the
 * address of a container with its token, which must allow to list, read, create and write.
 *
 * The document of all of it has at most 256 MiB; one larger throws `too-long`. `conflict` is thrown when another device made
 * this revision meanwhile, `backup-malformed` when a pin is not of the site beside it or a site is there twice, and
 * `backup-older` or `backup-forked` by what is `known`.
 */
export function pushSnapshot(sas: string, options: PushSnapshotOptions): Promise<PushedSnapshot>;

/** The backups that the vault's keys open, at most 10,000. Damaged ones and those of others are left out. */
export function listSnapshots(sas: string, options: ListSnapshotsOptions): Promise<SnapshotList>;

/**
 * Fetches a backup and opens it. Everything is checked: that a holder of the vault key made it, that it is whole and of the
 * line, and that its parts belong together. At most 256 MiB are read, and as many when they are decompressed.
 *
 * Throws `not-found`, `backup-not-opened`, `backup-malformed`, `decrypt`, `no-key`, `too-large`, and by what is `known` or
 * expected `backup-older` or `backup-forked`.
 */
export function restoreSnapshot(sas: string, options: RestoreSnapshotOptions): Promise<RestoredSnapshot>;

/**
 * On a fresh machine: the vault of the keyring that came along with the newest backup, from its passphrase. Takes the time
 * that Argon2id takes, once or a few times: in pages, use `zkvault/worker`. Which backup is the newest only `expect` of
 * `restoreSnapshot` can prove; until then the vault may be an older one.
 *
 * Throws `wrong-passphrase`, or `not-found` when no backup has a keyring.
 */
export function unlockSnapshot(sas: string, passphrase: Uint8Array, options?: UnlockSnapshotOptions): Promise<Vault>;
