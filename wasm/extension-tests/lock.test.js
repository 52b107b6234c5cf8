// Locking, a service worker that dies, and what is left in memory and on the disk.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { readRecord, writeRecords } from "./lib/records.js";
import { LOGIN, Vault, valuesOf } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { PASSPHRASE, World } from "./lib/world.js";

let world;
let login;
let page;

before(async () => {
  world = await World.start();
  await (await world.setUp()).close();
  login = valuesOf(world.account, LOGIN);
  page = await world.open(FORM);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';

// --- The service worker dies

test("a service worker that was killed changes nothing: the vault is open, and a lock ends it", async () => {
  await world.unlocked(page);
  await world.stopServiceWorker();
  assert.equal(await world.isServiceWorkerRunning(), false);
  assert.equal(await world.view(page), "vault");
  await world.stopServiceWorker();
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), login.password);

  await world.stopServiceWorker();
  const options = await world.options();
  await options.click("#lock");
  await options.waitForSelector("#unlock:not([hidden])");
  await options.close();
  assert.equal(await world.view(page), "locked");
  await world.stopServiceWorker();
  assert.equal(await world.view(page), "locked");
});

test("a service worker that is killed in the middle of a fill leaves nothing half done that stays", async () => {
  await world.unlocked(page);
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
  await world.lock();
  const popup = await world.popup(page);
  await popup.unlock(PASSPHRASE);
  await pause(100);
  await world.stopServiceWorker();
  const openedAt = await (await world.options()).evaluate(async () => (await chrome.storage.session.get("openedAt")).openedAt);
  assert.ok(Math.abs(Date.now() - openedAt) < 60_000);
  await world.unlocked(page);
});

// --- Locking

/** Something happened that locks by itself: what had the vault ends, without anybody asking. */
async function assertLocks() {
  for (let tries = 0; await world.isHostOpen(); tries += 1) {
    assert.ok(tries < 600, "the host is still there");
    await pause(50);
  }
  assert.equal(await world.view(page), "locked");
}

test("it locks when nobody is there, when the system locks, and when its time is up", async () => {
  for (const state of ["idle", "locked"]) {
    await world.unlocked(page);
    await (await world.serviceWorker()).evaluate((state) => chrome.idle.onStateChanged.dispatch(state), state);
    await assertLocks();
  }
  await world.unlocked(page);
  await (await world.serviceWorker()).evaluate(async () => chrome.alarms.onAlarm.dispatch(await chrome.alarms.get("lock")));
  await assertLocks();
});

test("the time is up also when no alarm came, or the clock was set back", async () => {
  for (const hours of [9, -1]) {
    await world.unlocked(page);
    await (await world.serviceWorker()).evaluate(
      async (hours) => chrome.storage.session.set({ openedAt: Date.now() - hours * 3_600_000 }),
      hours,
    );
    // Anyone who asks for something next finds it locked.
    assert.equal(await world.view(page), "locked");
  }
});

test("the alarm is set for the hours that were chosen, and the idle time too", async () => {
  await world.unlocked(page);
  const worker = await world.serviceWorker();
  const { alarm, openedAt } = await worker.evaluate(async () => ({
    alarm: await chrome.alarms.get("lock"),
    openedAt: (await chrome.storage.session.get("openedAt")).openedAt,
  }));
  assert.ok(Math.abs(alarm.scheduledTime - openedAt - 8 * 3_600_000) < 1000);
});

// --- What is left

/** How often the bytes, or any quarter of a key, are in the memories of WebAssembly of the vault's worker. */
function traces(worker, secret) {
  return worker.withMemories((memories, secret) => {
    const text = new TextDecoder("latin1");
    const needle = text.decode(Uint8Array.from(secret));
    const step = secret.length === 32 ? 8 : secret.length;
    let found = 0;
    for (const { buffer } of memories) {
      const all = text.decode(new Uint8Array(buffer));
      for (let from = 0; from + step <= needle.length; from += step) found += all.split(needle.slice(from, from + step)).length - 1;
    }
    return found;
  }, [...secret]);
}

test("a lock wipes the keys out of the memory, and then ends what had it", async () => {
  await world.unlocked(page);
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
  const popup = await world.unlocked(page);
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
  await world.unlocked(page);
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
  await world.unlocked(page);
  const options = await world.options();
  await options.click("#settings-form button[type=submit]");
  await options.waitForSelector("#settings-form .notice.good");
  await options.close();
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
  assert.equal(await world.view(page), "locked");
  const popup = await world.popup(page);
  await popup.screenshot("popup-locked");
  await popup.unlock("not the passphrase");
  await popup.target.until(() => document.querySelector("#unlock-error").textContent === "That is not the passphrase.");
  await popup.screenshot("popup-wrong-passphrase");
  assert.equal(await popup.view(), "locked");
  await world.unlocked(page);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("[name=password]"), login.password);
});

/** Puts something in the place of a record, and gives what an unlocking says about it; then all is as it was. */
async function withRecord(name, change) {
  await world.lock();
  const options = await world.options();
  const before = await readRecord(options, name);
  const write = (record) => writeRecords(options, { [name]: record });
  await write(change(Uint8Array.from(before)));
  const popup = await world.popup(page);
  await popup.unlock(PASSPHRASE);
  await popup.target.until(() => document.querySelector("#unlock-error").textContent !== "");
  const said = await popup.target.evaluate(() => document.querySelector("#unlock-error").textContent);
  await write(before);
  await options.close();
  return said;
}

test("a copy on the disk that was changed is refused", async () => {
  assert.match(await withRecord("copy", (copy) => [...copy.with(100, copy[100] ^ 1)]), /was changed or is damaged/);
  await world.unlocked(page);
});

test("a colleague with the shared key neither reads what is kept here nor puts something in its place", async () => {
  // All that a colleague has: the team's key, in a keyring of their own.
  const colleague = Vault.create(new TextEncoder().encode("shoal buoy keel tiller oar"));
  colleague.importKey(world.account.keyBytes, { label: "shared", makeDefault: true });
  const { host } = new URL(world.service.url);
  for (const which of [{ name: "credentials" }, { name: "copy", host }]) {
    const forge = (record) => {
      assert.equal(Buffer.from(record.subarray(0, 8)).toString("latin1"), "ZKVLOCAL");
      assert.throws(() => colleague.openRecord(record, which), ({ code }) => code === "decrypt");
      return [...colleague.sealRecord("{}", which)];
    };
    assert.match(await withRecord(which.name, forge), /was changed or is damaged/, which.name);
  }
  // And the pins, which are sealed apart.
  const forgePins = () => {
    const trust = colleague.trust(null, { host, firstUse: true });
    trust.assess({ sites: world.account.sealed });
    return [...trust.toBytes()];
  };
  assert.notEqual(await withRecord("pins", forgePins), "");
  colleague.lock();
  await world.unlocked(page);
});

test("a record of a pre-release is named as that", async () => {
  assert.match(await withRecord("copy", () => ({ writing: "x", parts: ["AQ=="] })), /written by a pre-release/);
  await world.unlocked(page);
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
  assert.equal(await world.view(page), "setup");

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
  assert.equal((await (await world.unlocked(page)).rows())[0], LOGIN);
});
