import * as check from "./arguments.js";
import { Trust as Handle } from "./vault-bindings.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { detach, use } from "./vault.js";

/** The pins of an account. The keys that they need are the vault's, for as long as it is open. */
export class Trust {
  /** The module's half; null once it is freed. */
  #handle;
  #host;
  #vault;

  constructor(handle, host, vault) {
    if (!(handle instanceof Handle)) throw new ZkvError("argument", "pins are had from vault.trust");
    this.#handle = handle;
    this.#host = host;
    this.#vault = vault;
  }

  get host() {
    return this.#host;
  }

  get revision() {
    return this.#use((handle) => handle.revision);
  }

  get changed() {
    return this.#use((handle) => handle.changed);
  }

  get unanchored() {
    return this.#use((handle) => handle.unanchored);
  }

  assess(sites, options) {
    const { part, setAside } = check.options(options);
    const details = [check.optionalFlag(part, "part") ?? false, ...check.setAside(setAside)];
    const text = check.documentText(sites);
    check.requireExactIds(sites);
    return JSON.parse(this.#use((handle, vault) => check.withUtf8(text, (utf8) => handle.assess(vault, utf8, ...details))));
  }

  accept(siteId) {
    const id = check.apiId(siteId, "siteId");
    return JSON.parse(this.#use((handle, vault) => handle.accept(vault, id)));
  }

  sitesForPage(pageUrl) {
    const address = check.text(pageUrl, "pageUrl");
    return JSON.parse(this.#use((handle) => handle.sitesForPage(address)));
  }

  toBytes() {
    return this.#use((handle, vault) => handle.toBytes(vault));
  }

  free() {
    const handle = this.#handle;
    this.#handle = null;
    detach(this.#vault, this);
    if (handle) vaults.call(() => handle.free());
  }

  #use(work) {
    return use(this.#vault, (vault) => {
      if (this.#handle === null) throw new ZkvError("closed", "these pins were dropped");
      return work(this.#handle, vault);
    });
  }
}

if (Symbol.dispose) Trust.prototype[Symbol.dispose] = Trust.prototype.free;
