/// <reference lib="esnext.disposable" />

import type { Trust, TrustOptions } from "./trust.js";

export * from "./files.js";
export * from "./services.js";
export * from "./snapshots.js";
export * from "./trust.js";

/** A `WebAssembly.Module`, where the project's libraries have it. */
type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : never;

/** The module itself: its bytes, or compiled. */
export type ModuleInHand = ArrayBuffer | ArrayBufferView | CompiledModule;

/** What the module is compiled from. */
export type ModuleSource = string | URL | Response | ModuleInHand;

/**
 * Loads the module that opens and seals. Everything else throws `not-initialised` before. Calling it again does nothing.
 *
 * A second module talks to services and storages. It is loaded when somebody first connects to one or transfers
 * something, and never sees the first one's memory.
 *
 * Without a source, a module comes from the file beside the package's own (browsers fetch it, Node reads it), or out
 * of the JavaScript in `zkvault/inline`.
 *
 * @param source `zkvault/zkvault.wasm`.
 * @param clientSource `zkvault/zkvault-client.wasm`.
 * @throws ZkvError `module` when it cannot be fetched.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>, clientSource?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/**
 * As `init`, without waiting: for service workers of extensions, which must register their listeners at once. Needs
 * the module or its bytes in browsers; Node reads its file, and `zkvault/inline` has the bytes.
 */
export function initSync(source?: ModuleInHand, clientSource?: ModuleSource | Promise<ModuleSource>): void;

/** A number of the API. Above 2^53 - 1 only a bigint or a string of digits is exact. */
export type ApiId = number | bigint | string;

/** The input that a value belongs to: the site's id, and the input's `type` and `name` to the letter. */
export interface Place {
  siteId: ApiId;
  type: string;
  name: string;
  /** The `key` of the site, where it has one: the vendor's values of such a site are under it, and it is under one of yours. */
  siteKey?: string | null;
}

/** A value, and what is known of how it was sealed. */
export interface OpenedValue {
  text: string;
  /** The name of its layout: `bound`, or one of the vendor's. */
  layout: string;
  /** Whether a tag or MAC decided that it opens. Otherwise a changed value gives some text as well: say so. */
  authenticated: boolean;
  /** Whether the text may be filled in or handed on: it is authenticated, or a person allowed the layout for the account (`zkv vendor allow`). */
  usable: boolean;
}

/** How values are sealed. */
export interface SealOptions {
  /** `bound` (the default) to site, type and name; or `vendor`, bound to nothing. */
  layout?: "bound" | "vendor";
  /** The keyring's key to seal with, by label or id, instead of its default. */
  key?: string;
  /** The vendor's number of the key, 8 hexadecimal digits, for the layout `vendor`. */
  vendorId?: string;
}

/** An input whose value did not open; it stays as it was. */
export interface Failure {
  /** A string above 2^53 - 1, null when the site has no usable id. */
  siteId: number | string | null;
  /** The input's name; empty when it has none. */
  name: string;
  code: "malformed" | "no-context" | "no-key" | "decrypt" | "not-text";
}

/** What is shown of a key: everything but the key. */
export interface KeyRow {
  id: string;
  vendorId: string | null;
  /** Null, like `origin` and `created`, for a key of `Vault.fromKeys`. */
  label: string | null;
  origin: "generated" | "imported" | "vendor-derived" | "activation" | null;
  state: "active" | "retired";
  default: boolean;
  /** In seconds since 1970. */
  created: number | null;
}

/**
 * How the vendor's values of an account are opened: in the layouts that the keyring has for it, which `zkv vendor discover` found.
 * Where it has none, those of the catalogue that a tag decides are tried.
 */
export interface VaultOptions {
  /**
   * What `zkv vendor export` writes, as text or as an object: vendor values open in the layouts of this file and in no others,
   * whatever the keyring has.
   * Take it only from somebody you trust. A file that is refused throws `layout`.
   */
  vendorLayout?: string | object | null;
  /** The digest that the only layout of the file must have, in hexadecimal digits: see `VendorLayoutRow`. */
  vendorLayoutDigest?: string | null;
  /**
   * Takes layouts that nothing authenticates as well, though nobody allowed them for the account: there a changed value, or a
   * wrong key, gives some text. Look at `OpenedValue.usable` before you hand such a text on.
   */
  allowUnauthenticatedLayout?: boolean;
}

