// Setting up, syncing, searching, copying, locking; what is on the disk, and what is left in memory.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { SCREENSHOTS } from "./lib/paths.js";
import { LOGIN, valuesOf } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { PASSPHRASE, World } from "./lib/world.js";

let world;
let login;
let page;

before(async () => {
  world = await World.start({ clipboardRead: true });
  login = valuesOf(world.account, LOGIN);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';

/** Opens the popup, unlocks the vault if need be, and waits for the sites. */
async function unlocked() {
  await page.bringToFront();
  const popup = await world.popup(page);
  if ((await popup.view()) === "locked") await popup.unlock(PASSPHRASE);
  await popup.target.until(() => !document.querySelector("#vault").hidden && document.querySelector("[role=option]"));
  return popup;
}

async function view() {
  const popup = await world.popup(page);
  const shown = await popup.view();
  await popup.target.evaluate(() => window.close()).catch(() => {});
  return shown;
}

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
  for (const [first, second, said] of [["short", "short", /at least 12/], ["long enough to be taken", "long enough to be faked", /differ/]]) {
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
  const popup = await unlocked();
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

test("names that the service sends are text: no markup, no reordering", async () => {
  const popup = await unlocked();
  await popup.search("img src");
  const [name] = await popup.rows();
  assert.equal(name, "<img src=x onerror=alert(1)> \ufffdgnp.exe");
  assert.equal(await popup.target.evaluate(() => document.querySelectorAll("#sites img").length), 0);
});

test("everything that can be used has a name for people who do not see it", async () => {
  const popup = await unlocked();
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
  const popup = await unlocked();
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
  const popup = await unlocked();
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
  const popup = await unlocked();
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  await popup.outcome();
  await popup.target.evaluate(() => navigator.clipboard.writeText("something else"));
  await pause(2500);
  assert.equal(await clipboard(), "something else");
  await setClipboardSeconds(45);
});

test("locking takes a copied password off the clipboard", async () => {
  const popup = await unlocked();
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  await popup.outcome();
  assert.equal(await clipboard(), login.password);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  await unlocked();
  assert.equal(await clipboard(), "");
});

// --- The service worker dies

test("a service worker that was killed changes nothing: the vault is open, and a lock ends it", async () => {
  await unlocked();
  await world.stopServiceWorker();
  assert.equal(await world.isServiceWorkerRunning(), false);
  assert.equal(await view(), "vault");
  await world.stopServiceWorker();
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), login.password);

  await world.stopServiceWorker();
  const options = await world.options();
  await options.click("#lock");
  await options.waitForSelector("#unlock:not([hidden])");
  await options.close();
  assert.equal(await view(), "locked");
  await world.stopServiceWorker();
  assert.equal(await view(), "locked");
});

test("a service worker that is killed in the middle of a fill leaves nothing half done that stays", async () => {
  await unlocked();
  const other = await world.open("<p>Wait …</p>");
  const popup = await world.popup(other);
  await popup.search(LOGIN);
  await popup.target.press("Enter");
  await pause(300);
  await world.stopServiceWorker();
  assert.match(await popup.outcome(), /was interrupted. Try again/);
  await other.evaluate((form) => (document.body.innerHTML = form), FORM);
  await pause(1000);
  assert.equal(await other.inputValue("[name=password]"), "");
  // Once more, and it works.
  assert.equal(await world.fill(other, LOGIN), "closed");
  assert.equal(await other.inputValue("[name=password]"), login.password);
  await other.close();
});

test("a service worker that is killed while the vault opens leaves none open without an end", async () => {
  const options = await world.options();
  await options.click("#lock").catch(() => {});
  await options.close();
  const popup = await world.popup(page);
  await popup.unlock(PASSPHRASE);
  await pause(100);
  await world.stopServiceWorker();
  const openedAt = await (await world.options()).evaluate(async () => (await chrome.storage.session.get("openedAt")).openedAt);
  assert.ok(Math.abs(Date.now() - openedAt) < 60_000);
  await unlocked();
});

// --- Locking

async function assertLocked() {
  for (let tries = 0; (await world.isHostOpen()) && tries < 100; tries += 1) await pause(50);
  assert.equal(await view(), "locked");
}

test("it locks when nobody is there, when the system locks, and when its time is up", async () => {
  for (const state of ["idle", "locked"]) {
    await unlocked();
    await (await world.serviceWorker()).evaluate((state) => chrome.idle.onStateChanged.dispatch(state), state);
    await assertLocked();
  }
  await unlocked();
  await (await world.serviceWorker()).evaluate(async () => chrome.alarms.onAlarm.dispatch(await chrome.alarms.get("lock")));
  await assertLocked();
});

test("the time is up also when no alarm came, or the clock was set back", async () => {
  for (const hours of [9, -1]) {
    await unlocked();
    await (await world.serviceWorker()).evaluate(
      async (hours) => chrome.storage.session.set({ openedAt: Date.now() - hours * 3_600_000 }),
      hours,
    );
    await assertLocked();
  }
});

test("the alarm is set for the hours that were chosen, and the idle time too", async () => {
  await unlocked();
  const worker = await world.serviceWorker();
  const { alarm, openedAt } = await worker.evaluate(async () => ({
    alarm: await chrome.alarms.get("lock"),
    openedAt: (await chrome.storage.session.get("openedAt")).openedAt,
  }));
  assert.ok(Math.abs(alarm.scheduledTime - openedAt - 8 * 3_600_000) < 1000);
});

// --- What is left

/** How often the bytes, or any quarter of a key, are in the WebAssembly memory of the vault's worker. */
async function traces(worker, secret) {
  return worker.evaluate(
    async (url, secret) => {
      const { memory } = (await import(url)).initSync();
      const everything = new Uint8Array(memory.buffer);
      const text = new TextDecoder("latin1");
      const all = text.decode(everything);
      const needle = text.decode(Uint8Array.from(secret));
      const step = secret.length === 32 ? 8 : secret.length;
      let found = 0;
      for (let from = 0; from + step <= needle.length; from += step) found += all.split(needle.slice(from, from + step)).length - 1;
      return found;
    },
    world.url("zkvault/bindings.js"),
    [...secret],
  );
}

test("a lock wipes the keys out of the memory, and then ends what had it", async () => {
  await unlocked();
  const host = await world.host();
  const worker = await host.worker();
  const key = world.account.keyBytes;
  assert.ok((await traces(worker, key)) > 0, "the key is not found while it must be there: the scan is blind");

  // Keeps the worker, which a lock ends otherwise, to look at its memory.
  await host.evaluate(() => {
    globalThis.terminated = 0;
    Worker.prototype.terminate = () => (globalThis.terminated += 1);
  });
  const service = await world.serviceWorker();
  await service.evaluate(() => (chrome.offscreen.closeDocument = async () => {}));
  const popup = await unlocked();
  await popup.search(LOGIN);
  await popup.target.press("c", { ctrl: true });
  await popup.outcome();
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  assert.equal(await host.evaluate(() => globalThis.terminated), 1);
  assert.equal(await traces(worker, key), 0);
  assert.equal(await traces(worker, Buffer.from(login.password)), 0);
  assert.equal(await traces(worker, Buffer.from(PASSPHRASE)), 0);
  await world.stopServiceWorker();
});

test("after a lock there is no host", async () => {
  await unlocked();
  const popup = await world.popup(page);
  await popup.target.press("l", { ctrl: true });
  await popup.target.until(() => !document.querySelector("#locked").hidden);
  // Asking whether it is locked opens an empty one.
  const worker = await world.serviceWorker();
  await worker.evaluate(() => chrome.offscreen.closeDocument().catch(() => {}));
  assert.equal(await world.isHostOpen(), false);
});

/** All files of the profile that hold a text, in ASCII or as JavaScript stores wide strings. */
function filesWith(folder, text) {
  const needles = [Buffer.from(text, "latin1"), Buffer.from(text, "utf16le")];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => {
      const content = fs.readFileSync(file);
      return needles.some((needle) => content.includes(needle));
    });
}

