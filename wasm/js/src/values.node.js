// Values and documents alone, for Node: the module is read from the file beside this one, or imported as a script.

import { loaders } from "./load.js";
import { moduleFile } from "./module-file.js";
import { values } from "./values-module.js";

export * from "./values-api.js";

export const { init, initSync } = loaders({
  module: values, ...moduleFile(() => new URL("./zkvault-values.wasm", import.meta.url)), script: () => import("./zkvault-values.wasm.js"),
});
