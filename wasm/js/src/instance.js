// An instance of a WebAssembly module, from its loading to its end.

import { ZkvError } from "./error.js";

export class Module {
  #bindings;
  /** Its memory, once there is an instance. */
  #memory;
  /** Whether the instance trapped, after which nothing in it can be relied on. */
  #failed = false;
  /** Gives a compiled module. */
  #compile;
  /** The loading that is under way. */
  #loading;

  constructor(bindings) {
    this.#bindings = bindings;
  }

  /** Whether there is an instance that can be relied on. */
  get isUsable() {
    return this.#memory !== undefined && !this.#failed;
  }

  /** Says how the module is loaded when it is needed. `compile` gives a `WebAssembly.Module`. */
  from(compile) {
    this.#compile = compile;
    return this;
  }

  /** Makes the instance, unless there is one. */
  async ready() {
    if (this.#memory) return;
    if (!this.#compile) throw new ZkvError("not-initialised", "await init() before anything else");
    this.#loading ??= this.#compile();
    try {
      this.readySync(await this.#loading);
    } finally {
      this.#loading = undefined;
    }
  }

  /** Makes the instance from a module or its bytes, unless there is one. */
  readySync(module) {
    if (this.#memory) return;
    try {
      ({ memory: this.#memory } = this.#bindings.initSync({ module }));
    } catch (cause) {
      throw new ZkvError("module", `the module could not be started: ${cause?.message ?? cause}`, { cause });
    }
  }

  /**
   * Runs `work`, which calls into the instance, and wipes what it left on the stack. Whatever is not a `ZkvError` ends
   * the instance, and all that it holds.
   */
  call(work) {
    if (!this.#memory) throw new ZkvError("not-initialised", "await init() before anything else");
    if (this.#failed) throw new ZkvError("internal", "the module failed before, and its memory was wiped: load it anew");
    try {
      return work();
    } catch (error) {
      if (error instanceof ZkvError) throw error;
      this.#failed = true;
      new Uint8Array(this.#memory.buffer).fill(0);
      throw new ZkvError("internal", "the module failed, and its memory was wiped", { cause: error });
    } finally {
      if (!this.#failed) this.#bindings.wipeStack();
    }
  }

  /** Frees what is in the instance, while that can be relied on. */
  free(handle) {
    if (this.isUsable) this.call(() => handle.free());
  }
}
