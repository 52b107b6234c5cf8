// The installed package, loaded.

import path from "node:path";
import { pathToFileURL } from "node:url";

import { CONSUMER, read } from "./paths.js";

/** One of the package's entries: `main`, `inline` or `worker`. */
export const entry = (name) => import(pathToFileURL(path.join(CONSUMER, `${name}.js`)));

export const zkvault = await entry("main");
await zkvault.init();

export const utf8 = (text) => new TextEncoder().encode(text);

/** The key of examples/sites.json. */
export const EXAMPLE_KEY = new Uint8Array(Buffer.from(read("examples", "example.key").trim(), "hex"));
export const EXAMPLE = read("examples", "sites.json");

/** What a call throws must be a `ZkvError` with this code. */
export const coded = (code) => (error) => {
  if (error instanceof zkvault.ZkvError && error instanceof Error && error.name === "ZkvError" && error.code === code) return true;
  throw new Error(`expected a ZkvError ${code}, got ${error?.name} ${error?.code}: ${error?.message}`, { cause: error });
};
