// For browsers and whatever fetches: the modules are files beside this one, which most bundlers carry along. What others
// bundle imports them as scripts.

import { loaders, notNow } from "./load.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

export const { init, initSync } = loaders(
  { module: vaults, file: () => new URL("./zkvault.wasm", import.meta.url), script: () => import("./zkvault.wasm.js"), now: notNow },
  { module: clients, file: () => new URL("./zkvault-client.wasm", import.meta.url), script: () => import("./zkvault-client.wasm.js") },
);
