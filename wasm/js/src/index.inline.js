// For bundlers and places that cannot carry a file along: the modules are in the JavaScript.

import { BASE64 as CLIENT } from "./zkvault-client.wasm.js";
import { BASE64 as VAULT } from "./zkvault.wasm.js";
import { compile } from "./load.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

export function init(source, clientSource) {
  loadClients(clientSource);
  return vaults.from(() => compile(source ?? bytes(VAULT))).ready();
}

export function initSync(source, clientSource) {
  loadClients(clientSource);
  vaults.readySync(source ?? bytes(VAULT));
}

/** Later, when somebody needs one. */
function loadClients(source) {
  clients.from(() => compile(source ?? bytes(CLIENT)));
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
