// For Node: the modules are read from the files beside this one, or imported as scripts where a bundler left those behind.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { ZkvError } from "./error.js";
import { loaders } from "./load.js";

export * from "./api.js";

// When they are needed: what a bundler makes of this may have no place of its own.
const vault = () => new URL("./zkvault.wasm", import.meta.url);
const client = () => new URL("./zkvault-client.wasm", import.meta.url);

export const { init, initSync } = loaders({
  vault: { file: () => readFile(vault()), script: () => import("./zkvault.wasm.js") },
  client: { file: () => readFile(client()), script: () => import("./zkvault-client.wasm.js") },
  vaultNow() {
    try {
      return readFileSync(vault());
    } catch (cause) {
      throw new ZkvError("module", "the module is not beside the program: pass its bytes, or bundle zkvault/inline", { cause });
    }
  },
});
