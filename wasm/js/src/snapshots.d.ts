import type { Progress } from "./files.js";
import type { Vault } from "./index.js";
import type { Abortable } from "./services.js";

/**
 * What is known of an account's chain of backups. Every backup follows the one before; a storage can leave some out and show
 * old ones. Anyone who remembers the newest heads notices that. A head is `revision:digest` with 64 hexadecimal digits.
 */
export interface ChainOptions {
  /** The newest head of the chain, wherever it was seen. Where only older ones are, `behind` says so; a restore throws `backup-older`. */
  known?: string;
  /**
   * The newest head that this container showed. `backup-older` is thrown when only older ones are there, or none, and
   * `backup-forked` when the newest one does not follow it.
   */
  knownHere?: string;
  /** Continues with what is there nevertheless: a person has reviewed it and said so. */
  accept?: boolean;
}

/** What a comparison with the known heads found. */
export interface ChainCheck {
  /** Whether backups are missing between the known ones and the newest. With `accept`, whether anything is wrong. */
  gap: boolean;
  /** Whether the newest one here is older than the newest of the chain: two places are used in turn. */
  behind: boolean;
  /** Whether the chain is known and this place never showed a backup of it. */
  newPlace: boolean;
}

/** A backup, by the word of the person whose chain it is in. */
export interface SnapshotInfo {
  /** Its place in the chain: `revision:digest`. */
  head: string;
  /** Counts the backups of the account, from 1. */
  revision: number;
  /** The digest of the backup that it follows; null for the first. */
  parent: string | null;
  /** When it was made, in seconds since 1970, by the clock of its device. */
  time: number;
  /** Its device, by a name for people. */
  device: string;
  /** The account's name. */
  host: string;
  /** When the service was last asked for everything, in seconds since 1970. */
  synced: number;
  /** The tag of its chain: of the account under one personal key. */
  chain: string;
}

export interface ListedSnapshot extends SnapshotInfo {
  /**
   * `parent-missing`: the one before it is not here, and older ones are. `forked`: there is a different one of its revision, or
   * it follows a different one than the one before. `superseded`: a former personal key made it after a new chain began.
   */
  standing: "ok" | "parent-missing" | "forked" | "superseded";
  /** What the storage calls it. */
  blob: string;
  /** Bytes in the storage. */
  size: number;
  /** When it was put there, in seconds since 1970, by the storage's clock. */
  stored: number | null;
}

export interface SnapshotList extends ChainCheck {
  /** The head to remember as `known`; null when there is no backup. */
  head: string | null;
  /** The newest first. */
  snapshots: ListedSnapshot[];
}

export interface ListSnapshotsOptions extends ChainOptions, Abortable {
  /** Of a keyring: key files alone have no chain. */
  vault: Vault;
  /** The account, as `LogMeOnce.host`; the only one that the keyring names, if missing. */
  host?: string;
}

export interface PushSnapshotOptions extends ChainOptions, Abortable {
  /** Of a keyring: its personal key seals the backup, and names it. The keyring names the account from then on. */
  vault: Vault;
  /** The account's name, as `LogMeOnce.host`. */
  host: string;
  /** The sites as the service sent them, their values sealed. Of a site that has a pin, the copy that was accepted. */
  sites: string | object;
  /** The users and the groups as the service sent them; left out or null where it does not show them. */
  users?: string | object | null;
  groups?: string | object | null;
  /** The pins as `Trust.toBytes()` gives them. Without pins, a restored site waits to be accepted. */
  pins?: Uint8Array | null;
  /**
   * Whether the vault's keyring is included, sealed under its passphrase; it is, unless this is false. Anyone who has a copy of
   * it can guess at the passphrase.
   */
  keyring?: boolean;
  /** A name of this device for people, of at most 128 bytes in UTF-8. */
  device?: string;
  /** When the service was asked; now, unless something else is said. */
  synced?: Date;
  /** Bytes of the compressed content. */
  onProgress?: (progress: Progress) => void;
}

