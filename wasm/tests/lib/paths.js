// Where things are.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const TARGET = path.resolve(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"));

/** What scripts/build-wasm makes. */
export const TARBALL = path.join(TARGET, "npm", "zkvault.tgz");

/** An empty project with the tarball installed: lib/install.js makes it. */
export const CONSUMER = path.join(TARGET, "npm", "consumer");
export const INSTALLED = path.join(CONSUMER, "node_modules", "zkvault");

export const read = (...parts) => fs.readFileSync(path.join(ROOT, ...parts), "utf8");

/** Imports a file of the installed package by its path, past what the package exports. */
export const internal = (name) => import(pathToFileURL(path.join(INSTALLED, name)));
