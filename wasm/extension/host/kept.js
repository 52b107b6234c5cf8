// New passwords, typed or generated, that the service does not have: they are kept here, sealed, until the service shows them. No
// listing of the API takes a password of an existing site, so nothing here is ever sent to it.

import { Failure } from "../shared/answer.js";
import * as database from "./database.js";
import { open, seal } from "./sealed.js";

/** `siteId` is null while it is unknown which site it is for. */
/** @typedef {{ id: string, at: number, origin: string, siteId: string | null, value: string }} Kept */

/** Passwords are kept for origins, not for an account. */
const KEPT = { name: "kept" };

/** More are refused: none is dropped unasked. */
const MOST = 500;

export class KeptPasswords {
  #vault;
  /** The last first. @type {Kept[]} */
  #all;

  /** @param {import("zkvault").Vault} vault @param {Kept[]} all */
  constructor(vault, all) {
    this.#vault = vault;
    this.#all = all;
  }

  /** @param {import("zkvault").Vault} vault */
  static async load(vault) {
    return new KeptPasswords(vault, open(vault, KEPT, await database.read("kept")) ?? []);
  }

  /** Those of a site, the last first. */
  of(/** @type {number | string} */ siteId) {
    return this.#all.filter((one) => one.siteId === String(siteId));
  }

  /** The one that is filled and copied in place of the service's. */
  newest(/** @type {number | string} */ siteId) {
    return this.#all.find((one) => one.siteId === String(siteId));
  }

  /** All of them, without the passwords. */
  get shown() {
    return this.#all.map(withoutValue);
  }

  /** @param {string} id */
  value(id) {
    const found = this.#all.find((one) => one.id === id);
    if (!found) throw new Failure("no-value", "This password is no longer kept.");
    return found.value;
  }

  /**
   * Keeps a password. The same one for the same place is kept once.
   * @param {string} value
   * @param {string} origin
   * @param {string | null} siteId
   */
  async add(value, origin, siteId) {
    const others = this.#all.filter((one) => !(one.value === value && one.origin === origin && one.siteId === siteId));
    if (others.length >= MOST) throw new Failure("kept-full", `${MOST} passwords are kept already. Remove some in the popup's generator.`);
    const kept = { id: crypto.randomUUID(), at: Date.now(), origin, siteId, value };
    await this.#write([kept, ...others]);
    return withoutValue(kept);
  }

  /** @param {string} id */
  async remove(id) {
    await this.#write(this.#all.filter((one) => one.id !== id));
  }

  /**
   * Forgets those that the service has by now, and older ones of their sites.
   * @param {(siteId: string) => string | undefined} passwordOf the service's password of a site
   */
  async settle(passwordOf) {
    const ids = new Set(this.#all.map(({ siteId }) => siteId));
    const settled = new Map();
    for (const siteId of ids) {
      const found = siteId !== null && this.of(siteId).find(({ value }) => value === passwordOf(siteId));
      if (found) settled.set(siteId, found.at);
    }
    if (settled.size > 0) await this.#write(this.#all.filter(({ siteId, at }) => at > (settled.get(siteId) ?? -1)));
  }

  async #write(/** @type {Kept[]} */ all) {
    await database.write({ kept: seal(this.#vault, KEPT, all) });
    this.#all = all;
  }
}

const withoutValue = (/** @type {Kept} */ { id, at, origin, siteId }) => ({ id, at, origin, siteId });
