/// <reference lib="esnext.disposable" />

import type { ApiId } from "./index.js";
import type { SetAside } from "./services.js";

/** Whose pins are meant. */
export interface TrustOptions {
  /** The account's name as `LogMeOnce.host` has it, such as `acme.logmeonce.com`. Pins of another account do not open: `decrypt`. */
  host: string;
  /**
   * Without pins only: a person says that this account was never used here. Then sites are pinned as they are seen.
   * Otherwise an account without pins is unanchored, and every site waits to be accepted.
   */
  firstUse?: boolean;
  /** The lowest revision to take. Remember `revision` apart from the pins, and older ones put back are `rolled-back`. */
  atLeast?: number;
}

/** The worst that was found at a site, the mildest first. */
export type Verdict = "ok" | "new" | "value-replaced" | "metadata-changed" | "missing" | "rolled-back" | "tampered";

/** What the findings leave allowed: `warned` is allowed when the findings are shown. */
export type Permission = "allowed" | "warned" | "refused";

/** A field of a site that changed. */
export type ChangedField =
  | "site-name" | "site-flags" | "image" | "icon" | "login-origin" | "login-url" | "regex" | "match-username" | "match-trim"
  | "action-submit" | "input-added" | "input-removed" | "input-name" | "input-flags" | "input-order" | "site-key";

/**
 * One thing that was found at a site. `text` says it in words, without a full stop. `input` is the number of the input, from 0. `before` and `after` are what the
 * service sent, control characters and all, null for nothing or for a text of more than 1024 bytes: show them as text.
 */
export type Finding =
  | { kind: "new"; what: "first-use" | "unanchored" | "later"; text: string; input: null }
  | { kind: "changed"; what: ChangedField; text: string; input: number | null; before: string | null; after: string | null }
  | { kind: "key"; what: "value-replaced" | "key-changed" | "retired-key"; text: string; input: number }
  | { kind: "missing"; what: "missing"; text: string; input: null }
  | { kind: "rolled-back"; what: "updated" | "earlier-value" | "earlier-site-key" | "resurrected"; text: string; input: number | null }
  | {
      kind: "tampered";
      what: "bound-value-fails" | "unknown-value" | "same-ciphertext" | "downgraded" | "type-changed" | "site-key-lost" | "site-key-elsewhere" | "site-twice" | "too-many-inputs";
      text: string;
      input: number | null;
    };

/** A site, and what is to be thought of it. */
export interface SiteVerdict {
  /** A string above 2^53 - 1. */
  siteId: number | string;
  /** As it is pinned; of a site without a pin, as it is listed. */
  name: string | null;
  /** Where its values may be filled in, such as `https://accounts.example.com`: the pinned origin, else null. */
  origin: string | null;
  verdict: Verdict;
  /** The worst first; empty when all is as it was. */
  changes: Finding[];
  /** Whether a value may be shown to a person. */
  read: Permission;
  /** Whether values may be filled into a page, or leave in another way in which no person looks at the findings. */
  fill: Permission;
}

/**
 * The pins of an account: what was seen of its sites before, and what a comparison with that finds. Made by
 * `vault.trust()`, and gone when the vault is locked.
 */
export class Trust {
  private constructor();

  readonly host: string;

  /** Counts what `toBytes()` wrote. */
  readonly revision: number;

  /** Whether pins changed since they were read or written: then save `toBytes()`. */
  readonly changed: boolean;

  /** Whether nothing is pinned and nobody said that this is the first use. */
  readonly unanchored: boolean;

  /**
   * Compares all sites of the account with their pins. `sites` is what the service lists, as text or as an object. Pins
   * of sites at which nothing was found move with them. Sites in their order, and then those that are missing.
   *
   * With `part`, `sites` are some of the account's, as a search gives them: then none is missing. Records that the list
   * lacks because they could not be read are not missing either when they are passed as `setAside`; while one of them has
   * no id, none is.
   */
  assess(sites: string | object, options?: { part?: boolean; setAside?: readonly Pick<SetAside, "id">[] }): SiteVerdict[];

  /**
   * Takes a site as it was in the last `assess`, whatever was found at it, because a person looked at it and said so. Of
   * a missing site, that it is gone. Throws `not-assessed`, or `site-twice` when two sites have this id.
   */
  accept(siteId: ApiId): SiteVerdict;

  /**
   * The sites whose values belong on a page, as the last `assess` found them: scheme, host and port of its address are
   * those that are pinned, it is `https` (or `http` on this machine, and so pinned), and the service's pattern, if there
   * is one, matches too. Look at `fill` before anything is filled in.
   */
  sitesForPage(pageUrl: string): SiteVerdict[];

  /**
   * The pins, sealed for this account under the keyring's personal key; under the first key where there is no keyring. Raises
   * `revision` when something changed.
   */
  toBytes(): Uint8Array;

  /** Drops the pins. */
  free(): void;

  /** The same as `free()`. */
  [Symbol.dispose](): void;
}

/** What decides whether a login belongs on a page. */
export interface PageMatch {
  /** The login's address or origin, from a pin and not from the service. */
  pinnedLogin: string;
  /** The service's pattern, which can only narrow. */
  serverRegex?: string | null;
  /** The address of the page. */
  pageUrl: string;
}

/**
 * Whether a login belongs on a page, by the rules of `Trust.sitesForPage`. Never throws for what it is given: an address
 * that is none, or a pattern that is too long, is not understood or takes too much, is no match. Patterns run in
 * time that is linear in the address, and without look-around and back-references.
 */
export function matchOrigin(match: PageMatch): boolean;
