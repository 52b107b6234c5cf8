// Puts the package together: `node stage.js MODULE.wasm BINDINGS.js FOLDER`. FOLDER is made anew.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const PACKAGE = path.join(ROOT, "wasm", "js");

const [module, bindings, folder] = process.argv.slice(2);

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });

const into = (name) => path.join(folder, name);
for (const name of ["package.json", "README.md"]) fs.copyFileSync(path.join(PACKAGE, name), into(name));
for (const name of fs.readdirSync(path.join(PACKAGE, "src"))) fs.copyFileSync(path.join(PACKAGE, "src", name), into(name));
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) fs.copyFileSync(path.join(ROOT, name), into(name));
// The word list of the passphrases asks to be named.
fs.copyFileSync(path.join(ROOT, "core", "NOTICE"), into("NOTICE"));

fs.copyFileSync(bindings, into("bindings.js"));
fs.copyFileSync(module, into("zkvault.wasm"));
const base64 = fs.readFileSync(module).toString("base64");
const words = fs.readFileSync(path.join(ROOT, "core", "src", "generate", "eff_large_wordlist.txt"), "utf8");
fs.writeFileSync(into("words.js"), `export const WORDS = ${JSON.stringify(words)};\n`);
fs.writeFileSync(into("zkvault.wasm.js"), `export const BASE64 = "${base64}";\n`);
