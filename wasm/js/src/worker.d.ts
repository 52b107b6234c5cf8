/// <reference lib="esnext.disposable" />

import type {
  Abortable, Connection, CreateOptions, DecryptedFile, EncryptFileOptions, Failure, ListSnapshotsOptions, LogMeOnce, Loome, PushSnapshotOptions, PushedSnapshot, RestoreSnapshotOptions,
  RestoredSnapshot, SealOptions, SnapshotList, StoredFile, TransferOptions, Trust, TrustOptions, UnlockSnapshotOptions, UploadOptions, UploadedFile, Vault, VaultOptions,
} from "./index.js";

/** The methods of `Vault`, each with a promise of what it gives there. */
type Remote<T, Names extends keyof T> = {
  [Name in Names]: T[Name] extends (...parameters: infer P) => infer R ? (...parameters: P) => Promise<R> : never;
};

/** A vault that lives in a worker: its keys are in the worker's memory and nowhere else. */
export interface RemoteVault
  extends Remote<
    Vault,
    | "decryptValue" | "openValue" | "encryptValue" | "vendorLayouts" | "setVendorLayout" | "selectAccount" | "setGroups" | "sealRecord" | "openRecord" | "keys" | "importKey"
    | "changePassphrase" | "toKeyring" | "identity" | "activate"
  > {
  decryptDocument<T extends string | object>(
    sites: T,
  ): Promise<{ document: T extends string ? string : T; failures: Failure[] }>;
  encryptDocument<T extends string | object>(
    sites: T,
    options?: SealOptions,
  ): Promise<T extends string ? string : T>;
  /** As `Vault.trust`. */
  trust(pins: Uint8Array | null, options: TrustOptions): Promise<RemoteTrust>;
  /** As `upload`, with this vault. Streams are handed over to the worker where the engine can do that. */
  upload(sas: string, content: Blob | ReadableStream<Uint8Array> | Uint8Array, options: Omit<UploadOptions, "vault">): Promise<UploadedFile>;
  /** As `encryptFile`, with this vault. */
  encryptFile(content: Blob | ReadableStream<Uint8Array> | Uint8Array, options?: Omit<EncryptFileOptions, "vault">): Promise<Blob>;
  /** As `decryptFile`, with this vault. */
  decryptFile(file: Blob | Uint8Array, options?: Omit<TransferOptions, "vault">): Promise<DecryptedFile>;
  /** As `download`, with this vault. */
  download(sas: string, name: string, options?: Omit<TransferOptions, "vault">): Promise<Blob>;
  /** As `listFiles`, with this vault. */
  listFiles(sas: string, options?: Abortable): Promise<StoredFile[]>;
  /** As `pushSnapshot`, with this vault. */
  pushSnapshot(sas: string, options: Omit<PushSnapshotOptions, "vault">): Promise<PushedSnapshot>;
  /** As `listSnapshots`, with this vault. */
  listSnapshots(sas: string, options?: Omit<ListSnapshotsOptions, "vault">): Promise<SnapshotList>;
  /** As `restoreSnapshot`, with this vault. */
  restoreSnapshot(sas: string, options?: Omit<RestoreSnapshotOptions, "vault">): Promise<RestoredSnapshot>;
  /** Whether `lock()` was called. */
  readonly locked: boolean;
  /** Wipes the keys. Every later use throws `locked`; locking again does nothing. */
  lock(): Promise<void>;
  /** The same as `lock()`, for `await using vault = ...`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The pins of an account, in the worker. */
export interface RemoteTrust extends Remote<Trust, "assess" | "accept" | "sitesForPage" | "toBytes"> {
  readonly host: string;
  /** As of the last call. */
  readonly revision: number;
  readonly changed: boolean;
  readonly unanchored: boolean;
  free(): Promise<void>;
}

/** A client of LogMeOnce in the worker: its secret and token are there and nowhere else. */
export interface RemoteLogMeOnce extends Pick<LogMeOnce, "host" | "sites" | "site" | "search" | "users" | "groups"> {
  free(): Promise<void>;
}

/** A client of Loome Assist in the worker. */
export interface RemoteLoome extends Pick<Loome, "host" | "projects" | "repositories" | "sas"> {
  free(): Promise<void>;
}

/** A worker, which holds any number of vaults and derives their keys without stopping the page. */
export interface VaultWorker {
  /** As `Vault.fromKeys`. Wipe your copies of the keys yourself. */
  fromKeys(keys: readonly Uint8Array[], options?: VaultOptions): Promise<RemoteVault>;
  /** As `Vault.create`. */
  create(passphrase: Uint8Array, options?: CreateOptions): Promise<RemoteVault>;
  /** As `Vault.unlock`. */
  unlock(keyring: Uint8Array, passphrase: Uint8Array, options?: VaultOptions): Promise<RemoteVault>;
  /** As `unlockSnapshot`. */
  unlockSnapshot(sas: string, passphrase: Uint8Array, options?: UnlockSnapshotOptions): Promise<RemoteVault>;
  /** As `LogMeOnce.connect`. */
  logMeOnce(connection: Connection): Promise<RemoteLogMeOnce>;
  /** As `Loome.connect`. */
  loome(connection: Connection): Promise<RemoteLoome>;
  /** Ends the worker at once, with all its vaults. What is awaited from it fails with `terminated`. */
  terminate(): void;
}

/** A `Worker` of the page, or one of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** A `TrustedScriptURL`, where the project's libraries have it. */
type TrustedUrl = typeof globalThis extends { TrustedScriptURL: { prototype: infer T } } ? T : never;

/**
 * Starts a worker. It is loaded from beside the package's own file unless you pass the script `zkvault/worker-thread` in a
 * way of your own: its URL, a `Worker` that runs it, or a `TrustedScriptURL` where the page demands trusted types. Throws
 * `worker` when it cannot be started.
 */
export function startWorker(thread?: string | URL | WorkerLike | TrustedUrl): VaultWorker;