test("nothing of a secret is in what the extension stores, or anywhere on the disk", async () => {
  await unlocked();
  const worker = await world.serviceWorker();
  const stored = await worker.evaluate(async () => JSON.stringify([await chrome.storage.local.get(), await chrome.storage.session.get(), await chrome.storage.sync.get()]));
  const secrets = { key: world.account.key, passphrase: PASSPHRASE, "API secret": world.service.secret, password: login.password, user: login.user };
  for (const [what, secret] of Object.entries(secrets)) assert.ok(!stored.includes(secret), `${what} is in chrome.storage`);
  assert.match(stored, /openedAt/);
  assert.deepEqual(Object.keys(JSON.parse(stored)[0]), ["settings"]);
  assert.deepEqual(Object.keys(JSON.parse(stored)[1]), ["openedAt"]);

  await worker.evaluate(async () => chrome.storage.local.set({ control: "control-canary-2718281828" }));
  // What is filled into a page's text field is the page's: browsers remember it to restore their session. Passwords they do not.
  const ours = (file) => !path.relative(world.profile, file).startsWith(path.join("Default", "Sessions"));
  await world.restart(() => {
    assert.ok(filesWith(world.profile, "control-canary-2718281828").length > 0, "the control is not found: the scan is blind");
    assert.deepEqual(filesWith(world.profile, secrets.user).filter(ours), []);
    for (const [what, secret] of Object.entries({ ...secrets, user: "Galley Shop", host: "galley.localhost" })) {
      assert.deepEqual(filesWith(world.profile, secret), [], `${what} is on the disk`);
    }
  });
  page = await world.open(FORM);
});

