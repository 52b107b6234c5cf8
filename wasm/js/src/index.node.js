// For Node: the module is read from the file beside this one.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { compile } from "./load.js";
import { start, startSync } from "./module.js";

export * from "./api.js";

const FILE = new URL("./zkvault.wasm", import.meta.url);

export function init(source) {
  return start(() => compile(source ?? readFile(FILE)));
}

export function initSync(source) {
  startSync(source ?? readFileSync(FILE));
}