export interface PushedSnapshot extends ChainCheck {
  /** The head to remember as `known`. */
  head: string;
  revision: number;
  /** What the storage calls it. */
  blob: string;
  /** Bytes of the compressed content. */
  size: number;
}

export interface RestoreSnapshotOptions extends ChainOptions, Abortable {
  vault: Vault;
  /** The account; the only one that the keyring names, if missing. */
  host?: string;
  /** The backup of a revision, instead of the newest. */
  revision?: number;
  /** A head that the backup must be or follow, whatever `accept` says: an older one is `backup-older`, one of another chain `backup-forked`. */
  expect?: string;
  /** Bytes of the compressed content. */
  onProgress?: (progress: Progress) => void;
}

export interface RestoredSnapshot extends SnapshotInfo, ChainCheck {
  /** As the document of `LogMeOnce.sites()`: `{"sites": [...]}`, their values sealed. */
  sites: string;
  /** As the documents of `LogMeOnce.users()` and `groups()`; null where the service did not show them. */
  users: string | null;
  groups: string | null;
  /** For `vault.trust(pins, { host })`: a new record of revision 1, whatever revision the pins had before. */
  pins: Uint8Array;
  /** The newest head that is there, to remember as `known`. */
  newest: string;
}

export interface UnlockSnapshotOptions extends Abortable {
  /** The keyring of the backup of a revision, instead of the newest. */
  revision?: number;
  /** The account, if the keyring names several. */
  host?: string;
  /** The tag of the chain: goes straight there, whatever else is in the container. */
  chain?: string;
  /**
   * Whether to try a keyring that costs more than 1 GiB of memory or 16 times the usual work, and whether to continue after
   * each minute. Without it, the answer is no. Not available in a worker.
   */
  onQuestion?: (question: SearchQuestion) => boolean | Promise<boolean>;
}

export type SearchQuestion =
  | { kind: "cost"; chain: string; memoryKib: number; iterations: number }
  | { kind: "time"; tried: number; seconds: number };

/**
 * Makes a backup, the next of the account's chain, which `zkv backup` lists, verifies and restores too. `sas` is the
 * address of a container with its token, which must allow to list, read, create and write.
 *
 * The document of all of it has at most 256 MiB; one larger throws `too-long`. `conflict` is thrown when another device made
 * this revision meanwhile, `backup-malformed` when a pin is not of the site beside it or a site is there twice, and
 * `backup-older` or `backup-forked` by what is known, `keyring-behind` when the chain has a newer copy of the keyring, and
 * `no-keyring` when the vault has none.
 */
export function pushSnapshot(sas: string, options: PushSnapshotOptions): Promise<PushedSnapshot>;

/** The backups of the account's chains. Damaged ones are left out, and what anybody else put there is not looked at. */
export function listSnapshots(sas: string, options: ListSnapshotsOptions): Promise<SnapshotList>;

/**
 * Fetches a backup and opens it. Everything is checked: that its person made it, that it is whole and of the
 * chain, and that its parts belong together. At most 256 MiB are read, and as many when they are decompressed.
 *
 * Throws `not-found`, `backup-not-opened`, `backup-malformed`, `decrypt`, `no-key`, `too-large`, and `former-key` for a
 * former personal key's, and by what is known or expected `backup-older` or `backup-forked`.
 */
export function restoreSnapshot(sas: string, options: RestoreSnapshotOptions): Promise<RestoredSnapshot>;

/**
 * On a fresh machine: the vault of the keyring that came along with the newest backup, from its passphrase. Takes the time
 * that Argon2id takes, once or more often among other people's chains: in pages, use `zkvault/worker`. Which backup is the newest only `expect` of
 * `restoreSnapshot` can prove; until then the vault may be an older one.
 *
 * Throws `wrong-passphrase`, `not-found` when no backup has a keyring, or `gave-up` after a minute that nobody extended.
 */
export function unlockSnapshot(sas: string, passphrase: Uint8Array, options?: UnlockSnapshotOptions): Promise<Vault>;
