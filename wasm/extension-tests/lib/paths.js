// Where things are.

import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const TARGET = path.resolve(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"));

/** What scripts/build-extension makes. */
export const EXTENSION = path.join(TARGET, "extension", "zkvault");
export const EXTENSION_FOR_FIREFOX = path.join(TARGET, "extension", "firefox");
/** The npm package that the extension has in it. */
export const PACKAGE = path.join(TARGET, "npm", "zkvault");
export const SCREENSHOTS = path.join(TARGET, "extension", "screenshots");
export const SIMULATOR = process.env.ZKV_SIMULATOR ?? path.join(TARGET, "debug", "zkvault-simulator");
export const ZKV = process.env.ZKV ?? path.join(TARGET, "debug", "zkv");
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
