// Prints what a user has to fetch, and fails where it is too much: `node sizes.js MODULE.wasm`.

import fs from "node:fs";
import zlib from "node:zlib";

const KB = 1000;
/** What we aim at, and what fails, in KB. */
const AIMS = { raw: 350, gzip: 150, brotli: 120 };
const LIMITS = { raw: 600, gzip: 250, brotli: 250 };

const module = fs.readFileSync(process.argv[2]);
const sizes = {
  raw: module.length,
  gzip: zlib.gzipSync(module, { level: 9 }).length,
  brotli: zlib.brotliCompressSync(module, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: module.length } }).length,
};
for (const [form, size] of Object.entries(sizes)) {
  const verdict = size > LIMITS[form] * KB ? "TOO LARGE" : size > AIMS[form] * KB ? "above the aim" : "good";
  console.log(`${form.padEnd(7)} ${(size / KB).toFixed(1).padStart(7)} KB   aim ${AIMS[form]}, limit ${LIMITS[form]}: ${verdict}`);
  if (size > LIMITS[form] * KB) process.exitCode = 1;
}
