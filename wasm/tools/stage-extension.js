// Puts the extension together: `node stage-extension.js PACKAGE FOLDER`. PACKAGE is the staged npm package, FOLDER is made
// anew. Fails where the extension would load or run something that is not in it.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "extension");

const [packaged, folder] = process.argv.slice(2);

/** All files below a folder, relative to it. */
const files = (root) => fs.readdirSync(root, { recursive: true }).filter((name) => fs.statSync(path.join(root, name)).isFile());

function fail(message) {
  console.error(`the extension: ${message}`);
  process.exit(1);
}

function copy() {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(SOURCE, folder, { recursive: true, filter: (name) => !/(README\.md|\.svg)$/.test(name) });
  // Of the package, what browsers load.
  const wanted = files(packaged).filter((name) => /(\.js|\.wasm|^LICENSE-.*|^NOTICE)$/.test(name) && !/(\.node|\.inline|\.wasm)\.js$/.test(name));
  for (const name of wanted) fs.cpSync(path.join(packaged, name), path.join(folder, "zkvault", name));
}

/** What a file names: modules that it imports, and what pages and the manifest refer to. */
function references(name, text) {
  const beside = (reference) => path.posix.join(path.posix.dirname(name), reference);
  if (name.endsWith(".js")) return [...text.matchAll(/(?:from|import|new URL\()\s*\(?"(\.[^"]+)"/g)].map(([, reference]) => beside(reference));
  if (name.endsWith(".html")) return [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => beside(reference));
  if (name === "manifest.json") return [...text.matchAll(/"([^"]+\.(?:png|html|js))"/g)].map(([, reference]) => reference);
  return [];
}

/** What no file of an extension may hold: markup from strings, code from strings, anything from elsewhere. */
const FORBIDDEN = [/\b(?:inner|outer)HTML\b/, /\binsertAdjacentHTML\b/, /\bdocument\.write/, /\beval\(/, /\bnew Function\b/, /<script(?![^>]*\bsrc=)/, /(?:src|href|import)[=( ]+"https?:/];

function check(names) {
  const present = new Set(names);
  for (const name of names.filter((name) => /\.(js|html|json)$/.test(name))) {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const missing = references(name, text).filter((reference) => !present.has(reference));
    if (missing.length > 0) fail(`${name} names ${missing.join(", ")}, which is not there`);
    const found = name.startsWith("zkvault/") ? undefined : FORBIDDEN.find((pattern) => pattern.test(text));
    if (found) fail(`${name} has ${found}`);
  }
}

copy();
const names = files(folder);
check(names);
console.log(`${folder}: ${names.length} files, ${Math.round(names.reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0) / 1024)} KB`);
