// For browsers and whatever fetches: the module is a file beside this one, which bundlers carry along.

import { ZkvError } from "./error.js";
import { compile } from "./load.js";
import { start, startSync } from "./module.js";

export * from "./api.js";

export function init(source) {
  return start(() => compile(source ?? new URL("./zkvault.wasm", import.meta.url)));
}

export function initSync(source) {
  if (source === undefined) throw new ZkvError("argument", "initSync needs the module or its bytes here; zkvault/inline brings them along");
  startSync(source);
}
