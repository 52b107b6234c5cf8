// A service that lies: what it changed is not filled until a person looked at it and accepted it.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";

import { SCREENSHOTS } from "./lib/paths.js";
import { writeRecords } from "./lib/records.js";
import { LOGIN, valuesOf } from "./lib/sites.js";
import { PASSPHRASE, World } from "./lib/world.js";

let world;

before(async () => {
  world = await World.start();
  await (await world.setUp()).close();
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';

/** Has the service send some sites differently, and syncs. */
async function syncWith(changes) {
  world.service.lie = (sites) => sites.map((site) => ({ ...site, ...changes[site.id]?.(structuredClone(site)) }));
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#account-form .notice.good");
  return options;
}

async function assertNotFilled(host, name, said) {
  const page = await world.open(FORM, { host });
  assert.match(await world.fill(page, name), said);
  assert.equal(await page.inputValue("[name=password]"), "");
  await page.close();
}

async function assertFilled(host, name) {
  const page = await world.open(FORM, { host });
  assert.equal(await world.fill(page, name), "closed");
  assert.equal(await page.inputValue("[name=password]"), valuesOf(world.account, name).password);
  await page.close();
}

const edit = (change) => (site) => (change(site.login), site);

test("an address that the service moved gets nothing, and the old one neither, until it is accepted", async () => {
  const moved = `https://evil.localhost:${world.pages.port}/login`;
  const options = await syncWith({ 1001: edit((there) => (there.Url = moved)) });
  const shown = await options.textContent("#verdicts");
  assert.match(shown, /Harbour Login\s*Changed/);
  assert.match(shown, new RegExp(`was.*https://login\\.localhost:${world.pages.port}.*is.*https://evil\\.localhost:${world.pages.port}`, "s"));
  await options.screenshot({ path: path.join(SCREENSHOTS, "options-changes.png"), fullPage: true });
  await assertNotFilled("evil.localhost", LOGIN, /changed this site|belongs to/);
  await assertNotFilled("login.localhost", LOGIN, /changed this site/);

  await options.bringToFront();
  await options.click('[aria-label="Accept Harbour Login"]');
  await options.waitForSelector("#changes", { state: "hidden" });
  await assertFilled("evil.localhost", LOGIN);
  await assertNotFilled("login.localhost", LOGIN, /belongs to https:\/\/evil/);
  await options.close();
});

test("when the service takes it back, that too is looked at first", async () => {
  const options = await syncWith({});
  await options.waitForSelector("#verdicts li");
  await assertNotFilled("login.localhost", LOGIN, /not filled|changed this site/);
  await options.bringToFront();
  await options.click('[aria-label="Accept Harbour Login"]');
  await options.waitForSelector("#changes", { state: "hidden" });
  await assertFilled("login.localhost", LOGIN);
  await options.close();
});

test("what the popup does not offer, the service worker does not do either", async () => {
  await (await syncWith({ 1001: edit((there) => (there.regex = ".*")) })).close();
  const page = await world.open(FORM);
  const popup = await world.popup(page);
  const answer = await popup.target.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId: 1001, tabId: tab.id } });
  });
  assert.equal(answer.error.code, "not-accepted");
  assert.equal(await page.inputValue("[name=password]"), "");
  await page.close();
  await (await syncWith({})).close();
});

const LIES = {
  "a pattern that takes everything": edit((there) => (there.regex = ".*")),
  "another name of an input": edit((there) => (there.inputs[1].name = '["search"]')),
  "a password that becomes a text": edit((there) => (there.inputs[1].type = "text")),
  "other flags": edit((there) => (there.inputs[1].flags = 3)),
  "two values that were swapped": edit((there) => ([there.inputs[0].value, there.inputs[1].value] = [there.inputs[1].value, there.inputs[0].value])),
  "another button": edit((there) => (there.action = { submit: "#steal" })),
  "an older state": (site) => ({ ...site, updated: 1 }),
};

for (const [what, lie] of Object.entries(LIES)) {
  test(`not filled until accepted: ${what}`, async () => {
    const options = await syncWith({ 1001: lie });
    assert.match(await options.textContent("#verdicts"), /Harbour Login/);
    await options.close();
    await assertNotFilled("login.localhost", LOGIN, /not filled/);
    await (await syncWith({})).close();
    await assertFilled("login.localhost", LOGIN);
  });
}

test("a site that the service adds later is not filled until accepted", async () => {
  world.service.lie = (sites) => [...sites, { ...structuredClone(sites[1]), id: 4242, name: "Newcomer", login: { ...sites[1].login, inputs: [] } }];
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  assert.match(await options.textContent("#verdicts"), /Newcomer\s*New/);
  await assertNotFilled("narrow.localhost", "Newcomer", /not there before/);
  await options.close();
});

test("new sites are accepted together, and what changed is not among them", async () => {
  const added = (sites) => [1, 2, 3].map((number) => ({ ...structuredClone(sites[1]), id: 5000 + number, name: `Newcomer ${number}`, login: { ...sites[1].login, inputs: [] } }));
  const moved = (sites) => sites.map((one) => (one.id === 1001 ? { ...one, login: { ...one.login, Url: "https://evil.localhost/" } } : one));
  world.service.lie = (sites) => [...moved(sites), ...added(sites)];
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#accept-new:not([hidden])");
  assert.equal(await options.textContent("#accept-new"), "Accept all 3 new sites");
  await options.click("#accept-new");
  await options.waitForSelector("#accept-new", { state: "hidden" });
  assert.deepEqual(await options.$$eval("#verdicts h3", (titles) => titles.map((one) => one.firstChild.textContent)), ["Harbour Login"]);
  await options.close();
  await assertNotFilled("login.localhost", LOGIN, /changed this site/);
  await (await syncWith({})).close();
});

test("what waits is still waiting after a lock; a copied password is the one from before", async () => {
  const options = await syncWith({ 1001: edit((there) => (there.Url = "https://evil.localhost/")) });
  await options.click("#lock");
  await options.waitForSelector("#unlock:not([hidden])");
  await options.fill("#unlock-passphrase", PASSPHRASE);
  await options.click("#unlock-form button");
  await options.waitForSelector("#verdicts li");
  assert.match(await options.textContent("#verdicts"), /Harbour Login\s*Changed/);
  await options.close();
  await assertNotFilled("login.localhost", LOGIN, /changed this site/);
  await (await syncWith({})).close();
});

test("pins that are lost are no first use: nothing is filled that nobody accepted", async () => {
  const options = await world.options();
  await options.click("#lock");
  await options.waitForSelector("#unlock:not([hidden])");
  await writeRecords(options, { pins: undefined, copy: undefined });
  await options.fill("#unlock-passphrase", PASSPHRASE);
  await options.click("#unlock-form button");
  await options.waitForSelector("#sync:not([hidden])");
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  assert.equal(await options.locator("#verdicts li.verdict").count(), world.account.plain.length);
  await assertNotFilled("login.localhost", LOGIN, /not there before|not filled/);
  await options.close();
});
