// `zkvault/values`: the part of `zkvault` that opens and seals values and documents under keys of yours, for pages that need nothing
// else. What it has does the same as there, and its module is less than half of the size.

import type { ModuleInHand, ModuleSource, ValueVault, VaultOptions } from "./index.js";

export { ZkvError, inspect } from "./index.js";
export type {
  ApiId, Description, Failure, KeyRow, ModuleInHand, ModuleSource, OpenedValue, Place, SealOptions, ValueVault, VaultOptions, VendorLayoutRow, ZkvErrorCode,
} from "./index.js";

/**
 * Loads the module. Everything else throws `not-initialised` before. Calling it again does nothing.
 *
 * @param source `zkvault/zkvault-values.wasm`; without, it comes from the file beside the package's own.
 * @throws ZkvError `module` when it cannot be fetched.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** As `init`, without waiting. Needs the module or its bytes in browsers; Node reads its file. */
export function initSync(source?: ModuleInHand): void;

/** The available keys, until `lock()` wipes them. */
export interface Vault extends ValueVault {}

/** The available keys, until `lock()` wipes them. */
export class Vault {
  private constructor();

  /** A vault of keys of 32 bytes, at least one. The first one seals. */
  static fromKeys(keys: readonly Uint8Array[], options?: VaultOptions): Vault;
}
