// The reports of zkv as a browser shows them: no violation that axe finds, no request, tables that the keyboard sorts and
// filters, and everything on paper.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

import { Demo } from "./lib/demo.js";
import { CHROMIUM, SCREENSHOTS } from "./lib/paths.js";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const REPORTS = { access: ["access", "report"], audit: ["audit"] };

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([Demo.start(), chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] })]);
  fs.mkdirSync(SCREENSHOTS, { recursive: true });
  demo.zkv("sync");
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens a report that zkv writes, and notes what the page asks for and complains about. */
async function open(name) {
  const file = path.join(demo.folder, `${name}.html`);
  try {
    demo.zkv(...REPORTS[name], "-o", file, "--force");
  } catch (error) {
    // Values of the vendor do not open before their layout is found; the report says so.
    if (error.status !== 11) throw error;
  }
  const context = await browser.newContext();
  const page = await context.newPage();
  const said = [];
  page.on("request", (request) => said.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  const debugging = await context.newCDPSession(page);
  await debugging.send("Runtime.evaluate", { expression: AXE });
  return { page, debugging, said: () => said.filter((text) => text !== url) };
}

/** What axe finds wrong, as `rule: element`. The page's policy keeps scripts out, so it came from the debugger. */
async function violations(debugging) {
  const expression = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`)))";
  const { result } = await debugging.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  return result.value;
}

for (const name of Object.keys(REPORTS)) {
  test(`${name}: no violation on a desk, on a telephone and on paper, and nothing is asked for`, async () => {
    const { page, debugging, said } = await open(name);
    for (const [width, colorScheme, media] of [[1200, "light", "screen"], [375, "dark", "screen"], [700, "dark", "print"]]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, media });
      assert.deepEqual(await violations(debugging), [], `${width} ${colorScheme} ${media}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${width}: it scrolls sideways`);
      await page.screenshot({ path: path.join(SCREENSHOTS, `report-${name}-${width}-${media}.png`), fullPage: true });
    }
    assert.deepEqual(said(), []);
    await page.context().close();
  });
}

test("a table is sorted and filtered with the keyboard", async () => {
  const { page } = await open("access");
  const table = page.locator("table").first();
  const numbers = () => table.locator("tbody tr:visible td:nth-child(3)").allTextContents();
  const head = table.locator("thead th").nth(2);
  await head.locator("button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  const up = (await numbers()).map(Number);
  assert.deepEqual(up, up.toSorted((a, b) => a - b));
  assert.ok(up.at(-1) > up[0], `${up}`);
  await page.keyboard.press("Space");
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  assert.deepEqual((await numbers()).map(Number), up.toReversed());
  await page.getByLabel("Filter Sites").focus();
  await page.keyboard.type("github");
  assert.deepEqual(await table.locator("tbody tr:visible th").allTextContents(), ["GitHub"]);
  assert.match(await page.locator("[role=status]").first().textContent(), /^1 of \d+ shown$/);
  await page.context().close();
});