test("after a restart of the browser it is locked; a wrong passphrase says so; the right one opens all as it was", async () => {
  assert.equal(await view(), "locked");
  const popup = await world.popup(page);
  await popup.screenshot("popup-locked");
  await popup.unlock("not the passphrase");
  await popup.target.until(() => document.querySelector("#unlock-error").textContent === "That is not the passphrase.");
  await popup.screenshot("popup-wrong-passphrase");
  assert.equal(await popup.view(), "locked");
  await unlocked();
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), login.password);
});

test("a copy on the disk that was changed is refused", async () => {
  const options = await world.options();
  await options.click("#lock").catch(() => {});
  const before = await options.evaluate(async () => {
    const { read, write } = await import("../host/database.js");
    const copy = await read("copy");
    await write({ copy: { ...copy, parts: copy.parts.map((part) => `${part.slice(0, 100)}${part[100] === "A" ? "B" : "A"}${part.slice(101)}`) } });
    return copy;
  });
  const popup = await world.popup(page);
  await popup.unlock(PASSPHRASE);
  await popup.target.until(() => document.querySelector("#unlock-error").textContent.includes("was changed or is damaged"));
  await options.evaluate(async (copy) => (await import("../host/database.js")).write({ copy }), before);
  await unlocked();
  await options.close();
});

// --- Keyring files

test("a backup of the keyring opens in another browser, and everything can be forgotten", async () => {
  const options = await world.options();
  const [download] = await Promise.all([options.waitForEvent("download"), options.click("#backup")]);
  const file = path.join(world.folder, "backup.keyring");
  await download.saveAs(file);

  await options.fill("#forget-word", "no");
  await options.click("#forget-form button");
  await options.waitForSelector("#forget-form .notice.error");
  await options.fill("#forget-word", "forget");
  await options.click("#forget-form button");
  await options.waitForSelector("#begin:not([hidden])");
  assert.equal(await view(), "setup");

  await options.check("[value=import]");
  await options.setInputFiles("#keyring-file", file);
  await options.fill("#begin-passphrase", PASSPHRASE);
  await options.click("#begin-form button");
  await options.waitForSelector("#keys tr");
  assert.match(await options.textContent("#keys"), /vault.*work/s);
  const popup = await world.popup(page);
  await popup.target.until(() => document.querySelector("#empty-title").textContent === "No account yet");
  await popup.screenshot("popup-no-account");
  await options.bringToFront();
  await world.connect(options);
  await options.close();
  assert.equal((await (await unlocked()).rows())[0], LOGIN);
});
