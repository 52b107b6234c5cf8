// From what a caller has to the two modules.

import { ZkvError } from "./error.js";
import { clients, vaults } from "./module.js";

/**
 * `init` and `initSync` of an entry, which says where the modules come from by themselves: what `vault` and `client` give is
 * compiled, and `vaultNow` gives the bytes without waiting. The clients' module is loaded later, on first use.
 */
export function loaders({ vault, client, vaultNow }) {
  const clientsFrom = (source) => clients.from(() => compile(source ?? client()));
  return {
    init(source, clientSource) {
      clientsFrom(clientSource);
      return vaults.from(() => compile(source ?? vault())).ready();
    },
    initSync(source, clientSource) {
      clientsFrom(clientSource);
      vaults.readySync(source ?? vaultNow());
    },
  };
}

/** Compiles a module, its bytes, or what is fetched from a URL or is in a response already. */
async function compile(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return WebAssembly.compile(given);
  const response = given instanceof Response ? given : await fetch(given);
  if (!response.ok) throw new ZkvError("module", `the module could not be fetched: HTTP ${response.status}`);
  // A server that does not know the type of .wasm is no reason to fail.
  const typed = response.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
