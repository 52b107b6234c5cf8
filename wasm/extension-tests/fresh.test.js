// Always fresh: syncs after unlocking, by the clock and by a key; without the service, what is there works and its age is shown. And
// what the browser's own places show: the number on the button, and the context menu.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { LOGIN, valuesOf } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { PASSPHRASE, World } from "./lib/world.js";

let world;
let login;
let page;

before(async () => {
  world = await World.start({ hosts: ["https://*.localhost/*"], permissions: ["webNavigation"] });
  await (await world.setUp()).close();
  login = valuesOf(world.account, LOGIN);
  page = await world.open(FORM);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Log in</button></form>';

const listings = () => world.service.requests.filter((request) => request === "GET /rest/sites").length;
const until = async (holds) => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await holds()) return;
    await pause(50);
  }
  throw new Error(`it did not become true: ${holds}`);
};
const fresh = (popup) => popup.target.evaluate(() => document.querySelector("#fresh").textContent);

async function lock() {
  const popup = await world.unlocked(page);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  await popup.target.evaluate(() => window.close()).catch(() => {});
}

/** Has the service show a new value of a password. */
const password = (value) => (sites) =>
  sites.map((one) => (one.id === 1001 ? { ...one, updated: one.updated + 5, login: { ...one.login, inputs: one.login.inputs.map((input) => (input.type === "password" ? { ...input, value } : input)) } } : one));

test("unlocking syncs, and the popup says how old the sites are", async () => {
  await lock();
  const before = listings();
  const popup = await world.unlocked(page);
  await until(() => listings() > before);
  await popup.target.until(() => document.querySelector("#fresh").textContent === "Synced just now");
});

test("a password that was rotated is filled after the next unlock", async () => {
  await lock();
  world.service.lie = password(world.account.seal(1001, "password", '["password", "pass"]', "rotated-0001"));
  const before = listings();
  const popup = await world.unlocked(page);
  await until(() => listings() > before);
  await popup.target.until(() => document.querySelector("#fresh").textContent === "Synced just now");
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), "rotated-0001");
  login = { ...login, password: "rotated-0001" };
});

test("an alarm syncs while the vault is open, and not when it is locked", async () => {
  await world.unlocked(page);
  const worker = await world.serviceWorker();
  const alarm = await worker.evaluate(() => chrome.alarms.get("sync"));
  assert.equal(alarm.periodInMinutes, 15);
  let before = listings();
  await worker.evaluate((alarm) => chrome.alarms.onAlarm.dispatch(alarm), alarm);
  await until(() => listings() > before);
  await lock();
  before = listings();
  assert.equal(await worker.evaluate(() => chrome.alarms.get("sync")), undefined);
  await worker.evaluate((alarm) => chrome.alarms.onAlarm.dispatch(alarm), alarm);
  await pause(500);
  assert.equal(listings(), before);
  assert.equal(await world.view(page), "locked");
});

test("one key syncs, and says what came of it", async () => {
  const popup = await world.unlocked(page);
  await popup.target.until(() => document.querySelector("#fresh").textContent === "Synced just now");
  const before = listings();
  await popup.target.press("s", { ctrl: true });
  assert.match(await popup.outcome(), /^Synced\./);
  assert.ok(listings() > before);
});

test("what the service sent and cannot be read is counted and named, and the other sites are there", async () => {
  const honest = world.service.lie;
  world.service.lie = (sites) => honest(sites).map((site) => (site.id === 1002 ? { ...site, login: "none of these" } : site));
  const popup = await world.unlocked(page);
  await popup.target.press("s", { ctrl: true });
  await popup.target.until(() => document.querySelector("#fresh").textContent === "Synced just now · 1 site could not be read");
  assert.match(await popup.target.evaluate(() => document.querySelector("#fresh").title), /\n.+: its member "login" is a text/);
  assert.equal(await world.fill(page, LOGIN), "closed");
  const options = await world.options();
  await options.waitForSelector("#set-aside:not([hidden])");
  assert.match(await options.textContent("#set-aside"), /could not be read: its member "login"/);
  await options.close();
  world.service.lie = honest;
});

test("offline, the vault opens and fills, and says how old it is", async () => {
  await lock();
  world.service.down = true;
  const popup = await world.unlocked(page);
  await popup.target.until(() => /^Offline · synced/.test(document.querySelector("#fresh").textContent));
  await popup.screenshot("popup-offline");
  await popup.target.press("s", { ctrl: true });
  assert.match(await popup.outcome(), /./);
  assert.match(await fresh(popup), /^Offline · synced/);
  await page.reload();
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), login.password);
  world.service.down = false;
  const again = await world.unlocked(page);
  await again.target.press("s", { ctrl: true });
  assert.match(await again.outcome(), /^Synced\./);
  assert.equal(await fresh(again), "Synced just now");
});

