// Values and documents alone, for browsers and whatever fetches: a module of less than half of the size, beside this file.

import { loaders, notNow } from "./load.js";
import { values } from "./values-module.js";

export * from "./values-api.js";

export const { init, initSync } = loaders({
  module: values, file: () => new URL("./zkvault-values.wasm", import.meta.url), script: () => import("./zkvault-values.wasm.js"), now: notNow,
});
