// A vault in a worker, seen from outside: every method gives a promise of what the vault's own method gives.

import { ZkvError } from "./error.js";

const METHODS = [
  "decryptValue", "encryptValue", "decryptDocument", "encryptDocument",
  "keys", "importKey", "toKeyring", "identity", "activate",
];

/**
 * One worker, and the answers that are awaited from it. A `channel` is what workers have in common here:
 * `post(message)`, `listen(onMessage, onError)` and `end()`.
 */
export class VaultWorker {
  #channel;
  #waiting = new Map();
  #asked = 0;

  constructor(channel) {
    this.#channel = channel;
    channel.listen((answer) => this.#settle(answer), (cause) => this.#fail("worker", "the worker failed", cause));
  }

  /** The worker's answer to a call of `method`, of the vault with that number or of the package itself. */
  ask(method, parameters, vault) {
    if (!this.#channel) return Promise.reject(new ZkvError("terminated", "the worker was terminated"));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#channel.post({ id, vault, method, parameters });
    });
  }

  async fromKeys(keys) {
    return new RemoteVault(this, await this.ask("fromKeys", [keys]));
  }

  async create(passphrase, options) {
    return new RemoteVault(this, await this.ask("create", [passphrase, options]));
  }

  async unlock(keyring, passphrase) {
    return new RemoteVault(this, await this.ask("unlock", [keyring, passphrase]));
  }

  /** Ends the worker at once, whatever it does, with all its vaults. What is awaited from it fails. */
  terminate() {
    this.#fail("terminated", "the worker was terminated");
  }

  #settle({ id, result, error }) {
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    error ? reject(new ZkvError(error.code, error.message)) : resolve(result);
  }

  #fail(code, message, cause) {
    this.#channel?.end();
    this.#channel = undefined;
    for (const { reject } of this.#waiting.values()) reject(new ZkvError(code, message, { cause }));
    this.#waiting.clear();
  }
}

/** A vault that lives in a worker. */
export class RemoteVault {
  #worker;
  #number;

  constructor(worker, number) {
    this.#worker = worker;
    this.#number = number;
  }

  get locked() {
    return this.#number === undefined;
  }

  async lock() {
    const number = this.#number;
    this.#number = undefined;
    if (number !== undefined) await this.#worker.ask("lock", [], number);
  }

  async #ask(method, parameters) {
    if (this.#number === undefined) throw new ZkvError("locked", "the vault is locked: its keys are wiped");
    return this.#worker.ask(method, parameters, this.#number);
  }

  static {
    for (const method of METHODS) {
      this.prototype[method] = function (...parameters) {
        return this.#ask(method, parameters);
      };
    }
  }
}

if (Symbol.asyncDispose) RemoteVault.prototype[Symbol.asyncDispose] = RemoteVault.prototype.lock;
