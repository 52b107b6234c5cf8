/// <reference lib="esnext.disposable" />

import type { Failure, SealOptions, Vault } from "./index.js";

/** The methods of `Vault`, each with a promise of what it gives there. */
type Remote<T, Names extends keyof T> = {
  [Name in Names]: T[Name] extends (...parameters: infer P) => infer R ? (...parameters: P) => Promise<R> : never;
};

/** A vault that lives in a worker: its keys are in the worker's memory and nowhere else. */
export interface RemoteVault
  extends Remote<Vault, "decryptValue" | "encryptValue" | "keys" | "importKey" | "toKeyring" | "identity" | "activate"> {
  decryptDocument<T extends string | object>(
    sites: T,
  ): Promise<{ document: T extends string ? string : T; failures: Failure[] }>;
  encryptDocument<T extends string | object>(
    sites: T,
    options?: SealOptions,
  ): Promise<T extends string ? string : T>;
  /** Whether `lock()` was called. */
  readonly locked: boolean;
  /** Wipes the keys. Every later use throws `locked`; locking again does nothing. */
  lock(): Promise<void>;
  /** The same as `lock()`, for `await using vault = ...`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A worker, which holds any number of vaults and derives their keys without stopping the page. */
export interface VaultWorker {
  /** As `Vault.fromKeys`. Wipe your copies of the keys yourself. */
  fromKeys(keys: readonly Uint8Array[]): Promise<RemoteVault>;
  /** As `Vault.create`. */
  create(passphrase: Uint8Array, options?: Parameters<typeof Vault.create>[1]): Promise<RemoteVault>;
  /** As `Vault.unlock`. */
  unlock(keyring: Uint8Array, passphrase: Uint8Array): Promise<RemoteVault>;
  /** Ends the worker at once, with all its vaults. What is awaited from it fails with `terminated`. */
  terminate(): void;
}

/** Starts a worker. It loads the module when it is first asked for something. */
export function startWorker(): VaultWorker;
