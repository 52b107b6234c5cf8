// The one instance of the WebAssembly module, from its loading to its end.

import { initSync as instantiate, wipeStack } from "./bindings.js";
import { ZkvError } from "./error.js";

/** The module's memory, once there is an instance. */
let memory;
/** Whether the instance trapped, after which nothing in it can be relied on. */
let failed = false;
/** The loading that is under way. */
let loading;

/** Makes the instance, unless there is one. `compile` gives a `WebAssembly.Module`. */
export async function start(compile) {
  if (memory) return;
  loading ??= compile();
  try {
    startSync(await loading);
  } finally {
    loading = undefined;
  }
}

/** Makes the instance from a module or its bytes, unless there is one. */
export function startSync(module) {
  if (memory) return;
  ({ memory } = instantiate({ module }));
}

/** Whether there is an instance that can be relied on. */
export function isUsable() {
  return memory !== undefined && !failed;
}

/**
 * Runs `work`, which calls into the instance, and wipes what it left on the stack. Whatever is not a `ZkvError` ends
 * the instance, keys and all.
 */
export function call(work) {
  if (!memory) throw new ZkvError("not-initialised", "await init() before anything else");
  if (failed) throw new ZkvError("internal", "the module failed before, and its memory was wiped: load it anew");
  try {
    return work();
  } catch (error) {
    if (error instanceof ZkvError) throw error;
    failed = true;
    new Uint8Array(memory.buffer).fill(0);
    throw new ZkvError("internal", "the module failed, and its memory was wiped", { cause: error });
  } finally {
    if (!failed) wipeStack();
  }
}
