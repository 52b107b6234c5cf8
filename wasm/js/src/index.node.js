// For Node: the modules are read from the files beside this one.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { compile } from "./load.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

const VAULT = new URL("./zkvault.wasm", import.meta.url);
const CLIENT = new URL("./zkvault-client.wasm", import.meta.url);

export function init(source, clientSource) {
  loadClients(clientSource);
  return vaults.from(() => compile(source ?? readFile(VAULT))).ready();
}

export function initSync(source, clientSource) {
  loadClients(clientSource);
  vaults.readySync(source ?? readFileSync(VAULT));
}

/** Later, when somebody needs one. */
function loadClients(source) {
  clients.from(() => compile(source ?? readFile(CLIENT)));
}
