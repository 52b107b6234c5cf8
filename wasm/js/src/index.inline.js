// For bundlers and places that cannot carry a file along: the modules are in the JavaScript.

import { BASE64 as CLIENT } from "./zkvault-client.wasm.js";
import { BASE64 as VAULT } from "./zkvault.wasm.js";
import { fromBase64, loaders } from "./load.js";

export * from "./api.js";

export const { init, initSync } = loaders({
  vault: { file: () => fromBase64(VAULT) },
  client: { file: () => fromBase64(CLIENT) },
  vaultNow: () => fromBase64(VAULT),
});
