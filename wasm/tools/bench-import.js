// Times how long a page in Chromium takes from the import of the package to an initialised module, with an empty cache, and prints
// rows of a Markdown table: `node bench-import.js FOLDER [ROUNDS]`. On this machine, and over a network that takes its time.

import path from "node:path";

import { openPage } from "../tests/lib/browser.js";

const folder = path.resolve(process.argv[2]);
const rounds = Number(process.argv[3] ?? 7);
/** Milliseconds that every response takes longer. */
const LATENCIES = [0, 40];
const ENTRIES = { "index.web.js, file by file": "/zkvault/index.web.js", "bundle.js, one file": "/zkvault/bundle.js" };

/** Runs in the page. */
async function importAndInit(entry) {
  const since = performance.now();
  const { init } = await import(entry);
  await init();
  return performance.now() - since;
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[numbers.length >> 1];

/** Milliseconds of an import, each in a page that was loaded anew. */
async function times(page, entry) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.reload();
    all.push(await page.evaluate(importAndInit, entry));
  }
  return all;
}

const afterwards = [];
try {
  const page = await openPage({ after: (end) => afterwards.push(end) }, { "/zkvault/": folder });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  for (const latency of LATENCIES) {
    await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
    for (const [name, entry] of Object.entries(ENTRIES)) {
      console.log(`| import and init() in Chromium, ${latency} ms away: ${name} | ${median(await times(page, entry)).toFixed(0)} ms | | | |`);
    }
  }
  if (page.complaints.length > 0) throw new Error(page.complaints.join("\n"));
} finally {
  for (const end of afterwards.reverse()) await end();
}
