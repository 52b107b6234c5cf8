// For browsers and whatever fetches: the modules are files beside this one, which bundlers carry along.

import { ZkvError } from "./error.js";
import { loaders } from "./load.js";

export * from "./api.js";

export const { init, initSync } = loaders({
  vault: () => new URL("./zkvault.wasm", import.meta.url),
  client: () => new URL("./zkvault-client.wasm", import.meta.url),
  vaultNow() {
    throw new ZkvError("argument", "initSync needs the module or its bytes here; zkvault/inline brings them along");
  },
});
