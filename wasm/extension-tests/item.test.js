// The view of one site: values that are shown only when asked for, one-time codes, and what was found.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CODES, CODE_SECRET, LOGIN, valuesOf } from "./lib/sites.js";
import { codeAt } from "./lib/totp.js";
import { World } from "./lib/world.js";

let world;
let page;

before(async () => {
  world = await World.start({ clipboardRead: true });
  await (await world.setUp()).close();
  page = await world.open('<form><input name="login"><input name="password" type="password"></form>');
});
after(() => world?.stop());

/** Opens the view of a site by the keyboard. */
async function open(name) {
  const popup = await world.unlocked(page);
  await popup.search(name);
  await popup.target.press("ArrowRight");
  await popup.target.until(() => !document.querySelector("#item").hidden);
  return popup;
}

const text = (popup) => popup.target.evaluate(() => document.querySelector("#item").textContent);
const click = (popup, label) => popup.target.evaluate((label) => document.querySelector(`#item [aria-label="${label}"]`).click(), label);

async function clipboard() {
  const host = await world.host();
  return host.evaluate(() => {
    const area = document.querySelector("#clipboard");
    area.focus();
    document.execCommand("paste");
    const text = area.value;
    area.value = "";
    return text;
  });
}

test("a password is hidden until it is asked for, and hidden again", async () => {
  const { user, password } = valuesOf(world.account, LOGIN);
  const popup = await open(LOGIN);
  const shown = await text(popup);
  assert.match(shown, new RegExp(`Filled onhttps://login.localhost:${world.pages.port}`));
  assert.ok(shown.includes(user));
  // A site of the first sync is no news.
  assert.ok(!/not there before/.test(shown));
  assert.ok(!shown.includes(password));
  await popup.screenshot("popup-item");
  await click(popup, "Show Password");
  await popup.target.until((password) => document.querySelector("#item").textContent.includes(password), password);
  await click(popup, "Show Password");
  await popup.target.until((password) => !document.querySelector("#item").textContent.includes(password), password);
});

test("Escape goes back to the list, and nothing of the site stays", async () => {
  const { password } = valuesOf(world.account, LOGIN);
  const popup = await open(LOGIN);
  await click(popup, "Show Password");
  await popup.target.until((password) => document.querySelector("#item").textContent.includes(password), password);
  await popup.target.press("Escape");
  await popup.target.until(() => document.querySelector("#item").hidden && document.activeElement.id === "search");
  assert.ok(!(await popup.target.evaluate(() => document.documentElement.textContent)).includes(password));
  assert.equal(popup.target.closed, false);
});

test("each value is copied by its own button, and by the keys of the list", async () => {
  const { user, password } = valuesOf(world.account, LOGIN);
  const popup = await open(LOGIN);
  await click(popup, "Copy User name");
  assert.match(await popup.outcome(), /leaves the clipboard in 45 seconds/);
  assert.equal(await clipboard(), user);
  await popup.target.press("c", { ctrl: true });
  await popup.target.until(() => document.querySelector("main:not([hidden]) .message").textContent.startsWith("Password copied"));
  assert.equal(await clipboard(), password);
});

test("one-time codes are computed, count down and are copied; their secret is shown nowhere", async () => {
  const popup = await open(CODES);
  await popup.target.until(() => [...document.querySelectorAll("#item .code .value")].filter((one) => /\d/.test(one.textContent)).length === 2);
  const [six, eight] = await popup.target.evaluate(() => [...document.querySelectorAll("#item .code .value")].map((one) => one.textContent.replace(" ", "")));
  // The clock may have passed a step meanwhile.
  const expected = (digits) => [0, 30_000].map((ago) => codeAt(CODE_SECRET, digits, Date.now() - ago));
  assert.ok(expected(6).includes(six));
  assert.ok(expected(8).includes(eight));
  assert.match(await popup.target.evaluate(() => document.querySelector("#item .left").textContent), /^\d+ s$/);
  assert.ok(!(await text(popup)).includes(CODE_SECRET));
  const before = await popup.target.evaluate(() => document.querySelector("#item .left").textContent);
  await popup.target.until((before) => document.querySelector("#item .left").textContent !== before, before);
  await click(popup, "Copy One-time code");
  await popup.target.until(() => document.querySelector("main:not([hidden]) .message").textContent.startsWith("One-time code copied"));
  assert.ok(expected(6).includes(await clipboard()));
  await popup.screenshot("popup-item-codes");
});

test("the secret of one-time codes is typed nowhere", async () => {
  const other = await world.open('<form><input name="login"><input name="password" type="password"><input name="totp"></form>', { host: "codes.localhost" });
  await world.fill(other, CODES);
  const values = await other.$$eval("input", (inputs) => inputs.map(({ value }) => value));
  assert.equal(values[1], valuesOf(world.account, CODES).password);
  assert.equal(values[2], "");
  await other.close();
});

test("what was found at a site is shown with its fields by name, and stays in its history", async () => {
  world.service.lie = (sites) => sites.map((one) => (one.id === 1001 ? { ...one, login: { ...one.login, regex: ".*", inputs: one.login.inputs.map((input) => ({ ...input, flags: 7 })) } } : one));
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  assert.match(await options.textContent("#verdicts"), /the field "login".*the field "password"/s);
  await options.click('[aria-label="Accept Harbour Login"]');
  await options.waitForSelector("#changes", { state: "hidden" });
  await options.close();
  const popup = await open(LOGIN);
  assert.match(await text(popup), /History.*You accepted the site as it was then\..*[Tt]he .*changed/s);
  await popup.screenshot("popup-item-history");
});

test("an older password is called that when it is copied", async () => {
  world.service.lie = (sites) => sites.map((one) => (one.id === 1101 ? { ...one, login: { ...one.login, regex: "x" } } : one));
  const options = await world.options();
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  await options.close();
  const popup = await open("Bollard Bank");
  assert.match(await text(popup), /older state/);
  await popup.target.press("c", { ctrl: true });
  assert.match(await popup.outcome(), /from the older state: the service shows a different one/);
  assert.equal(await clipboard(), valuesOf(world.account, "Bollard Bank").password);
});

test("a locked vault shows nothing of the site that was open", async () => {
  const popup = await open(LOGIN);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  assert.ok(!(await popup.target.evaluate(() => document.documentElement.textContent)).includes(valuesOf(world.account, LOGIN).user));
});
