import * as check from "./arguments.js";
import { checkPassphrase, Vault as Handle } from "./vault-bindings.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { Trust } from "./trust.js";
import { ValueVault, made, use as withHandle } from "./values.js";

/** Runs work on a vault's half in the module; tells and untells it what must end when it is locked. */
export let use, attach, detach;

/** Keys at hand, in the module's memory, until they are locked away. */
export class Vault extends ValueVault {
  static Handle = Handle;
  static module = vaults;

  /** What was made of the keys, and ends with them. */
  #dependents = new Set();

  static create(passphrase, options) {
    const { memoryKib, iterations, lanes } = check.options(options);
    const [secret, allowsWeak] = [check.bytes(passphrase, "the passphrase"), check.allowsWeak(options)];
    const cost = [check.optionalCount(memoryKib, "memoryKib"), check.optionalCount(iterations, "iterations"), check.optionalCount(lanes, "lanes")];
    if (!allowsWeak) vaults.call(() => checkPassphrase(secret));
    return made(this, options, () => Handle.create(secret, ...cost, check.now()));
  }

  static unlock(keyring, passphrase, options) {
    const [file, secret] = [check.bytes(keyring, "the keyring"), check.bytes(passphrase, "the passphrase")];
    return made(this, options, () => Handle.unlock(file, secret));
  }

  selectAccount(host) {
    const account = check.text(host, "host");
    withHandle(this, (handle) => handle.setAccount(account));
  }

  sealRecord(content, options) {
    const text = check.text(content, "the content", check.MAX_DOCUMENT_LENGTH);
    const which = check.record(options);
    return withHandle(this, (handle) => check.withUtf8(text, (utf8) => handle.sealRecord(...which, utf8)));
  }

  openRecord(record, options) {
    const [sealed, which] = [check.bytes(record, "the record", check.MAX_DOCUMENT_LENGTH), check.record(options)];
    return withHandle(this, (handle) => handle.openRecord(...which, sealed));
  }

  importKey(key, options) {
    const { label, vendorId, makeDefault } = check.options(options);
    const details = [check.optionalText(label, "label"), check.optionalText(vendorId, "vendorId"), check.optionalFlag(makeDefault, "makeDefault") ?? false];
    const secret = check.bytes(key, "the key");
    return JSON.parse(withHandle(this, (handle) => handle.importKey(secret, ...details, check.now())));
  }

  changePassphrase(passphrase, options) {
    const [secret, allowsWeak] = [check.bytes(passphrase, "the passphrase"), check.allowsWeak(options)];
    withHandle(this, (handle) => {
      if (!allowsWeak) checkPassphrase(secret);
      handle.changePassphrase(secret);
    });
  }

  toKeyring() {
    return withHandle(this, (handle) => handle.toKeyring());
  }

  identity() {
    return JSON.parse(withHandle(this, (handle) => handle.identity()));
  }

  activate(activation, options) {
    const { host, userId, from, code, accept } = check.options(options);
    const target = [check.text(activation, "the activation"), check.text(host, "host"), check.apiId(userId, "userId")];
    if ((from === undefined) === (code === undefined)) throw new ZkvError("argument", "an activation takes either from or code");
    const [method, proof] = code === undefined ? ["activate", check.text(from, "from")] : ["activateWithCode", check.bytes(code, "code")];
    const allowed = check.optionalFlag(accept, "accept") ?? false;
    return JSON.parse(withHandle(this, (handle) => handle[method](...target, proof, check.now(), allowed)));
  }

  trust(pins, options) {
    const { host, firstUse, atLeast } = check.options(options);
    const record = check.optionalPins(pins);
    const details = [check.text(host, "host"), check.optionalFlag(firstUse, "firstUse") ?? false, check.optionalRevision(atLeast, "atLeast")];
    const trust = new Trust(withHandle(this, (handle) => handle.trust(record, ...details)), host, this);
    this.#dependents.add(trust);
    return trust;
  }

  lock() {
    for (const dependent of this.#dependents) dependent.free();
    super.lock();
  }

  static {
    const checked = (vault) => {
      if (!(typeof vault === "object" && vault !== null && #dependents in vault)) throw new ZkvError("argument", "vault must be a Vault");
      return vault;
    };
    use = (vault, work) => withHandle(checked(vault), work);
    attach = (vault, dependent) => {
      withHandle(checked(vault), () => {});
      vault.#dependents.add(dependent);
    };
    detach = (vault, dependent) => vault.#dependents.delete(dependent);
  }
}
