// For browsers and whatever fetches: the modules are files beside this one, which most bundlers carry along. What others
// bundle imports them as scripts.

import { ZkvError } from "./error.js";
import { loaders } from "./load.js";

export * from "./api.js";

export const { init, initSync } = loaders({
  vault: { file: () => new URL("./zkvault.wasm", import.meta.url), script: () => import("./zkvault.wasm.js") },
  client: { file: () => new URL("./zkvault-client.wasm", import.meta.url), script: () => import("./zkvault-client.wasm.js") },
  vaultNow() {
    throw new ZkvError("argument", "initSync needs the module or its bytes here; zkvault/inline brings them along");
  },
});
