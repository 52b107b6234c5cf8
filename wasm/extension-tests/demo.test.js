// The trial of the README: the keyring, the service and the login page of `zkv demo --serve`, and the layouts that zkv finds there.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { Demo } from "./lib/demo.js";
import { World } from "./lib/world.js";

let world;
let demo;
let page;

before(async () => {
  [world, demo] = await Promise.all([World.start(), Demo.start()]);
});
after(async () => {
  await world?.stop();
  await demo?.stop();
});

/** Opens the view of a site. */
async function open(name) {
  const popup = await world.unlocked(page, demo.env.ZKV_PASSPHRASE);
  await popup.search(name);
  await popup.target.press("ArrowRight");
  await popup.target.until(() => !document.querySelector("#item").hidden);
  return popup;
}

/** What the password of the open site shows when it is asked for, or why it does not. */
async function revealPassword(popup) {
  await popup.target.evaluate(() => document.querySelector('#item [aria-label="Show Password"]').click());
  return popup.target.until(() => {
    const { className, textContent } = document.querySelector("main:not([hidden]) .message");
    return className.includes("error") ? textContent : document.querySelector("#item .value.secret")?.textContent;
  });
}

test("the keyring of the demo and its account are set up by what the demo prints", async () => {
  const options = await world.options();
  await options.check("[value=import]");
  await options.setInputFiles("#keyring-file", demo.keyring);
  await options.fill("#begin-passphrase", demo.env.ZKV_PASSPHRASE);
  await options.click("#begin-form button");
  await options.waitForSelector("#keys tr");
  await world.connect(options, { url: demo.env.ZKV_LOGMEONCE_URL, apiKey: demo.env.ZKV_LOGMEONCE_KEY, secret: demo.env.ZKV_LOGMEONCE_SECRET });
  assert.match(await options.textContent("#account-form .notice"), /^\d+ sites in the vault/);
  await options.close();
});

test("its login page is filled, though it is http: it does not leave this machine", async () => {
  page = await world.visit(demo.page);
  const popup = await world.unlocked(page, demo.env.ZKV_PASSPHRASE);
  assert.equal((await popup.rows())[0], "Practice login");
  assert.equal(await popup.fill("Practice login"), "closed");
  await page.bringToFront();
  await page.click("button");
  await page.waitForSelector("text=You are logged in: user name and password are right.");
});

test("layouts that zkv finds are imported in the settings, kept for the account, and removed", async () => {
  await page.goto(demo.page);
  const before = await open("Canva");
  assert.match(await revealPassword(before), /key|layout|open/i);
  demo.zkv("sync");
  demo.zkv("vendor", "discover");
  const file = path.join(demo.folder, "layouts.json");
  demo.zkv("vendor", "export", "-o", file);
  const [{ name }] = JSON.parse(fs.readFileSync(file, "utf8")).layouts;

  const options = await world.options();
  await options.waitForSelector("#layouts-none:not([hidden])");
  const submit = async (given, tone) => {
    await options.setInputFiles("#layouts-file", given);
    await options.click("#layouts-form button[type=submit]");
    await options.waitForSelector(`#layouts-form .notice.${tone}`);
    return options.textContent("#layouts-form .notice");
  };
  assert.match(await submit({ name: "layouts.json", mimeType: "application/json", buffer: Buffer.from("{}") }, "error"), /./);
  assert.match(await submit({ name: "layouts.json", mimeType: "application/json", buffer: Buffer.alloc(2 ** 20 + 1) }, "error"), /too large/);
  assert.match(await submit(file, "good"), /Values open in these layouts now/);
  assert.ok((await options.textContent("#layouts-used")).startsWith(`${name}: from your file`));
  const { value } = JSON.parse(demo.zkv("read", "Canva", "--json"));
  assert.equal(await revealPassword(await open("Canva")), value);

  // They are there after a lock, belong to this account, and are gone when somebody removes them.
  await world.lock();
  assert.equal(await revealPassword(await open("Canva")), value);
  await options.reload();
  await options.waitForSelector("#layouts-used li");
  await options.fill("#url", world.service.url);
  await options.fill("#api-key", world.service.apiKey);
  await options.fill("#api-secret", world.service.secret);
  await options.click("#account-form button[type=submit]");
  await options.waitForSelector("#account-form .notice.error");
  assert.match(await options.textContent("#account-form .notice"), /layouts that you imported are those of the account before/);
  await options.click("#layouts-remove");
  await options.waitForSelector("#unlock:not([hidden])");
  await options.fill("#unlock-passphrase", demo.env.ZKV_PASSPHRASE);
  await options.click("#unlock-form button");
  await options.waitForSelector("#layouts-none:not([hidden])");
  await options.close();
});
