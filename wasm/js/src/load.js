// From what a caller has to a module.

import { ZkvError } from "./error.js";

/**
 * `init` and `initSync` of an entry, which says where its modules come from by themselves: first the one that they wait for, and
 * then those that are loaded later, on first use. `file` gives what is compiled; where that fails, as behind a bundler that left
 * the file behind, `script` imports the module's bytes as a script. `now` gives the bytes of the first one without waiting.
 */
export function loaders(first, ...later) {
  const prepare = (sources) => later.forEach((own, at) => own.module.from(from(own, sources[at])));
  return {
    // Async, so that whatever is wrong comes as a rejected promise.
    async init(source, ...sources) {
      prepare(sources);
      await first.module.from(from(first, source)).ready();
    },
    initSync(source, ...sources) {
      prepare(sources);
      first.module.readySync(source ?? first.now());
    },
  };
}

const from = (own, source) => () => (source === undefined ? ownModule(own) : compile(source));

/** For an entry that does not have the bytes of its module at once. */
export function notNow() {
  throw new ZkvError("argument", "initSync needs the module or its bytes here; zkvault/inline brings those of zkvault along");
}

/** The bytes of a module that is written as text. */
export const fromBase64 = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

async function ownModule({ file, script }) {
  try {
    return await compile(Promise.resolve().then(file));
  } catch (error) {
    const imported = await script?.().catch(() => {});
    // The first failure says more: that nothing may be compiled here, or that there is no network.
    if (!imported) throw error;
    return compile(fromBase64(imported.BASE64)).catch(() => Promise.reject(error));
  }
}

/** Compiles a module, its bytes, or what is fetched from a URL or is in a response already. */
async function compile(source) {
  try {
    return await compiled(await source);
  } catch (cause) {
    if (cause instanceof ZkvError) throw cause;
    throw new ZkvError("module", `the module could not be loaded: ${cause?.message ?? cause}`, { cause });
  }
}

async function compiled(given) {
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return WebAssembly.compile(given);
  const response = given instanceof Response ? given : await fetch(address(given));
  if (!response.ok) throw new ZkvError("module", `the module could not be fetched: HTTP ${response.status}`);
  // A server that does not know the type of .wasm is no reason to fail.
  const typed = response.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function address(given) {
  if (typeof given === "string" || given instanceof URL) return given;
  throw new ZkvError("argument", "the module must be a URL, a Response, bytes, or a WebAssembly.Module");
}
