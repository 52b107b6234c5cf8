// Values and documents under keys, whichever module holds them: what the vaults of all entries share.

import * as check from "./arguments.js";
import { ZkvError } from "./error.js";

/** For the classes of this package: runs work on a vault's half in the module; makes a vault of what `make` makes. */
export let use, made;

/** `inspect` of an entry. */
export const inspectIn = (module, bindings) => (value) => {
  const base64 = check.text(value, "the value");
  return JSON.parse(module.call(() => bindings.inspect(base64)));
};

/** The available keys. A class of an entry says what its half in the module is, `Handle`, and which `module` that is. */
export class ValueVault {
  /** The module's half; null once it is locked. */
  #handle;
  #module;

  constructor(handle) {
    const { Handle, module } = new.target;
    if (!(handle instanceof Handle)) throw new ZkvError("argument", "a vault is made by a function of Vault, such as Vault.fromKeys");
    this.#handle = handle;
    this.#module = module;
  }

  static fromKeys(keys, options) {
    const checked = check.keys(keys);
    return made(this, options, (Handle) => Handle.fromKeys(checked));
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

  setGroups(groups) {
    const text = check.optionalList(groups, "groups") ?? "[]";
    this.#use((handle) => check.withUtf8(text, (utf8) => handle.setGroups(utf8)));
  }

  keys() {
    return JSON.parse(this.#use((handle) => handle.keys()));
  }

  lock() {
    const handle = this.#handle;
    this.#handle = null;
    if (handle) this.#module.call(() => handle.free());
  }

  free() {
    this.lock();
  }

  static {
    use = (vault, work) => vault.#use(work);
    // With the layouts that the options choose.
    made = (Vault, options, make) => {
      const [layouts, { Handle, module }] = [check.vendorLayouts(options), Vault];
      const handle = module.call(() => make(Handle));
      try {
        module.call(() => {
          if (layouts.allowed) handle.allowUnauthenticated();
          if (layouts.file !== undefined) handle.setVendorLayouts(layouts.file, layouts.digest);
        });
        return new Vault(handle);
      } catch (error) {
        module.free(handle);
        throw error;
      }
    };
  }

  #use(work) {
    if (this.#handle === null) throw new ZkvError("locked", "the vault is locked: its keys are wiped");
    return this.#module.call(() => work(this.#handle));
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
if (Symbol.dispose) {
  ValueVault.prototype[Symbol.dispose] = function dispose() {
    this.lock();
  };
}

/** A document comes out as it went in: as text, or as an object. */
function inShapeOf(sites, text) {
  return typeof sites === "string" ? text : JSON.parse(text);
}
