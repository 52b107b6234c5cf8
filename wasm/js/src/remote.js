// What lives in a worker, seen from outside: every method gives a promise of what the object's own method gives.

import { onAbort } from "./abort.js";
import { ZkvError } from "./error.js";

/**
 * One worker, and the answers that are awaited from it. A `channel` is what workers have in common here:
 * `post(message, transfer)`, `listen(onMessage, onError)` and `end()`.
 */
export class VaultWorker {
  #channel;
  #waiting = new Map();
  #asked = 0;

  constructor(channel) {
    this.#channel = channel;
    channel.listen((answer) => this.#settle(answer), (cause) => this.#fail("worker", "the worker failed", cause));
  }

  /** The worker's answer to a call of `method`, of the object with that number or of the package itself. */
  async ask(method, parameters, object) {
    if (!this.#channel) throw new ZkvError("terminated", "the worker was terminated");
    const { plain, signal, onProgress, onResumable, transfer } = sendable(parameters);
    const id = ++this.#asked;
    let off = () => {};
    const settled = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress, onResumable });
      off = onAbort(signal, (error) => this.#giveUp(id, error));
      if (!this.#waiting.has(id)) return;
      const question = {
        id, object, method, parameters: plain, abortable: signal !== undefined, reports: onProgress !== undefined, resumable: onResumable !== undefined,
      };
      try {
        this.#channel.post(question, transfer);
      } catch (cause) {
        this.#waiting.delete(id);
        reject(new ZkvError("argument", "the arguments cannot be sent to the worker", { cause }));
      }
    });
    return settled.finally(() => off());
  }

  async fromKeys(keys, options) {
    return new RemoteVault(this, await this.ask("fromKeys", [keys, options]));
  }

  async create(passphrase, options) {
    return new RemoteVault(this, await this.ask("create", [passphrase, options]));
  }

  async unlock(keyring, passphrase, options) {
    return new RemoteVault(this, await this.ask("unlock", [keyring, passphrase, options]));
  }

  async unlockSnapshot(sas, passphrase, options) {
    return new RemoteVault(this, await this.ask("unlockSnapshot", [sas, passphrase, options]));
  }

  async logMeOnce(connection) {
    return new RemoteLogMeOnce(this, await this.ask("logMeOnce", [connection]));
  }

  async loome(connection) {
    return new RemoteLoome(this, await this.ask("loome", [connection]));
  }

  /** Ends the worker at once, whatever it does, with all its vaults. What is awaited from it fails. */
  terminate() {
    this.#fail("terminated", "the worker was terminated");
  }

  #settle({ id, result, facts, error, progress, token }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return; // it was given up
    if (progress) return waiting.onProgress(progress);
    if (token) return waiting.onResumable(token);
    this.#waiting.delete(id);
    error ? waiting.reject(new ZkvError(error.code, error.message)) : waiting.resolve({ result, facts });
  }

  #giveUp(id, error) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#channel?.post({ abort: id });
    waiting?.reject(error);
  }

  #fail(code, message, cause) {
    this.#channel?.end();
    this.#channel = undefined;
    for (const { reject } of this.#waiting.values()) reject(new ZkvError(code, message, { cause }));
    this.#waiting.clear();
  }
}

/** Parameters as a message can carry them. */
function sendable(parameters) {
  const options = parameters.at(-1);
  const isOptions = options !== null && typeof options === "object" && ["signal", "onProgress", "onResumable"].some((name) => name in options);
  const transfer = parameters.filter((parameter) => typeof ReadableStream === "function" && parameter instanceof ReadableStream);
  if (!isOptions) return { plain: parameters, transfer };
  const { signal, onProgress, onResumable, ...rest } = options;
  return { plain: [...parameters.slice(0, -1), rest], signal: signal ?? undefined, onProgress, onResumable, transfer };
}

/** An object in a worker, and what is known of it here. */
class Remote {
  #worker;
  #number;
  #gone;
  facts;

  constructor(worker, { result, facts }, gone) {
    this.#worker = worker;
    this.#number = result;
    this.#gone = gone;
    this.facts = facts;
  }

  get isGone() {
    return this.#number === undefined;
  }

  get worker() {
    return this.#worker;
  }

  async answer(method, parameters) {
    if (this.#number === undefined) throw this.#gone();
    const answer = await this.#worker.ask(method, parameters, this.#number);
    this.facts = answer.facts;
    return answer;
  }

  async end(method) {
    const number = this.#number;
    this.#number = undefined;
    if (number !== undefined) await this.#worker.ask(method, [], number);
  }
}

/** Gives a class the methods of the object that it stands for. */
function forward(target, names) {
  for (const name of names) {
    target[name] = async function (...parameters) {
      return (await this.remote.answer(name, parameters)).result;
    };
  }
}

const closed = () => new ZkvError("closed", "it was freed");

/** A vault that lives in a worker. */
export class RemoteVault {
  #remote;

  constructor(worker, made) {
    this.#remote = new Remote(worker, made, () => new ZkvError("locked", "the vault is locked: its keys are wiped"));
  }

  get locked() {
    return this.#remote.isGone;
  }

  async trust(...parameters) {
    return new RemoteTrust(this.#remote.worker, await this.#remote.answer("trust", parameters));
  }

  async lock() {
    await this.#remote.end("lock");
  }

  static {
    for (const name of [
      "decryptValue", "openValue", "encryptValue", "decryptDocument", "encryptDocument", "vendorLayouts", "setVendorLayout", "selectAccount", "setGroups", "sealRecord",
      "openRecord", "keys", "importKey", "changePassphrase", "toKeyring",
      "identity", "activate", "encryptFile", "decryptFile", "upload", "download", "listFiles", "pushSnapshot", "listSnapshots", "restoreSnapshot",
    ]) {
      this.prototype[name] = async function (...parameters) {
        return (await this.#remote.answer(name, parameters)).result;
      };
    }
  }
}

/** What else lives in a worker: until it is freed. */
class Freeable {
  constructor(worker, made) {
    Object.defineProperty(this, "remote", { value: new Remote(worker, made, closed) });
  }

  get host() {
    return this.remote.facts.host;
  }

  async free() {
    await this.remote.end("free");
  }
}

export class RemoteTrust extends Freeable {
  get revision() {
    return this.remote.facts.revision;
  }

  get changed() {
    return this.remote.facts.changed;
  }

  get unanchored() {
    return this.remote.facts.unanchored;
  }
}
forward(RemoteTrust.prototype, ["assess", "accept", "sitesForPage", "toBytes"]);

export class RemoteLogMeOnce extends Freeable {}
forward(RemoteLogMeOnce.prototype, ["sites", "site", "search", "users", "groups"]);

export class RemoteLoome extends Freeable {}
forward(RemoteLoome.prototype, ["projects", "repositories", "sas"]);

if (Symbol.asyncDispose) RemoteVault.prototype[Symbol.asyncDispose] = RemoteVault.prototype.lock;
