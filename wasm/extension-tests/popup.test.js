// Setting up, searching, copying: the popup and the settings, as people use them.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";

import { SCREENSHOTS } from "./lib/paths.js";
import { LOGIN, valuesOf } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { World } from "./lib/world.js";

let world;
let login;
let page;

before(async () => {
  world = await World.start({ clipboardRead: true });
  login = valuesOf(world.account, LOGIN);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';

async function shoot(options, name) {
  for (const colorScheme of ["light", "dark"]) {
    await options.emulateMedia({ colorScheme });
    await pause(300);
    await options.screenshot({ path: path.join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
  }
}

// --- Setting up

test("a new user is led to the settings", async () => {
  page = await world.open(FORM);
  const popup = await world.popup(page);
  assert.equal(await popup.view(), "setup");
  await popup.screenshot("popup-setup");
  await popup.target.evaluate(() => document.querySelector("#set-up").click()).catch(() => {});
  while (!world.context.pages().some((one) => one.url() === world.url("options/options.html"))) await pause(20);
});

test("a weak or mistyped passphrase makes no keyring", async () => {
  const options = await world.options();
  await shoot(options, "options-setup");
  for (const [first, second, said] of [["short", "short", /too easy to guess/], ["anchor weigh dawn halyard", "anchor weigh dawn halyards", /differ/]]) {
    await options.fill("#begin-passphrase", first);
    await options.fill("#begin-passphrase-again", second);
    await options.click("#begin-form button");
    await options.waitForSelector("#begin-form .notice.error");
    assert.match(await options.textContent("#begin-form .notice"), said);
  }
  await options.close();
});

test("keyring, key and account are set up, and the sites are there", async () => {
  const options = await world.setUp();
  assert.match(await options.textContent("#account-form .notice"), new RegExp(`${world.account.plain.length} sites in the vault`));
  assert.match(await options.textContent("#keys"), /vault \(default\).*work/s);
  assert.equal(await options.inputValue("#api-secret"), "");
  await options.close();
});

test("wrong credentials and addresses are refused, and the old ones stay", async () => {
  const options = await world.options();
  const attempts = [
    ["http://acme.logmeonce.com", "x", /must be https/],
    ["https://acme.logmeonce.com.evil.test", "x", /must be https and end in/],
    ["https://evil.test/.logmeonce.com", "x", /must be https/],
    ["not an address", "x", /has the form/],
    [world.service.url, "not the secret", /./],
  ];
  for (const [url, secret, said] of attempts) {
    await options.fill("#url", url);
    await options.fill("#api-secret", secret);
    await options.click("#account-form button[type=submit]");
    await options.waitForSelector("#account-form .notice.error");
    assert.match(await options.textContent("#account-form .notice"), said);
    assert.ok(!(await options.textContent("#account-form .notice")).includes("not the secret"));
  }
  await options.reload();
  await options.waitForSelector("#sync:not([hidden])");
  assert.equal(await options.inputValue("#url"), world.service.url);
  await options.click("#sync");
  await options.waitForSelector("#account-form .notice.good");
  await options.close();
});

// --- The popup

test("the popup puts the page's sites first, searches, and is driven by keys", async () => {
  const popup = await world.unlocked(page);
  assert.equal((await popup.rows())[0], LOGIN);
  const chosen = () => popup.target.evaluate(() => document.querySelector("[aria-selected=true] .name")?.textContent);
  const focused = () => popup.target.evaluate(() => document.activeElement.id);
  assert.equal(await chosen(), LOGIN);
  assert.equal(await focused(), "search");
  await popup.target.press("ArrowDown");
  assert.equal(await chosen(), (await popup.rows())[1]);
  assert.equal(await popup.target.evaluate(() => document.querySelector("#search").getAttribute("aria-activedescendant")), "site-1");
  await popup.target.press("ArrowUp");
  await popup.target.press("Tab");
  assert.notEqual(await focused(), "search");
  await popup.target.press("/");
  assert.equal(await focused(), "search");

  await popup.search("ledger");
  assert.deepEqual(await popup.rows(), ["Keel Ledger"]);
  await popup.search("bollard.localhost");
  assert.deepEqual(await popup.rows(), ["Bollard Bank"]);
  await popup.target.press("Escape");
  await popup.target.until((count) => document.querySelectorAll("[role=option]").length === count, world.account.plain.length);
  await popup.target.type("nothing like that");
  await popup.target.until(() => !document.querySelector("#empty").hidden);
  await popup.screenshot("popup-nothing-found");
});

test("rows show user names, and searching finds them", async () => {
  const popup = await world.unlocked(page);
  const bank = valuesOf(world.account, "Bollard Bank");
  await popup.search(bank.user);
  assert.deepEqual(await popup.rows(), ["Bollard Bank"]);
  const shown = await popup.target.evaluate(() => document.querySelector("[role=option] .host").textContent);
  assert.equal(shown.split(" · ")[0], bank.user);
  assert.ok(!shown.includes(bank.password));
});

test("the key that opens the popup is bound when the extension is installed", async () => {
  const options = await world.options();
  const commands = await options.evaluate(() => chrome.commands.getAll());
  assert.deepEqual(commands.map(({ name, shortcut }) => [name, shortcut]), [["_execute_action", "Ctrl+Shift+X"]]);
  await options.close();
});

test("names that the service sends are text: no markup, no reordering", async () => {
  const popup = await world.unlocked(page);
  await popup.search("img src");
  const [name] = await popup.rows();
  assert.equal(name, "<img src=x onerror=alert(1)> \ufffdgnp.exe");
  assert.equal(await popup.target.evaluate(() => document.querySelectorAll("#sites img").length), 0);
});

test("everything that can be used has a name for people who do not see it", async () => {
  const popup = await world.unlocked(page);
  await popup.target.send("Accessibility.enable");
  const { nodes } = await popup.target.send("Accessibility.getFullAXTree");
  const usable = nodes.filter(({ ignored, role }) => !ignored && ["button", "combobox", "textbox", "option", "listbox"].includes(role?.value));
  assert.ok(usable.length > 10);
  assert.deepEqual(usable.filter(({ name }) => !name?.value).map(({ role }) => role.value), []);
  const options = await world.options();
  const unnamed = await options.evaluate(() =>
    [...document.querySelectorAll("input")].filter((input) => input.labels.length === 0 && !input.ariaLabel).map(({ id }) => id),
  );
  assert.deepEqual(unnamed, []);
  await options.close();
});

test("screens for people to look at", async () => {
  const popup = await world.unlocked(page);
  for (const scheme of ["light", "dark"]) {
    await popup.target.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    await pause(300); // colours change softly
    await popup.screenshot(`popup-vault-${scheme}`);
  }
  const options = await world.options();
  await options.waitForSelector("#keys tr");
  await shoot(options, "options");
  await options.close();
});

// --- Copying

/** What is on the clipboard, as a page with the permission reads it. */
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

async function setClipboardSeconds(seconds) {
  const options = await world.options();
  await options.fill("#clipboard-seconds", String(seconds));
  await options.click("#settings-form button[type=submit]");
  await options.waitForSelector("#settings-form .notice.good");
  await options.close();
}

test("a password is copied by Ctrl+C, a user name by Ctrl+B, and they leave the clipboard again", async () => {
  await setClipboardSeconds(2);
  const popup = await world.unlocked(page);
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  assert.match(await popup.outcome(), /Password copied. It leaves the clipboard in 2 seconds/);
  assert.equal(await clipboard(), login.password);
  await popup.screenshot("popup-copied");
  await popup.target.press("b", { ctrl: true });
  await popup.target.until(() => document.querySelector("#message").textContent.startsWith("User name copied"));
  assert.equal(await clipboard(), login.user);
  while ((await clipboard()) !== "") await pause(100);
});

test("what was copied elsewhere in the meantime stays", async () => {
  const popup = await world.unlocked(page);
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  await popup.outcome();
  await popup.target.evaluate(() => navigator.clipboard.writeText("something else"));
  await pause(2500);
  assert.equal(await clipboard(), "something else");
  await setClipboardSeconds(45);
});

test("locking takes a copied password off the clipboard", async () => {
  const popup = await world.unlocked(page);
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  await popup.outcome();
  assert.equal(await clipboard(), login.password);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  await world.unlocked(page);
  assert.equal(await clipboard(), "");
});
