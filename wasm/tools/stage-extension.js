// Puts the extension together: `node stage-extension.js PACKAGE FOLDER [BROWSER]`. PACKAGE is the staged npm package, FOLDER is made
// anew, and beside it FOLDER.zip, the same bytes for the same files. BROWSER is `firefox`, whose manifest differs in what
// wasm/extension/firefox/manifest.json says. Fails where the extension would load or run something that is not in it.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { zip } from "./zip.js";

const SOURCE = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "extension");

const [packaged, folder, browser = "chromium"] = process.argv.slice(2);
const FIREFOX = "firefox";

/** All files below a folder, relative to it. */
const files = (root) => fs.readdirSync(root, { recursive: true }).filter((name) => fs.statSync(path.join(root, name)).isFile());

function fail(message) {
  console.error(`the extension: ${message}`);
  process.exit(1);
}

function copy() {
  fs.rmSync(folder, { recursive: true, force: true });
  const others = browser === FIREFOX ? ["firefox/manifest.json", "background.js", "background/offscreen.js", "host/host.html", "host/host.js"] : ["firefox"];
  const isLeft = (name) => /\.(md|svg)$|^store$/.test(name) || others.includes(name);
  fs.cpSync(SOURCE, folder, { recursive: true, filter: (file) => !isLeft(path.relative(SOURCE, file).replaceAll("\\", "/")) });
  if (browser === FIREFOX) changeManifest(JSON.parse(fs.readFileSync(path.join(SOURCE, FIREFOX, "manifest.json"), "utf8")));
  // Of the package, what browsers load.
  const wanted = files(packaged).filter((name) => /(\.js|\.wasm|^LICENSE-.*|^NOTICE)$/.test(name) && !/(\.node|\.inline|\.wasm|^bundle|^vite)\.js$/.test(name));
  for (const name of wanted) fs.cpSync(path.join(packaged, name), path.join(folder, "zkvault", name));
}

/** Puts members of the manifest in the place of others; null is for none. */
function changeManifest(changes) {
  const file = path.join(folder, "manifest.json");
  const members = Object.entries({ ...JSON.parse(fs.readFileSync(file, "utf8")), ...changes }).filter(([, value]) => value !== null);
  fs.writeFileSync(file, `${JSON.stringify(Object.fromEntries(members), null, 2)}\n`);
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
    // The modules as scripts stand in for files that a bundler left behind: here those are there.
    const missing = references(name, text).filter((reference) => !present.has(reference) && !/^zkvault\/.*\.wasm\.js$/.test(reference));
    if (missing.length > 0) fail(`${name} names ${missing.join(", ")}, which is not there`);
    const found = name.startsWith("zkvault/") ? undefined : FORBIDDEN.find((pattern) => pattern.test(text));
    if (found) fail(`${name} has ${found}`);
  }
}

copy();
const names = files(folder);
check(names);
fs.writeFileSync(`${folder}.zip`, zip(names.map((name) => ({ name: name.replaceAll("\\", "/"), content: fs.readFileSync(path.join(folder, name)) }))));
console.log(`${folder}: ${names.length} files, ${Math.round(names.reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0) / 1024)} KB`);