/** What a new keyring costs to open, and what is asked of its passphrase. */
export interface CreateOptions extends VaultOptions {
  memoryKib?: number;
  iterations?: number;
  lanes?: number;
  /** Takes a passphrase that could be guessed, because a person insists. An empty one is never taken. */
  allowWeakPassphrase?: boolean;
}

/** A layout of the vendor's values. */
export interface VendorLayoutRow {
  name: string;
  /** SHA-256 of its canonical form, in hexadecimal digits. */
  digest: string;
  /** Whether a tag or MAC decides what opens. */
  authenticated: boolean;
  /** As `OpenedValue.usable`. */
  usable: boolean;
}

/** Which record of a device it is. */
export interface RecordName {
  /** What your program calls it: 1 to 256 bytes. */
  name: string;
  /** The account that it is of, as `LogMeOnce.host` has it; nothing when it is of none. */
  host?: string | null;
}

/** What a vault of every entry does with values and documents. */
export interface ValueVault {
  /** Whether `lock()` was called. */
  readonly locked: boolean;

  /** The plaintext of a value. A value bound to its input needs the place; others open without. */
  decryptValue(value: string, place?: Place): string;

  /** The plaintext of a value, and what is known of its layout. */
  openValue(value: string, place?: Place): OpenedValue;

  /** Seals a plaintext. Bound values need the place. */
  encryptValue(plaintext: string, place?: Place, options?: SealOptions): string;

  /**
   * Opens every value of a site, an array of sites, or `{"sites": [...]}`. JSON text comes out as text with nothing
   * changed but the values; an object comes out as an object.
   */
  decryptDocument<T extends string | object>(sites: T): { document: T extends string ? string : T; failures: Failure[] };

  /** Seals every value of a document, or none: a value that is sealed already is an error. */
  encryptDocument<T extends string | object>(sites: T, options?: SealOptions): T extends string ? string : T;

  /** The layouts that vendor values open in: of `vendorLayout`, or of the keyring. None where those of the catalogue are tried. */
  vendorLayouts(): VendorLayoutRow[];

  /**
   * Opens vendor values in the layouts of this file from now on, as `VaultOptions.vendorLayout` does from the beginning: for a
   * file that comes while the vault is open. The digest is that of `VaultOptions.vendorLayoutDigest`. A file that is refused
   * throws `layout`, and the layouts before it stay.
   */
  setVendorLayout(file: string | object, options?: { digest?: string | null }): void;

  /** Says which groups the account has, as `LogMeOnce.groups()` gives them: the keys of shared sites may be sealed under theirs. */
  setGroups(groups: string | object): void;

  /** All keys, oldest first. */
  keys(): KeyRow[];

  /** Wipes the keys, and ends what was made of them. Every later use throws `locked`; locking again does nothing. */
  lock(): void;

  /** The same as `lock()`. */
  free(): void;

  /** The same as `lock()`, for `using vault = ...`. */
  [Symbol.dispose](): void;
}

/** What is done with the keys of a keyring as well. */
export interface Vault extends ValueVault {}

/** The available keys, until `lock()` wipes them. */
export class Vault {
  private constructor();

  /** A vault of keys of 32 bytes, at least one. The first one seals. */
  static fromKeys(keys: readonly Uint8Array[], options?: VaultOptions): Vault;

  /**
   * A new keyring with a new key and identity; `toKeyring()` gives its file. Takes the time that Argon2id takes: in
   * pages, use `zkvault/worker`. A passphrase that could be guessed throws `weak-passphrase`, as in `checkPassphrase`.
   */
  static create(passphrase: Uint8Array, options?: CreateOptions): Vault;

