// The extension's own module of one-time codes. Its folder is for browsers and has no package.json that says what its files
// are, so it is loaded by its text.

import fs from "node:fs";
import path from "node:path";

import { ROOT } from "./paths.js";

const read = (name) => fs.readFileSync(path.join(ROOT, "wasm", "extension", "shared", name), "utf8");
const asModule = (text) => `data:text/javascript,${encodeURIComponent(text)}`;

export const { codeAt, fromBase32, isAddress, parse } = await import(asModule(read("totp.js").replace("./answer.js", asModule(read("answer.js")))));