// --- The button

async function badge(of) {
  const worker = await world.serviceWorker();
  return worker.evaluate(async (url) => {
    const [tab] = await chrome.tabs.query({ url: `${url}*` });
    return chrome.action.getBadgeText({ tabId: tab.id });
  }, of.url().split("?")[0]);
}

test("the button shows how many logins a page has, and nothing when the vault is locked", async () => {
  await world.unlocked(page);
  await page.reload();
  await until(async () => (await badge(page)) === "2");
  const none = await world.open(FORM, { host: "nobody.localhost" });
  await pause(300);
  assert.equal(await badge(none), "");
  await none.close();
  await lock();
  assert.equal(await badge(page), "");
  await page.reload();
  await pause(300);
  assert.equal(await badge(page), "");
});

// --- The context menu

async function choose(menuItemId, of) {
  await of.bringToFront();
  const worker = await world.serviceWorker();
  await of.bringToFront();
  await worker.evaluate(
    async (menuItemId, url) => {
      const [tab] = await chrome.tabs.query({ url: `${url}*` });
      chrome.action.openPopup = async () => {};
      chrome.contextMenus.onClicked.dispatch({ menuItemId, pageUrl: tab.url }, tab);
    },
    menuItemId,
    of.url(),
  );
  return worker;
}

const said = (worker) => worker.until(async () => (await chrome.storage.session.get("said")).said);

test("the context menu fills the one login of a page", async () => {
  await world.unlocked(page);
  const one = await world.open(FORM, { host: "amber.localhost" });
  await choose("fill", one);
  await one.waitForFunction(() => document.querySelector("[name=password]").value !== "");
  assert.equal(await one.inputValue("[name=password]"), valuesOf(world.account, "Amber Mail").password);
  await one.close();
});

test("of several logins, and of none, the popup says so", async () => {
  await world.unlocked(page);
  await page.reload();
  let worker = await choose("fill", page);
  assert.match((await said(worker)).text, /Several logins belong to this page/);
  const popup = await world.unlocked(page);
  await popup.target.until(() => /Several logins/.test(document.querySelector("#message").textContent));
  assert.equal(await page.inputValue("[name=password]"), "");
  const none = await world.open(FORM, { host: "nobody.localhost" });
  worker = await choose("fill", none);
  assert.match((await said(worker)).text, /No login belongs to this page/);
  assert.equal(await none.inputValue("[name=password]"), "");
  await none.close();
});

test("the context menu generates a password where a new one is asked for, and keeps it", async () => {
  await world.unlocked(page);
  const signup = await world.open('<h1>Create your account</h1><form><label>E-mail <input type="email"></label><label>Choose a password <input type="password" id="p"></label><button>Sign up</button></form>', { host: "nobody.localhost" });
  const worker = await choose("generate", signup);
  assert.match((await said(worker)).text, /was filled, and is kept here for this page/);
  const made = await signup.inputValue("#p");
  assert.equal(made.length, 20);
  await signup.close();
  const popup = await world.unlocked(page);
  await popup.target.press("g", { ctrl: true });
  await popup.target.until(() => /nobody\.localhost/.test(document.querySelector("#kept").textContent));
});

test("a locked vault fills nothing from the context menu", async () => {
  await lock();
  const one = await world.open(FORM, { host: "amber.localhost" });
  await choose("fill", one);
  await pause(500);
  assert.equal(await one.inputValue("[name=password]"), "");
  await one.close();
});

// --- The passphrase

test("the passphrase is changed in the settings, if the one in use is known", async () => {
  await world.unlocked(page);
  const options = await world.options();
  const change = async (current, next, again = next) => {
    for (const [id, text] of [["current", current], ["new", next], ["again", again]]) await options.fill(`#passphrase-${id}`, text);
    await options.click("#passphrase-form button");
    await options.waitForSelector("#passphrase-form .notice:not([hidden])");
    return options.textContent("#passphrase-form .notice");
  };
  const other = "cleat halyard dawn weigh anchor";
  assert.match(await change("not it", other), /not the passphrase/);
  assert.match(await change(PASSPHRASE, other, "differs"), /differ/);
  assert.match(await change(PASSPHRASE, "short"), /too easy to guess/);
  assert.match(await change(PASSPHRASE, other), /The passphrase is changed/);
  await options.click("#lock");
  await options.waitForSelector("#unlock:not([hidden])");
  await options.fill("#unlock-passphrase", PASSPHRASE);
  await options.click("#unlock-form button");
  await options.waitForSelector("#unlock-form .notice.error");
  await options.fill("#unlock-passphrase", other);
  await options.click("#unlock-form button");
  await options.waitForSelector("#account:not([hidden])");
  assert.match(await change(other, PASSPHRASE), /The passphrase is changed/);
  await options.close();
});