  /** The vault of a keyring file, which `zkv` and `toKeyring()` write. Takes the time that Argon2id takes. */
  static unlock(keyring: Uint8Array, passphrase: Uint8Array, options?: VaultOptions): Vault;

  /** Uses the layouts that the keyring has for this account, such as `acme.logmeonce.com`. Without, it is the account that `zkv auth login` noted in it. */
  selectAccount(host: string): void;

  /**
   * Seals a text that your program keeps on this device, under the keyring's personal key, which is never given to anybody else:
   * a colleague who has the same vault keys can neither read such a record nor make one. It does not say whether it is the last one
   * that you sealed.
   */
  sealRecord(content: string, which: RecordName): Uint8Array;

  /** What `sealRecord` sealed under this name. Throws `decrypt` when it was changed, or is another person's. */
  openRecord(record: Uint8Array, which: RecordName): string;

  /**
   * Adds a key to the keyring: 32 bytes, or the bytes of a key file of hexadecimal digits or base64. Save `toKeyring()`
   * afterwards.
   */
  importKey(key: Uint8Array, options?: { label?: string; vendorId?: string; makeDefault?: boolean }): KeyRow;

  /**
   * Puts the keyring under a different passphrase. Takes the time that Argon2id takes. Save `toKeyring()` afterwards;
   * files written before open with the passphrase that they were written under. Throws `weak-passphrase` as `create` does.
   */
  changePassphrase(passphrase: Uint8Array, options?: Pick<CreateOptions, "allowWeakPassphrase">): void;

  /** The bytes of the keyring file, sealed anew under the vault's passphrase. */
  toKeyring(): Uint8Array;

  /** The public identity, which others seal keys to, and the digits by which people compare it. */
  identity(): { identity: string; fingerprint: string };

  /**
   * Opens an activation and adds its keys to the keyring. `from` is the public identity or fingerprint of the sender,
   * `code` the one-time code in UTF-8. Save `toKeyring()` afterwards.
   *
   * Keys that would retire or replace keys of the keyring, or change its default key, throw `needs-consent`: show the
   * sender to the person, and give `accept` when they agree.
   */
  activate(activation: string, options: { host: string; userId: ApiId; accept?: boolean } & ({ from: string; code?: undefined } | { code: Uint8Array; from?: undefined })): KeyRow[];

  /**
   * The pins of an account: those that `Trust.toBytes()` wrote, or none. Without pins the account is unanchored unless
   * `firstUse` is said. Bytes that were changed, or are of another vault, throw `decrypt`, `no-key` or `pins`.
   */
  trust(pins: Uint8Array | null, options: TrustOptions): Trust;
}

/** What is known of a sealed value without any key. */
export interface Description {
  version: 1 | 2;
  keyId: string;
  /** Bytes of the envelope before base64. */
  sealedLen: number;
  /** The layouts that fit, in the order in which they are tried, with the bytes of plaintext under each. */
  layouts: { layout: string; plaintextLen: number }[];
}

/** Describes a sealed value. */
export function inspect(value: string): Description;

/** A generated secret, and the base-two logarithm of how many results the rules allow. */
export interface Generated {
  text: string;
  entropyBits: number;
}

/** A random password: 20 characters of all four classes unless said otherwise. */
export function generatePassword(options?: {
  length?: number;
  lower?: boolean;
  upper?: boolean;
  digits?: boolean;
  symbols?: boolean;
  excludeAmbiguous?: boolean;
}): Generated;

/** A random passphrase: six words with `-` between them unless said otherwise. */
export function generatePassphrase(options?: {
  words?: number;
  separator?: string | null;
  capitalise?: boolean;
  digit?: boolean;
}): Generated;

/** A one-time code. */
export interface OneTimeCode {
  code: string;
  /** For how many milliseconds it is valid. */
  validFor: number;
  /** For how many seconds a code is valid altogether. */
  period: number;
}

/**
 * The one-time code (RFC 6238) of a seed, which is base32, an `otpauth://totp/` address or `steam://` before base32, at a time in
 * milliseconds since 1970: now unless said otherwise. Throws `totp` for what is no seed. The rule of `zkv totp`.
 */
