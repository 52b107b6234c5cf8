// The account: its credentials, the pins, and the last listing that its service sent. All sealed on the disk.

import { LogMeOnce } from "../zkvault/index.web.js";
import { Failure } from "../shared/answer.js";
import { isTrustworthy } from "../shared/origins.js";
import * as database from "./database.js";
import { note, noteAccepted } from "./history.js";
import * as layouts from "./layouts.js";
import { open, seal } from "./sealed.js";
import { byId, byName } from "./sites.js";

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** `host` and `synced` are what pins are asked for with: an account that was synced once is never in its first use again. */
/** @typedef {{ url: string, apiKey: string, secret: string, host: string, synced: boolean }} Credentials */
/** `groups` are as the service lists them, null while it was not allowed to say. `kept` are sites as they were before the service changed them, until a person accepts the change. */
/** @typedef {{ listing: string, groups: string | null, setAside: import("zkvault").SetAside[], kept: Record<string, any>, history: import("./history.js").History, syncedAt: number, revision: number }} Copy */

/** Which account it is, says its own record. */
const CREDENTIALS = { name: "credentials" };
const copyOf = (/** @type {Credentials} */ { host }) => ({ name: "copy", host });

export class Account {
  #vault;
  #trust;
  #credentials;
  /** @type {Copy | undefined} */
  #copy;
  /** @type {SiteVerdict[]} */
  verdicts = [];
  /** Why the last sync failed, if it did. @type {{ code: string, message: string } | null} */
  failed = null;
  /** @type {Map<string, SiteVerdict>} */
  #byId = new Map();
  /** @type {Map<string, any>} */
  #sites = new Map();
  /** The page that was asked for last: every key of a search asks for the same. @type {{ page: string, ids: Set<string> } | undefined} */
  #here;

  /**
   * @param {import("zkvault").Vault} vault
   * @param {import("zkvault").Trust} trust
   * @param {Credentials} credentials
   * @param {Copy} [copy]
   */
  constructor(vault, trust, credentials, copy) {
    this.#vault = vault;
    this.#trust = trust;
    this.#credentials = credentials;
    this.#copy = copy;
  }

  /**
   * The account that was connected before, if any.
   * @param {import("zkvault").Vault} vault
   */
  static async load(vault) {
    const credentials = open(vault, CREDENTIALS, await database.read("credentials"));
    if (!credentials) return undefined;
    const copy = open(vault, copyOf(credentials), await database.read("copy"));
    const pins = (await database.read("pins")) ?? null;
    const { host, synced } = credentials;
    vault.selectAccount(host);
    await layouts.use(vault, host);
    const trust = vault.trust(pins, { host, firstUse: !synced, atLeast: copy?.revision });
    const account = new Account(vault, trust, credentials, copy);
    await account.assess();
    return account;
  }

  /**
   * Connects an account, in place of the one before. Its credentials are tried first. The same account keeps its pins.
   * @param {import("zkvault").Vault} vault
   * @param {{ url: string, apiKey: string, secret: string }} given an empty secret is the one that is known
   * @param {Account | undefined} before
   */
  static async connect(vault, { url, apiKey, secret: given }, before) {
    const known = before && before.#credentials;
    const secret = given === "" && known?.url === url ? known.secret : given;
    const client = await connect({ url, apiKey, secret });
    const { host } = client;
    client.free();
    const same = before && known?.host === host;
    if (!same) await layouts.refuseIfKept();
    vault.selectAccount(host);
    const credentials = { url, apiKey, secret, host, synced: same ? known.synced : false };
    const account = same ? before : new Account(vault, vault.trust(null, { host, firstUse: true }), credentials);
    account.#credentials = credentials;
    const sealed = { credentials: seal(vault, CREDENTIALS, credentials) };
    await database.write(same ? sealed : { ...sealed, copy: undefined, pins: undefined });
    return account;
  }

  get host() {
    return this.#credentials.host;
  }

