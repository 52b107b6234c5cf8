import * as check from "./arguments.js";
import { checkPassphrase, Vault as Handle } from "./vault-bindings.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { Trust } from "./trust.js";

/** Runs work on a vault's half in the module; tells and untells it what must end when it is locked. */
export let use, attach, detach;

/** Keys at hand, in the module's memory, until they are locked away. */
export class Vault {
  /** The module's half; null once it is locked. */
  #handle;
  /** What was made of the keys, and ends with them. */
  #dependents = new Set();

  constructor(handle) {
    if (!(handle instanceof Handle)) throw new ZkvError("argument", "a vault is made by Vault.unlock, create or fromKeys");
    this.#handle = handle;
  }

  static fromKeys(keys, options) {
    const checked = check.keys(keys);
    return Vault.#made(options, () => Handle.fromKeys(checked));
  }

  static create(passphrase, options) {
    const { memoryKib, iterations, lanes } = check.options(options);
    const [secret, allowsWeak] = [check.bytes(passphrase, "the passphrase"), check.allowsWeak(options)];
    const cost = [check.optionalCount(memoryKib, "memoryKib"), check.optionalCount(iterations, "iterations"), check.optionalCount(lanes, "lanes")];
    if (!allowsWeak) vaults.call(() => checkPassphrase(secret));
    return Vault.#made(options, () => Handle.create(secret, ...cost, check.now()));
  }

  static unlock(keyring, passphrase, options) {
    const [file, secret] = [check.bytes(keyring, "the keyring"), check.bytes(passphrase, "the passphrase")];
    return Vault.#made(options, () => Handle.unlock(file, secret));
  }

