// Prints what a user has to fetch, and fails where it is too much: `node sizes.js MODULE.wasm…`.

import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

const KB = 1000;
/** What we aim at, in KB, for each module. */
const AIMS = { "zkvault.wasm": { raw: 500, gzip: 200, brotli: 165 } };
const AIM = { raw: 350, gzip: 150, brotli: 120 };
/** What fails: a little above what each module has, so that it cannot grow unnoticed. */
const LIMITS = {
  "zkvault.wasm": { raw: 762, gzip: 325, brotli: 267 },
  "zkvault-client.wasm": { raw: 565, gzip: 252, brotli: 207 },
  "zkvault-values.wasm": { raw: 355, gzip: 130, brotli: 105 },
};

const compressed = {
  raw: (bytes) => bytes.length,
  gzip: (bytes) => zlib.gzipSync(bytes, { level: 9 }).length,
  brotli: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length,
};

for (const file of process.argv.slice(2)) {
  const bytes = fs.readFileSync(file);
  const [limits, aims] = [LIMITS[path.basename(file)], AIMS[path.basename(file)] ?? AIM];
  for (const [form, measure] of Object.entries(compressed)) {
    const size = measure(bytes);
    const verdict = size > limits[form] * KB ? "TOO LARGE" : size > aims[form] * KB ? "above the aim" : "good";
    console.log(`${path.basename(file).padEnd(19)} ${form.padEnd(7)} ${(size / KB).toFixed(1).padStart(7)} KB   aim ${aims[form]}, limit ${limits[form]}: ${verdict}`);
    if (verdict === "TOO LARGE") process.exitCode = 1;
  }
}
