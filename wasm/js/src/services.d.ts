/// <reference lib="esnext.disposable" />

import type { ApiId } from "./index.js";

/** How every request can be given up: then it throws `aborted`. */
export interface Abortable {
  signal?: AbortSignal;
}

/** A service, and the API key that it gave to the account. */
export interface Connection extends Abortable {
  /** The account's address. `https` only, but for this machine. */
  url: string;
  apiKey: string;
  /** The secret of the API key, in UTF-8. It is copied: wipe yours. */
  secret: Uint8Array;
}

/** A record of a list that could not be used, without anything of it but its name. */
export interface SetAside {
  /** A string above 2^53 - 1, null when it has no usable id. */
  id: number | string | null;
  name: string | null;
  /** The member that is to blame, such as `login.inputs[1].value`; null when it is the record as a whole. */
  member: string | null;
  /** What is wrong with it, such as `its member "login" is a text, not an object`. */
  reason: string;
}

/** A list of the service. One record that cannot be used does not keep the others from being read. */
export interface Listing {
  /** JSON text with every record that can be used. */
  document: string;
  /** The records that it lacks. Tell a person: the list is not whole without them. */
  setAside: SetAside[];
}

/**
 * The LogMeOnce API. Access tokens are requested, renewed and kept inside. Requests go through the host's `fetch`, without
 * cookies, cache or redirects; those that fail in passing are sent again where that can do no harm.
 *
 * JSON text is as the service sent it, checked to be what was asked for. Values in it are still sealed: open them with
 * `vault.decryptDocument`, one site at a time. Ids above 2^53 - 1 are exact in the text, and not in what `JSON.parse` makes
 * of it.
 */
export class LogMeOnce {
  private constructor();

  /** A client that has an access token, and so a key and secret that are right. */
  static connect(connection: Connection): Promise<LogMeOnce>;

  /** The account's name, for `vault.trust()`, `vault.activate()` and backups: its host, with the port and path that are not the usual ones. */
  readonly host: string;

  /** All sites: `{"sites": [...]}`. */
  sites(options?: Abortable): Promise<Listing>;
  /** One site, as JSON text. */
  site(id: ApiId, options?: Abortable): Promise<string>;
  /** The sites in which the service finds a text: `{"sites": [...]}`. */
  search(text: string, options?: Abortable): Promise<Listing>;
  /** All users: `{"users": [...]}`. */
  users(options?: Abortable): Promise<Listing>;
  /** All groups: `{"groups": [...]}`. */
  groups(options?: Abortable): Promise<Listing>;

  /** Wipes the secret and the token. What is under way throws `closed`, and so does every later use. */
  free(): void;
  /** The same as `free()`. */
  [Symbol.dispose](): void;
}

/** A project, a data repository or another object of Loome Assist: all that the service says of it. */
export interface LoomeObject {
  /** Its id as text, whatever the service calls it. */
  id: string;
  name: string | null;
  /** All members as the service sent them. */
  members: Record<string, unknown>;
}

/** A list of Loome Assist. One object that cannot be used does not keep the others from being read. */
export interface LoomeListing {
  objects: LoomeObject[];
  /** The objects that it lacks. They have no id. */
  setAside: SetAside[];
}

/** The Loome Assist API, as far as files need it. The same holds for it as for `LogMeOnce`. */
export class Loome {
  private constructor();

  /** A client that has an access token. */
  static connect(connection: Connection): Promise<Loome>;

  readonly host: string;

  /** The projects that the user with an email address is a member of. */
  projects(email: string, options?: Abortable): Promise<LoomeListing>;
  /** The data repositories of a project. */
  repositories(projectId: string, options?: Abortable): Promise<LoomeListing>;
  /**
   * The address of a repository's container with a token for it (SAS), for `upload` and `download`. Anyone who has it can
   * do what it allows: do not log it. Read-only unless said otherwise; `expires` is a `Date`.
   */
  sas(projectId: string, repositoryId: string, options: Abortable & { expires: Date; readOnly?: boolean }): Promise<string>;

  free(): void;
  [Symbol.dispose](): void;
}
