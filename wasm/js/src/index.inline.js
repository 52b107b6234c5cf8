// For bundlers and places that cannot carry a file along: the module is in the JavaScript.

import { BASE64 } from "./zkvault.wasm.js";
import { compile } from "./load.js";
import { start, startSync } from "./module.js";

export * from "./api.js";

function bytes() {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0));
}

export function init(source) {
  return start(() => compile(source ?? bytes()));
}

export function initSync(source) {
  startSync(source ?? bytes());
}
