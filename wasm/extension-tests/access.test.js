// Access: no violation that axe finds, in light, dark and high contrast and in a narrow window; focus that is not lost; and a long
// list of changes that stays quick.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";

import { SCREENSHOTS } from "./lib/paths.js";
import { CODES, LOGIN } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { World } from "./lib/world.js";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Log in</button></form>';

let world;
let page;

before(async () => {
  world = await World.start();
  page = await world.open(FORM);
});
after(() => world?.stop());

/** Colours that change softly would be looked at half-way. */
const AT_ONCE = { name: "prefers-reduced-motion", value: "reduce" };
const LOOKS = {
  light: [AT_ONCE, { name: "prefers-color-scheme", value: "light" }],
  dark: [AT_ONCE, { name: "prefers-color-scheme", value: "dark" }],
  contrast: [AT_ONCE, { name: "forced-colors", value: "active" }],
};

/** What axe finds wrong in a document, as `rule: element`. Runs there. */
const violations = async () => {
  const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
};

/** Looks at a view of the popup in all looks. */
async function assertPopup(popup, name) {
  await popup.target.send("Runtime.evaluate", { expression: AXE });
  for (const [look, features] of Object.entries(LOOKS)) {
    await popup.target.send("Emulation.setEmulatedMedia", { features });
    await pause(200);
    await popup.screenshot(`access-${name}-${look}`);
    assert.deepEqual(await popup.target.evaluate(violations), [], look);
    const wide = await popup.target.evaluate(() => [...document.querySelectorAll("main:not([hidden]) *")].filter((one) => one.getBoundingClientRect().right > document.documentElement.getBoundingClientRect().right).map((one) => one.id || one.className));
    assert.deepEqual(wide, [], `${look}: it is wider than the popup`);
  }
  await popup.target.send("Emulation.setEmulatedMedia", { features: [] });
}

async function assertOptions(options, name) {
  const session = await world.context.newCDPSession(options);
  await session.send("Runtime.evaluate", { expression: AXE });
  for (const width of [1000, 320]) {
    await options.setViewportSize({ width, height: 900 });
    for (const [look, features] of Object.entries(LOOKS)) {
      await session.send("Emulation.setEmulatedMedia", { features });
      await pause(200);
      await options.screenshot({ path: path.join(SCREENSHOTS, `access-${name}-${width}-${look}.png`), fullPage: true });
      assert.deepEqual(await options.evaluate(violations), [], `${width} ${look}`);
    }
    const wide = await options.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${width}: it scrolls sideways`);
  }
  await session.detach();
}

test("the popup before there is a keyring, and the settings", async () => {
  await assertPopup(await world.popup(page), "popup-setup");
  const options = await world.options();
  await assertOptions(options, "options-setup");
  await options.close();
});

test("the settings with an account, and with changes to look at", async () => {
  const options = await world.setUp();
  await assertOptions(options, "options");
  world.service.lie = (sites) => sites.map((site) => ({ ...site, login: { ...site.login, regex: ".*", inputs: site.login.inputs.map((input) => ({ ...input, value: sites[0].login.inputs[0].value })) } }));
  await options.setViewportSize({ width: 1000, height: 900 });
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  // Something grave is asked for twice.
  await options.click('[aria-label="Accept Bollard Bank"]');
  await options.waitForSelector("#verdicts .question");
  await assertOptions(options, "options-changes");
  world.service.lie = (sites) => sites;
  await options.close();
});

test("something grave is accepted only after a second question, and the focus is not lost", async () => {
  const options = await world.options();
  await options.waitForSelector("#verdicts li");
  const before = await options.textContent("#changes-count");
  await options.focus('[aria-label="Accept Bollard Bank"]');
  await options.keyboard.press("Enter");
  await options.waitForSelector("#verdicts .question");
  const focused = () => options.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.id);
  assert.equal(await focused(), "Do not accept Bollard Bank");
  await options.keyboard.press("Enter");
  assert.equal(await focused(), "Accept Bollard Bank");
  assert.equal(await options.textContent("#changes-count"), before);
  await options.keyboard.press("Enter");
  await options.click('[aria-label="Accept it all the same: Bollard Bank"]');
  await options.waitForFunction((before) => document.querySelector("#changes-count").textContent !== before, before);
  assert.equal(await focused(), "changes-title");
  await options.focus("#lock");
  await options.keyboard.press("Enter");
  await options.waitForSelector("#unlock:not([hidden])");
  assert.equal(await focused(), "page");
  await options.close();
});

test("the popup: locked, the list, one site, the generator", async () => {
  const popup = await world.popup(page);
  await assertPopup(popup, "popup-locked");
  await popup.target.evaluate(() => window.close()).catch(() => {});
  const vault = await world.unlocked(page);
  await assertPopup(vault, "popup-vault");
  for (const name of [LOGIN, CODES]) {
    await vault.search(name);
    await vault.target.press("ArrowRight");
    await vault.target.until(() => !document.querySelector("#item").hidden);
    await assertPopup(vault, `popup-item-${name.split(" ")[0].toLowerCase()}`);
    await vault.target.press("Escape");
  }
  await vault.target.press("g", { ctrl: true });
  await vault.target.until(() => !document.querySelector("#generator").hidden);
  await assertPopup(vault, "popup-generator");
});

test("5,000 changes are shown as far as they are near the window", async () => {
  const options = await world.options();
  world.service.lie = (sites) => Array.from({ length: 5000 }, (_, place) => ({ ...structuredClone(sites[0]), id: 10_000 + place, name: `Added ${String(place).padStart(4, "0")}`, login: { ...sites[0].login, inputs: [] } }));
  await options.click("#sync");
  await options.waitForSelector('[aria-label="Accept Added 0000"]');
  const rows = () => options.locator("#verdicts li.verdict").count();
  assert.ok((await rows()) < 400, `${await rows()} rows`);
  assert.match(await options.textContent("#accept-new"), /Accept all 5000 new sites/);
  await options.evaluate(() => document.querySelector("#verdicts").lastElementChild.scrollIntoView({ block: "end" }));
  await options.waitForSelector("#verdicts ul:last-child li");
  assert.ok((await rows()) < 400, `${await rows()} rows`);
  await options.close();
});
