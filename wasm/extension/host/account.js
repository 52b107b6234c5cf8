// The account: its credentials, the pins, and the last listing that its service sent. All sealed on the disk.

import { Failure } from "../shared/messages.js";
import * as database from "./database.js";
import { open, seal } from "./sealed.js";
import { byId } from "./sites.js";

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** @typedef {{ url: string, apiKey: string, secret: string }} Credentials */
/** `kept` are sites as they were before the service changed them, until a person accepts the change. */
/** @typedef {{ listing: string, kept: Record<string, any>, syncedAt: number, revision: number }} Copy */

export class Account {
  #worker;
  #vault;
  #trust;
  #credentials;
  /** @type {Copy | undefined} */
  #copy;
  /** @type {SiteVerdict[]} */
  verdicts = [];
  /** @type {Map<string, any>} */
  #sites = new Map();

  /**
   * @param {import("zkvault/worker").VaultWorker} worker
   * @param {import("zkvault/worker").RemoteVault} vault
   * @param {import("zkvault/worker").RemoteTrust} trust
   * @param {Credentials} credentials
   * @param {Copy} [copy]
   */
  constructor(worker, vault, trust, credentials, copy) {
    this.#worker = worker;
    this.#vault = vault;
    this.#trust = trust;
    this.#credentials = credentials;
    this.#copy = copy;
  }

  /**
   * The account that was connected before, if any.
   * @param {import("zkvault/worker").VaultWorker} worker
   * @param {import("zkvault/worker").RemoteVault} vault
   */
  static async load(worker, vault) {
    const credentials = await open(vault, "credentials", await database.read("credentials"));
    if (!credentials) return undefined;
    const copy = await open(vault, "copy", await database.read("copy"));
    const pins = (await database.read("pins")) ?? null;
    const options = copy ? { host: hostOf(credentials.url), atLeast: copy.revision } : { host: hostOf(credentials.url), firstUse: true };
    const account = new Account(worker, vault, await vault.trust(pins, options), credentials, copy);
    await account.assess();
    return account;
  }

  /**
   * Connects an account, in place of the one before. Its credentials are tried first. The same account keeps its pins.
   * @param {import("zkvault/worker").VaultWorker} worker
   * @param {import("zkvault/worker").RemoteVault} vault
   * @param {Credentials} credentials
   * @param {Account | undefined} before
   */
  static async connect(worker, vault, { url, apiKey, secret }, before) {
    const known = before && before.#credentials.url === url ? before.#credentials.secret : "";
    const credentials = { url, apiKey, secret: secret || known };
    const client = await connect(worker, credentials);
    await client.free();
    const sealed = await seal(vault, "credentials", credentials);
    if (before?.host === client.host) {
      before.#credentials = credentials;
      await database.write({ credentials: sealed });
      return before;
    }
    const trust = await vault.trust(null, { host: client.host, firstUse: true });
    await database.write({ credentials: sealed, copy: undefined, pins: undefined });
    return new Account(worker, vault, trust, credentials);
  }

  get host() {
    return this.#trust.host;
  }

  get syncedAt() {
    return this.#copy?.syncedAt ?? null;
  }

  /** Everything but the secret. */
  get shown() {
    return { url: this.#credentials.url, apiKey: this.#credentials.apiKey, syncedAt: this.syncedAt, sites: this.verdicts.length };
  }

  /** Fetches all sites and compares them with the pins. What changed waits for a person. */
  async sync() {
    const client = await connect(this.#worker, this.#credentials);
    try {
      const listing = await client.sites();
      this.#copy = { listing, kept: this.#copy?.kept ?? {}, syncedAt: Date.now(), revision: 0 };
    } finally {
      await client.free();
    }
    await this.assess();
    const waiting = this.verdicts.filter(({ fill }) => fill === "refused").length;
    return { sites: this.verdicts.length, waiting };
  }

  /** Compares the copy with the pins, and saves both. */
  async assess() {
    if (!this.#copy) return;
    const { listing } = this.#copy;
    const before = this.#sites;
    this.verdicts = await this.#trust.assess(listing);
    this.#sites = byId(listing);
    this.#keep(before);
    await this.#save();
  }

  /** Keeps good states of sites that changed, and forgets those of sites that are good. */
  #keep(/** @type {Map<string, any>} */ before) {
    const copy = /** @type {Copy} */ (this.#copy);
    const changed = this.verdicts.filter(({ fill, verdict }) => fill === "refused" && verdict !== "new").map(({ siteId }) => String(siteId));
    copy.kept = Object.fromEntries(changed.map((id) => [id, copy.kept[id] ?? before.get(id)]).filter(([, site]) => site));
  }

  async #save() {
    const copy = /** @type {Copy} */ (this.#copy);
    const pins = await this.#trust.toBytes();
    copy.revision = this.#trust.revision;
    await database.write({ pins, copy: await seal(this.#vault, "copy", copy) });
  }

  /**
   * Takes a site as the service has it now.
   * @param {number | string} siteId
   */
  async accept(siteId) {
    await this.#trust.accept(siteId);
    await this.assess();
  }

  /** @param {number | string} siteId */
  verdict(siteId) {
    const verdict = this.verdicts.find((candidate) => String(candidate.siteId) === String(siteId));
    if (!verdict) throw new Failure("unknown-site", "There is no such site any more.");
    return verdict;
  }

  /** A site as it is trusted: as it was, while a change waits. */
  site(/** @type {number | string} */ siteId) {
    return this.#copy?.kept[String(siteId)] ?? this.#sites.get(String(siteId));
  }

  /**
   * The ids of the sites that belong on a page.
   * @param {string | undefined} page
   * @returns {Promise<Set<string>>}
   */
  async idsFor(page) {
    if (!page || !this.#copy) return new Set();
    const verdicts = await this.#trust.sitesForPage(page);
    return new Set(verdicts.filter(({ origin }) => origin?.startsWith("https://")).map(({ siteId }) => String(siteId)));
  }
}

/**
 * @param {import("zkvault/worker").VaultWorker} worker
 * @param {Credentials} credentials
 */
async function connect(worker, { url, apiKey, secret }) {
  return worker.logMeOnce({ url, apiKey, secret: new TextEncoder().encode(secret) });
}

function hostOf(/** @type {string} */ url) {
  return new URL(url).host;
}
