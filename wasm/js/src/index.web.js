// For browsers and whatever fetches: the modules are files beside this one, which bundlers carry along.

import { ZkvError } from "./error.js";
import { compile } from "./load.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

export function init(source, clientSource) {
  loadClients(clientSource);
  return vaults.from(() => compile(source ?? new URL("./zkvault.wasm", import.meta.url))).ready();
}

export function initSync(source, clientSource) {
  if (source === undefined) throw new ZkvError("argument", "initSync needs the module or its bytes here; zkvault/inline brings them along");
  loadClients(clientSource);
  vaults.readySync(source);
}

/** Later, when somebody needs one. */
function loadClients(source) {
  clients.from(() => compile(source ?? new URL("./zkvault-client.wasm", import.meta.url)));
}