  get syncedAt() {
    return this.#copy?.syncedAt ?? null;
  }

  /** What the last listing holds and could not be read. */
  get setAside() {
    return this.#copy?.setAside ?? [];
  }

  /** Everything but the secret. */
  get shown() {
    return { url: this.#credentials.url, apiKey: this.#credentials.apiKey, syncedAt: this.syncedAt, sites: this.verdicts.length, setAside: this.setAside };
  }

  /** Fetches all sites and compares them with the pins. What changed waits for a person. */
  async sync() {
    try {
      const { sites, groups = this.#copy?.groups ?? null } = await this.#fetch();
      const { document: listing, setAside } = sites;
      this.#copy = { listing, groups, setAside, kept: this.#copy?.kept ?? {}, history: this.#copy?.history ?? {}, syncedAt: Date.now(), revision: 0 };
      this.failed = null;
    } catch (/** @type {any} */ error) {
      this.failed = { code: error.code ?? "internal", message: error.name === "ZkvError" ? error.message : "something failed inside zkvault" };
      throw error;
    }
    await this.assess();
    const waiting = this.verdicts.filter(({ fill }) => fill === "refused").length;
    return { sites: this.verdicts.length, waiting };
  }

  async #fetch() {
    const client = await connect(this.#credentials);
    try {
      // Not every account may list its groups: that keeps no site from being read.
      const groups = await client.groups().catch(() => undefined);
      return { sites: await client.sites(), groups: groups?.document };
    } finally {
      client.free();
    }
  }

  /** Compares the copy with the pins, and saves both. */
  async assess() {
    if (!this.#copy) return;
    const { listing, groups, setAside, history } = this.#copy;
    if (groups !== null) this.#vault.setGroups(groups);
    const before = this.#sites;
    this.verdicts = byName(this.#trust.assess(listing, { setAside }));
    this.#byId = new Map(this.verdicts.map((verdict) => [String(verdict.siteId), verdict]));
    this.#here = undefined;
    this.#sites = byId(listing);
    this.#keep(before);
    note(history, this.verdicts, Date.now());
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
    const pins = this.#trust.toBytes();
    copy.revision = this.#trust.revision;
    this.#credentials.synced = true;
    const credentials = seal(this.#vault, CREDENTIALS, this.#credentials);
    await database.write({ pins, copy: seal(this.#vault, copyOf(this.#credentials), copy), credentials });
  }

  /**
   * Takes sites as the service has them now.
   * @param {(number | string)[]} siteIds
   */
  async accept(siteIds) {
    for (const siteId of siteIds) this.#trust.accept(siteId);
    noteAccepted(this.#copy?.history ?? {}, siteIds, Date.now());
    await this.assess();
  }

  /** What was found at a site before, the last first. */
  history(/** @type {number | string} */ siteId) {
    return (this.#copy?.history[String(siteId)] ?? []).toReversed();
  }

  /** Whether what is read of a site is older than what the service shows. */
  isOlder(/** @type {number | string} */ siteId) {
    return this.#copy?.kept[String(siteId)] !== undefined;
  }

  /** @param {number | string} siteId */
  verdict(siteId) {
    const verdict = this.#byId.get(String(siteId));
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
   * @returns {Set<string>}
   */
  idsFor(page) {
    if (!page || !this.#copy) return new Set();
    if (this.#here?.page !== page) {
      const verdicts = this.#trust.sitesForPage(page).filter(({ origin }) => isTrustworthy(origin));
      this.#here = { page, ids: new Set(verdicts.map(({ siteId }) => String(siteId))) };
    }
    return this.#here.ids;
  }
}

/** A client that has an access token. */
async function connect(/** @type {{ url: string, apiKey: string, secret: string }} */ { url, apiKey, secret }) {
  const bytes = new TextEncoder().encode(secret);
  try {
    return await LogMeOnce.connect({ url, apiKey, secret: bytes });
  } finally {
    bytes.fill(0);
  }
}
