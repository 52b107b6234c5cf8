// A file on its way: what it holds in the module, and what ends it early.

import { onAbort } from "./abort.js";
import { ZkvError } from "./error.js";
import { Owner, run } from "./task.js";
import { attach, detach } from "./vault.js";

/** In the place of a vault: the transfer is to find one. */
export const NO_VAULT = Symbol("no vault");

export class Transfer {
  #vault;
  #tasks = new Owner();
  #held = [];
  #off;
  #onProgress;
  #done = 0;
  #stopped = Promise.withResolvers ? Promise.withResolvers() : withResolvers();
  failure;
  total;

  constructor(vault, signal, onProgress, total) {
    if (onProgress !== undefined && typeof onProgress !== "function") throw new ZkvError("argument", "onProgress must be a function");
    this.#vault = vault;
    this.#onProgress = onProgress;
    this.total = total;
    this.#stopped.promise.catch(() => {});
    if (vault !== NO_VAULT) attach(vault, this);
    this.#off = onAbort(signal, (error) => this.stop(error));
  }

  /** Does the work, ends, and gives its result. */
  async during(work) {
    try {
      return await work(this);
    } catch (error) {
      this.stop(error);
      throw this.failure;
    } finally {
      this.end();
    }
  }

  /** Keeps a handle of a module until the end. */
  hold(module, handle) {
    this.#held.push([module, handle]);
    return handle;
  }

  run(begin) {
    this.check();
    return run(begin, undefined, this.#tasks);
  }

  check() {
    if (this.failure) throw this.failure;
  }

  /** What `promise` gives, unless the transfer is stopped before. */
  unlessStopped(promise) {
    this.check();
    return Promise.race([promise, this.#stopped.promise]);
  }

  progress(bytes) {
    this.#done += bytes;
    this.#onProgress?.({ done: this.#done, total: this.total });
  }

  /** The first reason counts. */
  stop(error) {
    this.failure ??= error;
    this.#tasks.end(this.failure);
    this.#stopped.reject(this.failure);
  }

  /** The vault was locked. */
  free() {
    this.stop(new ZkvError("locked", "the vault was locked: its keys are wiped"));
    this.end();
  }

  end() {
    this.#off?.();
    if (this.#vault !== NO_VAULT) detach(this.#vault, this);
    const held = this.#held;
    this.#held = [];
    for (const [module, handle] of held) module.free(handle);
  }
}

function withResolvers() {
  let resolvers;
  const promise = new Promise((resolve, reject) => (resolvers = { resolve, reject }));
  return { promise, ...resolvers };
}
