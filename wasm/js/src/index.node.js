// For Node: the modules are read from the files beside this one.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { loaders } from "./load.js";

export * from "./api.js";

const VAULT = new URL("./zkvault.wasm", import.meta.url);
const CLIENT = new URL("./zkvault-client.wasm", import.meta.url);

export const { init, initSync } = loaders({
  vault: () => readFile(VAULT),
  client: () => readFile(CLIENT),
  vaultNow: () => readFileSync(VAULT),
});
