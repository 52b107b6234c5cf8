// An unlocked vault: the keys, the account, and the last copy of its sites.

import { Failure } from "../shared/answer.js";
import { Account } from "./account.js";
import * as database from "./database.js";
import { entries } from "./entries.js";
import { hints, row, search, userEntry } from "./sites.js";

export class OpenVault {
  #vault;
  #account;
  /** User names by the ids of their sites, as far as they were shown or searched. @type {Map<string, string>} */
  #users = new Map();

  /**
   * @param {import("zkvault").Vault} vault
   * @param {Account | undefined} account
   */
  constructor(vault, account) {
    this.#vault = vault;
    this.#account = account;
  }

  /**
   * The vault, with what is kept of its account.
   * @param {import("zkvault").Vault} vault
   */
  static async load(vault) {
    return new OpenVault(vault, await Account.load(vault));
  }

  /** Wipes the keys and the client's secrets. */
  lock() {
    this.#vault.lock();
  }

  // --- Sites

  /**
   * @param {string | undefined} page
   * @param {string} query
   */
  list(page, query) {
    const account = this.#account;
    if (!account) return { rows: [], found: 0, total: 0, syncedAt: null };
    const here = account.idsFor(page);
    return { ...search(account.verdicts, here, query, (verdict) => this.#user(verdict)), syncedAt: account.syncedAt };
  }

  /** The user name of a site, or nothing where it may not be read or does not open. */
  #user(/** @type {import("zkvault").SiteVerdict} */ { siteId, read }) {
    const id = String(siteId);
    if (!this.#users.has(id)) this.#users.set(id, read === "refused" ? "" : this.#decryptUser(siteId));
    return this.#users.get(id) ?? "";
  }

  #decryptUser(/** @type {number | string} */ siteId) {
    try {
      const entry = userEntry(entries(this.#need().site(siteId)));
      return entry ? this.#decrypt(siteId, entry) : "";
    } catch {
      return "";
    }
  }

  /**
   * What is to be looked for on a page, if the site may be filled there.
   * @param {number | string} siteId
   * @param {string} page
   */
  plan(siteId, page) {
    const verdict = this.#fillable(siteId, page);
    const site = this.#need().site(siteId);
    const plan = entries(site).map(({ kind, names }) => ({ kind, names }));
    return { plan, hints: hints(site), origin: verdict.origin };
  }

  /**
   * The values of some inputs, if the site may be filled on the page.
   * @param {number | string} siteId
   * @param {string} page
   * @param {number[]} inputs
   */
  values(siteId, page, inputs) {
    this.#fillable(siteId, page);
    const all = entries(this.#need().site(siteId));
    return inputs.map((index) => ({ index, value: this.#decrypt(siteId, all[index]) }));
  }

  /**
   * The password or the user name of a site, for a person to use.
   * @param {number | string} siteId
   * @param {"password" | "text"} kind
   */
  read(siteId, kind) {
    const account = this.#need();
    if (account.verdict(siteId).read === "refused") throw new Failure("refused", "This value may not be read.");
    const all = entries(account.site(siteId));
    const entry = kind === "text" ? userEntry(all) : all.find((candidate) => candidate.kind === kind);
    if (!entry) throw new Failure("no-value", kind === "password" ? "There is no password." : "There is no user name.");
    return this.#decrypt(siteId, entry);
  }

  /**
   * @param {number | string} siteId
   * @param {string} page
   */
  #fillable(siteId, page) {
    const account = this.#need();
    const verdict = account.verdict(siteId);
    if (verdict.fill === "refused") throw new Failure("not-accepted", "This site changed. Look at it in the settings and accept it first.");
    if (!account.idsFor(page).has(String(siteId))) throw new Failure("other-page", "This login belongs to another page.");
    return verdict;
  }

  /**
   * @param {number | string} siteId
   * @param {import("./sites.js").Entry} entry
   */
  #decrypt(siteId, { type, name, value }) {
    return this.#vault.decryptValue(/** @type {string} */ (value), { siteId, type, name });
  }

  // --- Account

  get account() {
    return this.#account?.shown ?? null;
  }

  /** @param {{ url: string, apiKey: string, secret: string }} credentials an empty secret is the one that is known */
  async setAccount(credentials) {
    this.#account = await Account.connect(this.#vault, credentials, this.#account);
    return this.sync();
  }

  async sync() {
    this.#users.clear();
    return this.#need().sync();
  }

  verdicts() {
    const changed = (this.#account?.verdicts ?? []).filter(({ fill }) => fill === "refused");
    return changed.map((verdict) => ({ ...row(verdict), changes: verdict.changes }));
  }

  /** @param {(number | string)[]} siteIds */
  async accept(siteIds) {
    await this.#need().accept(siteIds);
    this.#users.clear();
  }

  #need() {
    if (!this.#account) throw new Failure("no-account", "No account is connected yet. Connect one in the settings.");
    return this.#account;
  }

  // --- Keyring

  keys() {
    return this.#vault.keys();
  }

  /**
   * @param {string} key as in a key file of zkv: hexadecimal digits or base64
   * @param {string} label
   */
  async addKey(key, label) {
    const bytes = new TextEncoder().encode(key);
    try {
      this.#vault.importKey(bytes, { label: label || undefined });
    } finally {
      bytes.fill(0);
    }
    await database.write({ keyring: this.#vault.toKeyring() });
    await this.#account?.assess();
    this.#users.clear();
  }

  /** The keyring file, in base64: sealed under the passphrase. */
  exportKeyring() {
    return btoa(String.fromCharCode(...this.#vault.toKeyring()));
  }
}