  /** A vault of the handle that `make` makes, with the layouts that the options choose. */
  static #made(options, make) {
    const layouts = check.vendorLayouts(options);
    const handle = vaults.call(make);
    try {
      vaults.call(() => {
        if (layouts.allowed) handle.allowUnauthenticated();
        if (layouts.file !== undefined) handle.setVendorLayouts(layouts.file, layouts.digest);
      });
      return new Vault(handle);
    } catch (error) {
      vaults.free(handle);
      throw error;
    }
  }

  get locked() {
    return this.#handle === null;
  }

  decryptValue(value, place) {
    return this.openValue(value, place).text;
  }

  openValue(value, place) {
    const [base64, where, siteKey] = [check.text(value, "the value"), check.place(place), check.siteKey(place)];
    const [text, layout, authenticated, usable] = this.#use((handle) => handle.openValue(base64, ...where, siteKey));
    return { text, layout, authenticated, usable };
  }

  encryptValue(plaintext, place, options) {
    const [text, where] = [check.text(plaintext, "the plaintext"), check.place(place)];
    return this.#seal(options, (sealer) => check.withUtf8(text, (utf8) => sealer.value(utf8, ...where)));
  }

  decryptDocument(sites) {
    const text = check.documentText(sites);
    const [opened, failures] = this.#use((handle) => check.withUtf8(text, (utf8) => handle.decryptDocument(utf8)));
    return { document: inShapeOf(sites, opened), failures: JSON.parse(failures) };
  }

  encryptDocument(sites, options) {
    check.requireExactIds(sites);
    const text = check.documentText(sites);
    return inShapeOf(sites, this.#seal(options, (sealer) => check.withUtf8(text, (utf8) => sealer.document(utf8))));
  }

  vendorLayouts() {
    return JSON.parse(this.#use((handle) => handle.vendorLayouts()));
  }

  setVendorLayout(file, options) {
    const layouts = check.vendorLayouts({ vendorLayout: file ?? "", vendorLayoutDigest: check.options(options).digest });
    this.#use((handle) => handle.setVendorLayouts(layouts.file, layouts.digest));
  }

  selectAccount(host) {
    const account = check.text(host, "host");
    this.#use((handle) => handle.setAccount(account));
  }

  setGroups(groups) {
    const text = check.optionalList(groups, "groups") ?? "[]";
    this.#use((handle) => check.withUtf8(text, (utf8) => handle.setGroups(utf8)));
  }

  sealRecord(content, options) {
    const text = check.text(content, "the content", check.MAX_DOCUMENT_LENGTH);
    const which = check.record(options);
    return this.#use((handle) => check.withUtf8(text, (utf8) => handle.sealRecord(...which, utf8)));
  }

  openRecord(record, options) {
    const [sealed, which] = [check.bytes(record, "the record", check.MAX_DOCUMENT_LENGTH), check.record(options)];
    return this.#use((handle) => handle.openRecord(...which, sealed));
  }

  keys() {
    return JSON.parse(this.#use((handle) => handle.keys()));
  }

  importKey(key, options) {
    const { label, vendorId, makeDefault } = check.options(options);
    const details = [check.optionalText(label, "label"), check.optionalText(vendorId, "vendorId"), check.optionalFlag(makeDefault, "makeDefault") ?? false];
    const secret = check.bytes(key, "the key");
    return JSON.parse(this.#use((handle) => handle.importKey(secret, ...details, check.now())));
  }

  changePassphrase(passphrase, options) {
    const [secret, allowsWeak] = [check.bytes(passphrase, "the passphrase"), check.allowsWeak(options)];
    this.#use((handle) => {
      if (!allowsWeak) checkPassphrase(secret);
      handle.changePassphrase(secret);
    });
  }

  toKeyring() {
    return this.#use((handle) => handle.toKeyring());
  }

  identity() {
    return JSON.parse(this.#use((handle) => handle.identity()));
  }

  activate(activation, options) {
    const { host, userId, from, code, accept } = check.options(options);
    const target = [check.text(activation, "the activation"), check.text(host, "host"), check.apiId(userId, "userId")];
    if ((from === undefined) === (code === undefined)) throw new ZkvError("argument", "an activation takes either from or code");
    const [method, proof] = code === undefined ? ["activate", check.text(from, "from")] : ["activateWithCode", check.bytes(code, "code")];
    const allowed = check.optionalFlag(accept, "accept") ?? false;
    return JSON.parse(this.#use((handle) => handle[method](...target, proof, check.now(), allowed)));
  }

  trust(pins, options) {
    const { host, firstUse, atLeast } = check.options(options);
    const record = check.optionalPins(pins);
    const details = [check.text(host, "host"), check.optionalFlag(firstUse, "firstUse") ?? false, check.optionalRevision(atLeast, "atLeast")];
    const trust = new Trust(this.#use((handle) => handle.trust(record, ...details)), host, this);
    this.#dependents.add(trust);
    return trust;
  }

  lock() {
    const handle = this.#handle;
    this.#handle = null;
    for (const made of this.#dependents) made.free();
    if (handle) vaults.call(() => handle.free());
  }

  free() {
    this.lock();
  }

  static {
    const checked = (vault) => {
      if (!(typeof vault === "object" && vault !== null && #dependents in vault)) throw new ZkvError("argument", "vault must be a Vault");
      return vault;
    };
    use = (vault, work) => checked(vault).#use(work);
    attach = (vault, made) => {
      checked(vault).#use(() => {});
      vault.#dependents.add(made);
    };
    detach = (vault, made) => vault.#dependents.delete(made);
  }

  #use(work) {
    if (this.#handle === null) throw new ZkvError("locked", "the vault is locked: its keys are wiped");
    return vaults.call(() => work(this.#handle));
  }

  /** The sealer holds a key, so it does not outlive the call. */
  #seal(options, work) {
    const { layout, key, vendorId } = check.options(options);
    const choice = [check.isVendor(layout), check.optionalText(key, "key"), check.optionalText(vendorId, "vendorId")];
    return this.#use((handle) => {
      const sealer = handle.sealer(...choice);
      try {
        return work(sealer);
      } finally {
        sealer.free();
      }
    });
  }
}

// Where the engine has explicit resource management: `using vault = …`.
if (Symbol.dispose) Vault.prototype[Symbol.dispose] = Vault.prototype.lock;

/** A document comes out as it went in: as text, or as an object. */
function inShapeOf(sites, text) {
  return typeof sites === "string" ? text : JSON.parse(text);
}
