// Times of the extension with 5,000 sites, in this browser on this machine: `node measure.js`. Medians, and the worst.

import fs from "node:fs";

import { site } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { World } from "./lib/world.js";

const SITES = 5000;
const ROUNDS = 9;
const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Log in</button></form>';

const world = await World.start({
  hosts: ["https://*.localhost/*"],
  sites: ({ port }) => Array.from({ length: SITES }, (_, place) => site(1000 + place, `Site ${place} of harbour ${place % 97}`, `https://s${place}.localhost:${port}/`)),
});

function row(what, times) {
  const sorted = times.toSorted((one, other) => one - other);
  console.log(`| ${what} | ${Math.round(sorted[Math.floor(sorted.length / 2)])} ms | ${Math.round(sorted.at(-1))} ms |`);
}

async function times(work) {
  const all = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await work(round));
  return all;
}

try {
  const settings = await world.setUp();
  const page = await world.open(FORM, { host: "s7.localhost" });

  // A worker like the vault's, from its start to its first response: loading its scripts is most of it.
  row("the vault's worker, until it responds", await times(async () => (await world.host()).evaluate(async (url) => {
    const since = performance.now();
    const worker = new Worker(url, { type: "module" });
    await new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage({ id: 1, op: "status", params: {} });
    });
    worker.terminate();
    return performance.now() - since;
  }, world.url("host/worker.js"))));

  // From the start of the popup's document to its list, as its own clock has it.
  row("popup, until the list is there", await times(async () => {
    const popup = await world.unlocked(page);
    const shown = await popup.target.evaluate(() => performance.getEntriesByName("list")[0].startTime);
    await popup.target.evaluate(() => window.close()).catch(() => {});
    await pause(100);
    return shown;
  }));

  const popup = await world.unlocked(page);
  const search = (text) => popup.target.evaluate(async (text) => {
    const field = document.querySelector("#search");
    field.value = text;
    const since = performance.now();
    performance.clearMarks("list");
    field.dispatchEvent(new Event("input"));
    while (performance.getEntriesByName("list").length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return performance.now() - since;
  }, text);
  row("search by name, each key", await times((round) => search("harbour 4".slice(0, (round % 9) + 1))));
  row("the first search that must look into 5,000 user names", [await search("text-q")]);
  row("search by user name, each key", await times((round) => search("text-qx4".slice(0, (round % 3) + 6))));
  await popup.target.evaluate(() => window.close()).catch(() => {});

  /** Milliseconds of a fill that ends with this code of an error, or with none. */
  const fill = async (code) => {
    await page.bringToFront();
    return settings.evaluate(async (code) => {
      const [tab] = await chrome.tabs.query({ url: "https://s7.localhost/*" });
      const since = performance.now();
      const { error } = await chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId: 1007, tabId: tab.id } });
      if (error?.code !== code) throw new Error(error?.message ?? "it was filled");
      return performance.now() - since;
    }, code);
  };
  row("fill of a form that is there", await times(() => page.reload().then(() => fill())));
  row("fill when the service worker was stopped", await times(async () => {
    await page.reload();
    await world.stopServiceWorker();
    return fill();
  }));

  const host = { host: "s7.localhost" };
  await page.goto(world.pages.add(`${FORM}${"<p>Tide <b>table</b></p>".repeat(2500)}`, host));
  row("fill on a page of 5,000 elements", await times(() => page.reload().then(() => fill())));
  await page.goto(world.pages.add(`${FORM}<form>${"<label>Field <input></label>".repeat(400)}</form>`, host));
  row("fill beside a form of 400 fields", await times(() => page.reload().then(() => fill())));
  await page.goto(world.pages.add("<p>No login</p>", host));
  await page.waitForFunction(() => performance.now() > 7_500);
  row("refusal where there is no login and the page has come to rest", await times(() => fill("no-form")));

  row("sync of 5,000 sites", await times(() => settings.evaluate(async () => {
    const since = performance.now();
    await chrome.runtime.sendMessage({ to: "background", op: "sync", params: {} });
    return performance.now() - since;
  })));

  const worker = await (await world.host()).worker();
  const memory = await worker.withMemories((memories) => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
  const { usedSize } = await worker.send("Runtime.getHeapUsage");
  console.log(`\nMemory of the vault's worker: ${Math.round(memory / 2 ** 20)} MB of WebAssembly, ${Math.round(usedSize / 2 ** 20)} MB of JavaScript`);
  console.log(`Chromium ${world.context.browser().version()}, ${fs.readFileSync("/proc/cpuinfo", "utf8").match(/processor/g).length} cores`);
} finally {
  await world.stop();
}
