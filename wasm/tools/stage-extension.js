// Puts the extension together: `node stage-extension.js PACKAGE FOLDER [BROWSER]`. PACKAGE is the staged npm package, FOLDER is made
// anew, and beside it FOLDER.zip, the same bytes for the same files. BROWSER is `firefox`, whose manifest differs in what
// wasm/extension/firefox/manifest.json says. What runs on its own, a page or a worker, becomes one script, unminified; all other
// files are as in wasm/extension. Fails where the extension would load or run something that is not in it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

import { zip } from "./zip.js";

const SOURCE = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "extension");

const [packaged, folder, browser = "chromium"] = process.argv.slice(2);
const FIREFOX = "firefox";

/** The scripts that something starts: pages, the manifest, a page that starts a worker. */
const ENTRIES = {
  chromium: ["background.js", "host/host.js", "host/worker.js", "options/options.js", "popup/popup.js"],
  [FIREFOX]: ["firefox/background.js", "host/worker.js", "options/options.js", "popup/popup.js"],
}[browser];
/** The WebAssembly of the package lies beside the one script that loads it. */
const MODULES = { "zkvault.wasm": "host/zkvault.wasm", "zkvault-client.wasm": "host/zkvault-client.wasm" };

/** All files below a folder, relative to it, in the way of the web. */
const files = (root) => fs.readdirSync(root, { recursive: true }).filter((name) => fs.statSync(path.join(root, name)).isFile()).map((name) => name.replaceAll("\\", "/"));

function fail(message) {
  console.error(`the extension: ${message}`);
  process.exit(1);
}

/** Copies what is no module: pages, styles, images, licences, and the scripts that run in pages of others, which are classic ones. */
function copy() {
  fs.rmSync(folder, { recursive: true, force: true });
  const left = browser === FIREFOX ? /^host\/host\.html$/ : /^firefox\//;
  const wanted = files(SOURCE).filter((name) => !left.test(name) && !/^store\/|\.(md|svg)$/.test(name) && (!name.endsWith(".js") || name.startsWith("page/")));
  for (const name of wanted.filter((one) => one !== "firefox/manifest.json")) fs.cpSync(path.join(SOURCE, name), path.join(folder, name));
  if (browser === FIREFOX) changeManifest(JSON.parse(fs.readFileSync(path.join(SOURCE, FIREFOX, "manifest.json"), "utf8")));
  for (const [name, place] of Object.entries(MODULES)) fs.cpSync(path.join(packaged, name), path.join(folder, place));
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"]) fs.cpSync(path.join(packaged, name), path.join(folder, name));
}

/** Puts members of the manifest in the place of others; null is for none. */
function changeManifest(changes) {
  const file = path.join(folder, "manifest.json");
  const members = Object.entries({ ...JSON.parse(fs.readFileSync(file, "utf8")), ...changes }).filter(([, value]) => value !== null);
  fs.writeFileSync(file, `${JSON.stringify(Object.fromEntries(members), null, 2)}\n`);
}

/**
 * Makes one script of each entry and what it imports. The sources are put into one folder first, for the script names each of them
 * in a comment, and these names must not depend on the machine.
 */
async function bundle() {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-extension-"));
  try {
    fs.cpSync(SOURCE, place, { recursive: true });
    fs.cpSync(packaged, path.join(place, "zkvault"), { recursive: true });
    for (const entry of ENTRIES) {
      const made = await rolldown({
        cwd: fs.realpathSync(place), input: entry,
        // The modules as scripts stand in for files that a bundler left behind: here those are there.
        external: /\.wasm\.js$/,
        onLog: (level, { message }) => level === "warn" && fail(message),
      });
      await made.write({ file: path.resolve(folder, entry), format: "es", codeSplitting: false });
      await made.close();
    }
  } finally {
    fs.rmSync(place, { recursive: true });
  }
}

/** What a file names: scripts and modules that it loads, and what pages and the manifest refer to. */
function references(name, text) {
  const beside = (reference) => path.posix.join(path.posix.dirname(name), reference);
  if (name.endsWith(".js")) {
    // Comments name types in sources.
    const code = text.replaceAll(/\/\*\*[^]*?\*\//g, "");
    const relative = [...code.matchAll(/(?:from|import|new URL\()\s*\(?"(\.[^"]+)"/g)].map(([, reference]) => beside(reference));
    return [...relative, ...[...code.matchAll(/getURL\("([^"]+)"\)|"\/(page\/[^"]+\.js)"/g)].map(([, one, other]) => one ?? other)];
  }
  if (name.endsWith(".html")) return [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => beside(reference));
  if (name === "manifest.json") return [...text.matchAll(/"([^"]+\.(?:png|html|js))"/g)].map(([, reference]) => reference);
  return [];
}

/** What no file of an extension may hold: markup from strings, code from strings, anything from elsewhere. */
const FORBIDDEN = [/\b(?:inner|outer)HTML\b/, /\binsertAdjacentHTML\b/, /\bdocument\.write/, /\beval\(/, /\bnew Function\b/, /<script(?![^>]*\bsrc=)/, /(?:src|href|import)[=( ]+"https?:/];

function check(names) {
  const [present, named] = [new Set(names), new Set(["manifest.json"])];
  for (const name of names.filter((name) => /\.(js|html|json)$/.test(name))) {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const wanted = references(name, text).filter((reference) => !reference.endsWith(".wasm.js"));
    const missing = wanted.filter((reference) => !present.has(reference));
    if (missing.length > 0) fail(`${name} names ${missing.join(", ")}, which is not there`);
    const found = FORBIDDEN.find((pattern) => pattern.test(text));
    if (found) fail(`${name} has ${found}`);
    for (const reference of wanted) named.add(reference);
  }
  const unused = names.filter((name) => /\.(js|wasm)$/.test(name) && !named.has(name));
  if (unused.length > 0) fail(`nothing loads ${unused.join(", ")}`);
}

copy();
await bundle();
const names = files(folder);
check(names);
fs.writeFileSync(`${folder}.zip`, zip(names.map((name) => ({ name, content: fs.readFileSync(path.join(folder, name)) }))));
console.log(`${folder}: ${names.length} files, ${Math.round(names.reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0) / 1024)} KB`);
