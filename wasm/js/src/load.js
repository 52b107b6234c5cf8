// From what a caller has to a compiled module.

import { ZkvError } from "./error.js";

/** Compiles a module, its bytes, or what is fetched from a URL or is in a response already. */
export async function compile(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return WebAssembly.compile(given);
  const response = given instanceof Response ? given : await fetch(given);
  if (!response.ok) throw new ZkvError("module", `the module could not be fetched: HTTP ${response.status}`);
  // A server that does not know the type of .wasm is no reason to fail.
  const typed = response.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
