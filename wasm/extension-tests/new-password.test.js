// New passwords: generated, filled, kept beside their site until the service has them, and offered again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { everythingIn } from "./lib/contents.js";
import { LOGIN, valuesOf } from "./lib/sites.js";
import { World } from "./lib/world.js";

let world;
let login;

before(async () => {
  world = await World.start({ clipboardRead: true });
  await (await world.setUp()).close();
  login = valuesOf(world.account, LOGIN);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Log in</button></form>';
const CHANGE = `<h1>Change your password</h1><form>
  <label>Current password <input type="password" id="now"></label><label>New password <input type="password" id="new"></label>
  <label>Repeat the new password <input type="password" id="again"></label><button>Save</button></form>`;

const click = (popup, id) => popup.target.evaluate((id) => document.querySelector(`#${id}`).click(), id);
const generated = (popup) => popup.target.evaluate(() => document.querySelector("#generated").textContent);

async function openGenerator(page) {
  const popup = await world.unlocked(page);
  await popup.target.press("g", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#generator").hidden && document.querySelector("#generated").textContent !== "");
  return popup;
}

test("the generator follows its rules: characters, words, and what is left out", async () => {
  const page = await world.open(FORM);
  const popup = await openGenerator(page);
  const first = await generated(popup);
  assert.equal(first.length, 20);
  await popup.screenshot("popup-generator");
  await click(popup, "generate");
  await popup.target.until((first) => document.querySelector("#generated").textContent !== first, first);
  await click(popup, "rule-symbols");
  await click(popup, "rule-upper");
  await popup.target.until(() => /^[a-z0-9]{20}$/.test(document.querySelector("#generated").textContent));
  await click(popup, "rule-words");
  await popup.target.until(() => document.querySelector("#generated").textContent.split("-").length === 6);
  assert.match(await popup.target.evaluate(() => document.querySelector("#entropy").textContent), /^\d+ bits$/);
  // Rules that allow nothing are said, and the last password is not shown as if it followed them.
  await click(popup, "rule-password");
  await popup.target.until(() => document.querySelector("#generated").textContent.length === 20);
  for (const id of ["rule-lower", "rule-digits"]) await click(popup, id);
  await popup.target.until(() => document.querySelector("#generator .message").className.includes("error"));
  assert.equal(await generated(popup), "");
  await page.close();
});

test("a generated password goes into the fields for a new one, and is kept beside the site of the page", async () => {
  const page = await world.open(CHANGE);
  const popup = await openGenerator(page);
  const made = await generated(popup);
  await click(popup, "fill-generated");
  assert.match(await popup.outcome(), /Filled, and kept here beside Harbour Login. The service does not have it yet/);
  assert.deepEqual(await page.$$eval("input", (inputs) => inputs.map(({ value }) => value)), ["", made, made]);
  await popup.screenshot("popup-generator-kept");
  await page.close();

  // From now on it is the one that is filled, and that is said.
  const next = await world.open(FORM);
  assert.match(await world.fill(next, LOGIN), /the new password that is kept here since/);
  assert.equal(await next.inputValue("[name=password]"), made);
  // The older one is there too, for a change that was never sent.
  const item = await world.unlocked(next);
  await item.search(LOGIN);
  await item.target.press("ArrowRight");
  await item.target.until(() => !document.querySelector("#item").hidden);
  await item.screenshot("popup-item-kept");
  await item.target.evaluate(() => document.querySelector('[aria-label="Fill the service\'s older password"]').click());
  while (!item.target.closed) await next.waitForTimeout(20);
  assert.equal(await next.inputValue("[name=password]"), login.password);
  await next.close();
});

test("a password that is kept is on the disk as ciphertext only, and still there after a lock", async () => {
  const page = await world.open(FORM);
  const popup = await world.unlocked(page);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  const again = await openGenerator(page);
  assert.match(await again.target.evaluate(() => document.querySelector("#kept").textContent), /Harbour Login/);
  await page.close();
});

test("when the service has it, it is no longer kept", async () => {
  const page = await world.open(FORM);
  const popup = await world.unlocked(page);
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  assert.match(await popup.outcome(), /the new one that is kept here; the service has an older one/);
  const host = await world.host();
  const kept = await host.evaluate(() => {
    const area = document.querySelector("#clipboard");
    area.focus();
    document.execCommand("paste");
    return area.value;
  });
  assert.notEqual(kept, login.password);
  const sealed = world.account.seal(1001, "password", '["password", "pass"]', kept);
  world.service.lie = (sites) =>
    sites.map((one) => (one.id === 1001 ? { ...one, updated: one.updated + 1, login: { ...one.login, inputs: one.login.inputs.map((input) => (input.type === "password" ? { ...input, value: sealed } : input)) } } : one));
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#account-form .notice.good");
  if (await options.locator('[aria-label="Accept Harbour Login"]').count()) {
    await options.click('[aria-label="Accept Harbour Login"]');
    await options.waitForSelector("#changes", { state: "hidden" });
  }
  await options.close();
  const generator = await openGenerator(page);
  assert.equal(await generator.target.evaluate(() => document.querySelector("#kept").children.length), 0);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), kept);
  await page.close();
});

test("a new password that was typed is offered to be kept, and nothing is read before", async () => {
  const page = await world.open(CHANGE, { host: "amber.localhost" });
  const empty = await world.unlocked(page);
  assert.equal(await empty.target.evaluate(() => document.querySelector("#typed").hidden), true);
  await page.bringToFront();
  await page.fill("#now", valuesOf(world.account, "Amber Mail").password);
  await page.fill("#new", "typed-by-a-person");
  const popup = await world.unlocked(page);
  await popup.target.until(() => !document.querySelector("#typed").hidden);
  await popup.screenshot("popup-typed");
  await page.fill("#again", "typed-by-a-persom");
  await click(popup, "keep-typed");
  assert.match(await popup.outcome(), /The new passwords on this page differ/);
  await page.fill("#again", "typed-by-a-person");
  await click(popup, "keep-typed");
  await popup.target.until(() => document.querySelector("#message").textContent.startsWith("Kept here"));
  assert.match(await popup.message(), /Kept here beside Amber Mail. The service does not have it: change it there too/);
  const next = await world.open(FORM, { host: "amber.localhost" });
  assert.match(await world.fill(next, "Amber Mail"), /kept here since/);
  assert.equal(await next.inputValue("[name=password]"), "typed-by-a-person");
  await next.close();
  await page.close();
});

test("a password that is typed into a login is offered nowhere", async () => {
  const page = await world.open(FORM, { host: "amber.localhost" });
  await page.fill("[name=password]", "the usual one");
  const popup = await world.unlocked(page);
  await popup.target.until(() => document.querySelector("#typed").hidden);
  const told = await popup.target.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return chrome.runtime.sendMessage({ to: "background", op: "hasTyped", params: { tabId: tab.id } });
  });
  assert.deepEqual(told, { result: false });
  await page.close();
});

test("nothing is generated into a login, a code or a field that nobody sees", async () => {
  for (const body of [FORM, '<label>Code <input type="password" maxlength="6" inputmode="numeric"></label>', `<div style="opacity:0">${CHANGE}</div>`]) {
    const page = await world.open(body);
    const popup = await openGenerator(page);
    const made = await generated(popup);
    await click(popup, "fill-generated");
    assert.match(await popup.outcome(), /No visible field of this page asks for a new password/);
    assert.ok(!(await everythingIn(page)).includes(made));
    await page.close();
  }
});
