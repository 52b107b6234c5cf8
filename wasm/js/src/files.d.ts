import type { Vault } from "./index.js";
import type { Abortable } from "./services.js";

/** How much of a file has passed, in bytes of its content. */
export interface Progress {
  done: number;
  /** Null while a stream has not ended. */
  total: number | null;
}

/** What a file is in a repository. */
export interface StoredFile {
  name: string;
  /** Bytes of content. */
  size: number;
  /** When its source was last changed, in seconds since 1970. */
  modified: number | null;
  /** What the storage calls it. */
  blob: string;
  /** The key that it is under. Of a file under a retired key everybody who kept that key can be the author. */
  openedBy: { keyId: string; state: "active" | "retired" };
}

export interface TransferOptions extends Abortable {
  /** Its keys name and open the file. Locking it ends the transfer. */
  vault: Vault;
  onProgress?: (progress: Progress) => void;
}

export interface UploadOptions extends TransferOptions {
  /** The file's path in the repository, with slashes. */
  name: string;
  /** The vault's key to seal with, by label or id, instead of its default. */
  key?: string;
  /**
   * Replaces a file of this name. Otherwise there being one throws `conflict`. One name is one file within a line of keys: after
   * `zkv key rotate`, what is there under an earlier key counts, and is removed once the new file is there.
   */
  overwrite?: boolean;
  /** When the content was last changed; of a `File`, its own time unless said otherwise. */
  modified?: Date;
  /**
   * Called before the first block of an upload of several blocks, with the token that resumes it. Save it: the upload waits
   * for the promise that this returns (in a worker it does not wait). Only a holder of the key can use the token.
   */
  onResumable?: (token: Uint8Array) => void | Promise<void>;
  /**
   * The token of an upload that was cut off. Only blocks that the storage does not have with the same content are sent,
   * which needs a SAS that may read. Has no effect where the key, the name, the size or the time of change is different.
   */
  resume?: Uint8Array;
}

/** A file that was uploaded. */
export interface UploadedFile extends Omit<StoredFile, "openedBy"> {
  /** Blocks that an earlier upload had sent, with the one in front of the content. */
  resumedBlocks: number;
  /** Whether the file that was replaced may be there still under an earlier key, because the SAS may not read or delete. */
  earlierLeft: boolean;
}

export interface EncryptFileOptions extends TransferOptions {
  /** What the file is called, which is encrypted too; of a `File`, its own name unless said otherwise. */
  name?: string;
  /** The vault's key to seal with, by label or id, instead of its default. */
  key?: string;
  /** When the content was last changed; of a `File`, its own time unless said otherwise. */
  modified?: Date;
}

/** A file that was decrypted. */
export interface DecryptedFile {
  /** What it was called, null where it was not said. It is no path: look at it before you write to it. */
  name: string | null;
  /** Bytes of content. */
  size: number;
  /** When its source was last changed, in seconds since 1970. */
  modified: number | null;
  content: Blob;
}

/** Encrypts a file that you keep yourself, block by block, as `zkv file encrypt` does. */
export function encryptFile(content: Blob | ReadableStream<Uint8Array> | Uint8Array, options: EncryptFileOptions): Promise<Blob>;

/** Decrypts what `encryptFile` or `zkv file encrypt` wrote. Every byte is authenticated, and that the file is whole. */
export function decryptFile(file: Blob | Uint8Array, options: TransferOptions): Promise<DecryptedFile>;

/**
 * Encrypts a file and puts it into a repository, where `zkv repo` finds it too. Nothing is under its name before all of
 * it is there. `sas` is the address of a container with its token. At most a few blocks are in memory at a time. Blocks that
 * the storage lost are sent again, unless they came from a stream; at the end its list of blocks is compared with what was
 * sent, which throws `incomplete` where they differ.
 */
export function upload(sas: string, content: Blob | ReadableStream<Uint8Array> | Uint8Array, options: UploadOptions): Promise<UploadedFile>;

/**
 * Fetches a file and opens it: the one under the default key, else under another active key, else under a retired one. Every byte is authenticated: that it is this file, under this name, and whole.
 */
export function download(sas: string, name: string, options: TransferOptions): Promise<Blob>;

/**
 * As `download`, block by block while they arrive. Each block is authenticated before it is given; that the file is
 * whole is known when the stream ends without an error.
 */
export function downloadStream(sas: string, name: string, options: TransferOptions): Promise<StoredFile & { stream: ReadableStream<Uint8Array> }>;

/** The files that the vault's keys open, in the order of their names: one of each name within a line of keys, the newest. */
export function listFiles(sas: string, options: Abortable & { vault: Vault }): Promise<StoredFile[]>;
