// An unlocked vault: the keys, the account, and the last copy of its sites.

import { Vault, checkPassphrase, isOneTimeAddress } from "../zkvault/index.web.js";
import { Failure } from "../shared/answer.js";
import { withBytes } from "./bytes.js";
import { Account } from "./account.js";
import * as database from "./database.js";
import { entries, inputsOf } from "./entries.js";
import { codeOf, readInput, showInputs } from "./item.js";
import { KeptPasswords } from "./kept.js";
import * as layouts from "./layouts.js";
import { hints, row, search, userEntry } from "./sites.js";

export class OpenVault {
  #vault;
  #account;
  #kept;
  /** What changes the account or its pins, one after the other. @type {Promise<unknown>} */
  #changing = Promise.resolve();
  #syncs = 0;
  /** User names by the ids of their sites, as far as they were shown or searched. @type {Map<string, string>} */
  #users = new Map();

  /**
   * @param {import("zkvault").Vault} vault
   * @param {Account | undefined} account
   * @param {KeptPasswords} kept
   */
  constructor(vault, account, kept) {
    this.#vault = vault;
    this.#account = account;
    this.#kept = kept;
  }

  /**
   * The vault, with what is kept of its account.
   * @param {import("zkvault").Vault} vault
   */
  static async load(vault) {
    return new OpenVault(vault, await Account.load(vault), await KeptPasswords.load(vault));
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
    if (!account) return { rows: [], found: 0, total: 0, syncedAt: null, failed: null, syncing: false, setAside: [] };
    const { syncedAt, failed, setAside } = account;
    const here = account.idsFor(page);
    const found = search(account.verdicts, here, query, (verdict) => this.#user(verdict));
    return { ...found, syncedAt, failed, setAside, syncing: this.#syncs > 0 };
  }

  /** How many logins a page has. */
  count(/** @type {string} */ page) {
    return this.#account?.idsFor(page).size ?? 0;
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
   * The values of some inputs, if the site may be filled on the page. A newer password that is kept here goes before the
   * service's, unless the older one is asked for; `keptAt` says since when it is kept.
   * @param {number | string} siteId
   * @param {string} page
   * @param {number[]} inputs
   * @param {boolean} [older]
   */
  values(siteId, page, inputs, older = false) {
    this.#fillable(siteId, page);
    const kept = older ? undefined : this.#kept.newest(siteId);
    const all = entries(this.#need().site(siteId));
    const valueOf = (/** @type {import("./entries.js").Entry} */ entry) => (kept && entry.kind === "password" ? kept.value : this.#decryptToUse(siteId, entry));
    const values = inputs.map((index) => ({ index, value: valueOf(all[index]) }));
    // What one-time codes come from is never typed, whatever its input is called.
    return { values: values.filter(({ value }) => !isOneTimeAddress(value)), keptAt: kept?.at ?? null };
  }

  // --- One site

  /** Everything about a site that a person may see without asking for it. */
  item(/** @type {number | string} */ siteId) {
    const account = this.#need();
    const verdict = account.verdict(siteId);
    const { changes, read } = verdict;
    const site = account.site(siteId);
    const inputs = read === "refused" ? [] : showInputs(site, (input) => this.#decrypt(siteId, input));
    const address = typeof site?.login?.Url === "string" ? site.login.Url : null;
    const bare = read !== "refused" && this.#isBare(siteId, site);
    return { ...row(verdict), address, bare, readable: read !== "refused", older: account.isOlder(siteId), inputs, kept: this.#kept.of(siteId).map(({ id, at }) => ({ id, at })), changes, history: account.history(siteId) };
  }

  /** The plaintext of an input, or of a password that is kept, for a person to see. */
  reveal(/** @type {number | string} */ siteId, /** @type {number | undefined} */ index, /** @type {string | undefined} */ id) {
    if (id !== undefined || index === undefined) return this.#kept.value(id ?? "");
    return readInput(this.#readable(siteId), index, (input) => this.#decrypt(siteId, input));
  }

  /** The one-time code of an input. */
  code(/** @type {number | string} */ siteId, /** @type {number} */ index) {
    return codeOf(this.#readable(siteId), index, (input) => this.#decrypt(siteId, input));
  }

  /**
   * What is copied: an input by its number, its code, the password or user name of a site, or a kept password by its id. `older`
   * says that the service shows a different state, `kept` that it does not have this password.
   * @param {{ what: "password" | "text" | "input" | "code" | "kept", siteId: number | string, index: number, id: string }} wanted
   */
  async read({ what, siteId, index, id }) {
    if (what === "kept") return { value: this.#kept.value(id), older: false, kept: true };
    const site = this.#readable(siteId);
    const kept = what === "password" ? this.#kept.newest(siteId) : undefined;
    if (kept) return { value: kept.value, older: false, kept: true };
    const older = this.#need().isOlder(siteId);
    if (what === "code") return { value: (await this.code(siteId, index)).code, older, kept: false };
    if (what === "input") return { value: this.reveal(siteId, index, undefined), older, kept: false };
    const all = entries(site);
    const entry = what === "text" ? userEntry(all) : all.find(({ kind }) => kind === what);
    if (!entry) throw new Failure("no-value", what === "password" ? "This site has no password." : "This site has no user name.");
    return { value: this.#decrypt(siteId, entry), older, kept: false };
  }

  // --- New passwords

  /**
   * Keeps a new password, beside the one site of its page or the one that is said. The service's own is not kept.
   * @param {{ value: string, page: string, siteId?: number | string }} given
   */
  async keep({ value, page, siteId: said }) {
    const here = this.#account?.idsFor(page) ?? new Set();
    const siteId = said !== undefined && here.has(String(said)) ? String(said) : here.size === 1 ? [...here][0] : null;
    const name = this.#nameOf(siteId);
    if (siteId !== null && this.#passwordOf(siteId) === value) return { known: true, name };
    return { ...(await this.#kept.add(value, new URL(page).origin, siteId)), known: false, name };
  }

  /** All passwords that are kept here, without the passwords. */
  kept() {
    return this.#kept.shown.map((one) => ({ ...one, name: this.#nameOf(one.siteId) }));
  }

  removeKept(/** @type {string} */ id) {
    return this.#kept.remove(id);
  }

  #nameOf(/** @type {string | null} */ siteId) {
    return this.#account?.verdicts.find((verdict) => String(verdict.siteId) === siteId)?.name ?? undefined;
  }

  /** The service's password of a site, if it can be read. */
  #passwordOf(/** @type {string} */ siteId) {
    try {
      const entry = entries(this.#readable(siteId)).find(({ kind }) => kind === "password");
      return entry && this.#decrypt(siteId, entry);
    } catch {
      return undefined;
    }
  }

  /** A site whose values a person may see. */
  #readable(/** @type {number | string} */ siteId) {
    const account = this.#need();
    if (account.verdict(siteId).read === "refused") throw new Failure("refused", "This value is not shown: the site is as no honest service would send it.");
    return account.site(siteId);
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
   * @param {{ type: string, name: string, value: string | null }} entry
   */
  #open(siteId, { type, name, value }) {
    const { key } = this.#need().site(siteId);
    const siteKey = typeof key === "string" ? key : null;
    return this.#vault.openValue(/** @type {string} */ (value), { siteId, type, name, siteKey });
  }

  #decrypt(/** @type {number | string} */ siteId, /** @type {{ type: string, name: string, value: string | null }} */ entry) {
    return this.#open(siteId, entry).text;
  }

  /** A value that no person looks at before it is used. */
  #decryptToUse(/** @type {number | string} */ siteId, /** @type {{ type: string, name: string, value: string | null }} */ entry) {
    const { text, layout, usable } = this.#open(siteId, entry);
    if (!usable) throw new Failure("unauthenticated", `Nothing authenticates values of the layout ${layout}: this one may have been changed. zkv vendor allow lets them be filled.`);
    return text;
  }

  /** Whether nothing authenticates a value of a site. */
  #isBare(/** @type {number | string} */ siteId, /** @type {any} */ site) {
    return inputsOf(site).some((input) => {
      try {
        return Boolean(input.value) && !this.#open(siteId, input).authenticated;
      } catch {
        return false;
      }
    });
  }

  // --- Account

  get account() {
    return this.#account?.shown ?? null;
  }

  /** Does one thing that changes the account after the other. @template T @param {() => Promise<T>} work */
  #inTurn(work) {
    const turn = this.#changing.then(work, work);
    this.#changing = turn.catch(() => {});
    return turn;
  }

  /** @param {{ url: string, apiKey: string, secret: string }} credentials an empty secret is the one that is known */
  setAccount(credentials) {
    return this.#inTurn(async () => {
      this.#account = await Account.connect(this.#vault, credentials, this.#account);
      return this.#syncNow();
    });
  }

  async sync() {
    this.#syncs += 1;
    return this.#inTurn(() => this.#syncNow()).finally(() => (this.#syncs -= 1));
  }

  /** Syncs if there is an account and nothing is under way. What fails is in the list. */
  async refresh() {
    if (this.#account && this.#syncs === 0) await this.sync().catch(() => {});
  }

  async #syncNow() {
    const result = await this.#need().sync();
    await this.#changed();
    return result;
  }

  /** What was remembered of sites may be different now. */
  async #changed() {
    this.#users.clear();
    await this.#kept.settle((siteId) => this.#passwordOf(siteId));
  }

  verdicts() {
    const changed = (this.#account?.verdicts ?? []).filter(({ fill }) => fill === "refused");
    return changed.map((verdict) => ({ ...row(verdict), changes: verdict.changes }));
  }

  /** @param {(number | string)[]} siteIds */
  accept(siteIds) {
    return this.#inTurn(async () => {
      await this.#need().accept(siteIds);
      await this.#changed();
    });
  }

  #need() {
    if (!this.#account) throw new Failure("no-account", "No account is connected yet. Connect one in the settings.");
    return this.#account;
  }

  // --- Layouts of the vendor

  /** Those in use: of a file that was imported, or of the keyring. None where those of the catalogue are tried. */
  async layouts() {
    return { rows: this.#vault.vendorLayouts(), imported: await layouts.areKept() };
  }

  /** Takes a file of `zkv vendor export` for the account. Values that did not open may open now. */
  importLayouts(/** @type {string} */ file) {
    return this.#inTurn(async () => {
      await layouts.keep(this.#vault, this.#need().host, file);
      await this.#changed();
    });
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
    withBytes(key, (bytes) => this.#vault.importKey(bytes, { label: label || undefined }));
    await database.write({ keyring: this.#vault.toKeyring() });
    await this.#inTurn(async () => {
      await this.#account?.assess();
      await this.#changed();
    });
  }

  /** Puts the keyring under a different passphrase, if the one in use is given too. */
  async changePassphrase(/** @type {string} */ current, /** @type {string} */ passphrase) {
    const keyring = await database.read("keyring");
    withBytes(current, (bytes) => Vault.unlock(keyring, bytes)).lock();
    withBytes(passphrase, (bytes) => {
      checkPassphrase(bytes);
      this.#vault.changePassphrase(bytes);
    });
    await database.write({ keyring: this.#vault.toKeyring() });
  }

  /** The keyring file, in base64: sealed under the passphrase. */
  exportKeyring() {
    return btoa(String.fromCharCode(...this.#vault.toKeyring()));
  }
}
