// Puts the package together: `node stage.js MADE FOLDER`. MADE has the modules and their bindings; FOLDER is made anew.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const PACKAGE = path.join(ROOT, "wasm", "js");

const [made, folder] = process.argv.slice(2);
/** What each module is called in the package. */
const MODULES = { vault: "zkvault.wasm", client: "zkvault-client.wasm", values: "zkvault-values.wasm" };

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });

const into = (name) => path.join(folder, name);
for (const name of ["package.json", "README.md"]) fs.copyFileSync(path.join(PACKAGE, name), into(name));
for (const name of fs.readdirSync(path.join(PACKAGE, "src"))) fs.copyFileSync(path.join(PACKAGE, "src", name), into(name));
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) fs.copyFileSync(path.join(ROOT, name), into(name));
// The word list of the passphrases asks to be named.
fs.copyFileSync(path.join(ROOT, "core", "NOTICE"), into("NOTICE"));

for (const [module, name] of Object.entries(MODULES)) {
  fs.copyFileSync(path.join(made, `${module}-bindings.js`), into(`${module}-bindings.js`));
  fs.copyFileSync(path.join(made, `${module}.wasm`), into(name));
  const base64 = fs.readFileSync(into(name)).toString("base64");
  fs.writeFileSync(into(`${name}.js`), `export const BASE64 = "${base64}";\n`);
}
// TypeScript takes the types of an import from a file for modules, and those of a require from one of the other kind.
for (const name of fs.readdirSync(folder).filter((file) => /^(?!vite).*\.d\.ts$/.test(file))) {
  const types = fs.readFileSync(into(name), "utf8").replaceAll(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"');
  fs.writeFileSync(into(name.replace(/\.d\.ts$/, ".d.cts")), types);
}
const words = fs.readFileSync(path.join(ROOT, "core", "src", "generate", "eff_large_wordlist.txt"), "utf8");
fs.writeFileSync(into("words.js"), `export const WORDS = ${JSON.stringify(words)};\n`);

// One file, for pages without a bundler: a request in place of thirty, one after the other.
for (const [entry, file] of [["index.web.js", "bundle.js"], ["values.web.js", "values-bundle.js"]]) {
  const bundle = await rolldown({ input: into(entry), external: /\.wasm\.js$/ });
  await bundle.write({ file: into(file), format: "es", codeSplitting: false });
  await bundle.close();
}
