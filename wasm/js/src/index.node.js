// For Node: the modules are read from the files beside this one, or imported as scripts where a bundler left those behind.

import { loaders } from "./load.js";
import { moduleFile } from "./module-file.js";
import { clients, vaults } from "./module.js";

export * from "./api.js";

export const { init, initSync } = loaders(
  { module: vaults, ...moduleFile(() => new URL("./zkvault.wasm", import.meta.url)), script: () => import("./zkvault.wasm.js") },
  { module: clients, ...moduleFile(() => new URL("./zkvault-client.wasm", import.meta.url)), script: () => import("./zkvault-client.wasm.js") },
);