export function oneTimeCode(seed: string, options?: { at?: number }): OneTimeCode;

/** Whether a text is an address that makes one-time codes: it is typed into no page. */
export function isOneTimeAddress(text: string): boolean;

/** Throws `weak-passphrase` for a passphrase, in UTF-8, that could be guessed: the rule of `zkv init`. */
export function checkPassphrase(passphrase: Uint8Array): void;

/** An input of a site's login form. */
export interface SiteField {
  /** What its type is for: `text`, `email`, `tel`, `number` and `url` take text, `select`, `radio` and `checkbox` a choice. */
  kind: "text" | "password" | "choice" | "other";
  /** What to call it: its first name, else its type, else its number. */
  label: string;
  /** Its names, those first that the vendor lists first. */
  names: string[];
  /** Type and name as the vendor writes them: `decryptValue` takes them. */
  type: string;
  name: string;
  /** The sealed value, if there is one. */
  value: string | null;
}

/** The inputs of a site, as JSON text or as an object, in its order. */
export function siteFields(site: string | object): SiteField[];

/** The words of `ZkvError.code`. More may come. */
export type ZkvErrorCode =
  // How the package is used
  | "argument"
  | "internal"
  | "locked"
  | "module"
  | "not-initialised"
  | "terminated"
  | "too-long"
  | "worker"
  // Requests
  | "aborted"
  | "closed"
  | "conflict"
  | "forbidden"
  | "malformed-answer"
  | "network"
  | "no-token"
  | "not-authenticated"
  | "not-found"
  | "rate-limited"
  | "redirected"
  | "rejected"
  | "request"
  | "server"
  | "service"
  | "timeout"
  | "too-large"
  | "url"
  // Files in a repository
  | "account-refused"
  | "api-version"
  | "archived"
  | "blob-type"
  | "blocks-lost"
  | "endless-listing"
  | "file"
  | "foreign-blocks"
  | "immutable"
  | "incomplete"
  | "leased"
  | "name"
  | "no-container"
  | "not-a-sas"
  | "overwrite-forbidden"
  | "sas-expired"
  | "sas-not-yet-valid"
  | "sas-refused"
  | "snapshots"
  | "source-changed"
  | "storage"
  // Backups
  | "backup-forked"
  | "backup-malformed"
  | "backup-not-opened"
  | "backup-older"
  | "former-key"
  | "gave-up"
  | "keyring-behind"
  // Trust
  | "not-assessed"
  | "pins"
  | "rolled-back"
  | "site-twice"
  | "too-many-inputs"
  // Values and documents
  | "already-sealed"
  | "decrypt"
  | "malformed"
  | "no-context"
  | "control-characters"
  | "layout"
  | "no-key"
  | "local-record"
  | "not-text"
  | "site-key"
  // Keys and keyrings
  | "ambiguous-key"
  | "default-key"
  | "kdf-limits"
  | "kdf-too-weak"
  | "key-id"
  | "not-a-key"
  | "key-present"
  | "key-retired"
  | "pre-release"
  | "replaces-itself"
  | "read-only"
  | "serial"
  | "keyring"
  | "keyring-full"
  | "label"
  | "label-taken"
  | "memory"
  | "no-keyring"
  | "no-such-key"
  | "passphrase"
  | "retired"
  | "unsupported-version"
  | "no-such-field"
  | "ambiguous-field"
  | "weak-passphrase"
  | "wrong-passphrase"
  // Identities and activations
  | "activation-code"
  | "expired"
  | "fingerprint"
  | "host"
  | "identity"
  | "needs-code"
  | "needs-consent"
  | "needs-identity"
  | "other-sender"
  // Generators
  | "length"
  | "no-class"
  | "random"
  | "separator"
  | "other";

/** A call failed. */
export class ZkvError extends Error {
  constructor(code: ZkvErrorCode, message: string, options?: { cause?: unknown });
  readonly name: "ZkvError";
  /** A stable word for programs. */
  readonly code: ZkvErrorCode;
}
