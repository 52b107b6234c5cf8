// For bundlers and places that cannot carry a file along: the modules are in the JavaScript.

import { BASE64 as CLIENT } from "./zkvault-client.wasm.js";
import { BASE64 as VAULT } from "./zkvault.wasm.js";
import { fromBase64, loaders } from "./load.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

export const { init, initSync } = loaders(
  { module: vaults, file: () => fromBase64(VAULT), now: () => fromBase64(VAULT) },
  { module: clients, file: () => fromBase64(CLIENT) },
);
