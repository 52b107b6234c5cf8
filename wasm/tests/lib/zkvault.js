// The installed package, loaded.

import path from "node:path";
import { pathToFileURL } from "node:url";

import { CONSUMER, read } from "./paths.js";

/** One of the package's entries: `main`, `inline`, `worker` or `values`. */
export const entry = (name) => import(pathToFileURL(path.join(CONSUMER, `${name}.js`)));

export const zkvault = await entry("main");
await zkvault.init();

/** The names of all that an object of a class has, its own and what it extends. */
export function namesOf({ prototype }) {
  const names = new Set();
  for (let one = prototype; one !== Object.prototype; one = Object.getPrototypeOf(one)) Object.getOwnPropertyNames(one).forEach((name) => names.add(name));
  return [...names].sort();
}

export const utf8 = (text) => new TextEncoder().encode(text);

/** The key of examples/sites.json. */
export const EXAMPLE_KEY = new Uint8Array(Buffer.from(read("examples", "example.key").trim(), "hex"));
export const EXAMPLE = read("examples", "sites.json");

/** What a call throws must be a `ZkvError` with this code. */
export const coded = (code) => (error) => {
  if (error instanceof zkvault.ZkvError && error instanceof Error && error.name === "ZkvError" && error.code === code) return true;
  throw new Error(`expected a ZkvError ${code}, got ${error?.name} ${error?.code}: ${error?.message}`, { cause: error });
};
