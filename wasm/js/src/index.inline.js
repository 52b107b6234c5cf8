// For bundlers and places that cannot carry a file along: the modules are in the JavaScript.

import { BASE64 as CLIENT } from "./zkvault-client.wasm.js";
import { BASE64 as VAULT } from "./zkvault.wasm.js";
import { loaders } from "./load.js";

export * from "./api.js";

const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const { init, initSync } = loaders({
  vault: () => bytes(VAULT),
  client: () => bytes(CLIENT),
  vaultNow: () => bytes(VAULT),
});
