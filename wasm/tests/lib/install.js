// Installs the tarball into an empty project, as its user would: `node lib/install.js`. No network: it needs nothing.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { CONSUMER, TARBALL } from "./paths.js";

fs.rmSync(CONSUMER, { recursive: true, force: true });
fs.mkdirSync(CONSUMER, { recursive: true });
fs.writeFileSync(path.join(CONSUMER, "package.json"), '{ "private": true, "type": "module" }\n');
// One file for each entry, so that a test gets it the way the package exports it.
for (const [file, entry] of [["main", "zkvault"], ["inline", "zkvault/inline"], ["worker", "zkvault/worker"], ["values", "zkvault/values"]]) {
  fs.writeFileSync(path.join(CONSUMER, `${file}.js`), `export * from "${entry}";\n`);
}
execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", TARBALL], { cwd: CONSUMER, stdio: ["ignore", "ignore", "inherit"] });
