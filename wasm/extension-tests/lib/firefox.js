// Firefox with the extension, an account, and pages to log in to, driven over WebDriver BiDi.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import puppeteer from "puppeteer-core";

import { Pages } from "./pages.js";
import { EXTENSION_FOR_FIREFOX, FIREFOX } from "./paths.js";
import { Service } from "./service.js";
import { makeSites } from "./sites.js";
import { pause } from "./target.js";
import { PASSPHRASE, grant } from "./world.js";

/** The address of an installed extension: Firefox draws it at random, and notes it in the profile. */
async function addressOf(profile, id) {
  for (let tries = 0; tries < 600; tries += 1) {
    const file = path.join(profile, "prefs.js");
    const [, found] = (fs.existsSync(file) && /extensions\.webextensions\.uuids", "(.*)"\)/.exec(fs.readFileSync(file, "utf8"))) || [];
    const uuid = found && JSON.parse(found.replaceAll('\\"', '"'))[id];
    if (uuid) return `moz-extension://${uuid}`;
    await pause(50);
  }
  throw new Error("Firefox did not note the extension's address");
}

export class FirefoxWorld {
  static async start({ hosts, sites }) {
    const world = new FirefoxWorld();
    world.folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-firefox-"));
    world.pages = await Pages.start(world.folder);
    world.account = makeSites(world.pages, sites);
    world.service = await Service.start(world.folder, world.account.sealed);
    const extension = path.join(world.folder, "extension");
    grant(EXTENSION_FOR_FIREFOX, extension, { hosts, permissions: [] });
    const profile = path.join(world.folder, "profile");
    fs.mkdirSync(profile);
    // The driver may only open pages of the extension with system access.
    world.browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true, userDataDir: profile, acceptInsecureCerts: true, args: ["--remote-allow-system-access"] });
    world.address = await addressOf(profile, await world.browser.installExtension(extension));
    return world;
  }

  /** A page of the extension. The driver never hears that it is loaded, so what is in it is waited for. */
  async extensionPage(name, ready) {
    const page = await this.browser.newPage();
    page.goto(`${this.address}/${name}`).catch(() => {});
    for (let tries = 0; tries < 400; tries += 1) {
      if (await page.evaluate(ready).catch(() => false)) return page;
      await pause(50);
    }
    throw new Error(`${name} does not open`);
  }

  options() {
    return this.extensionPage("options/options.html", () => /^(?!Opening)./.test(document.querySelector("#state")?.textContent ?? ""));
  }

  /** Sets everything up in the settings, as a new user does. */
  async setUp() {
    const page = await this.options();
    // Elements are reached by the page's own functions: the driver's clicks wait for what it never hears of.
    const submit = async (form, values, done) => {
      await page.evaluate(
        (form, values) => {
          for (const [id, value] of Object.entries(values)) document.querySelector(`#${id}`).value = value;
          document.querySelector(`#${form} button[type=submit]`).click();
        },
        form,
        values,
      );
      await this.until(page, done);
    };
    await submit("begin-form", { "begin-passphrase": PASSPHRASE, "begin-passphrase-again": PASSPHRASE }, () => !document.querySelector("#keyring").hidden);
    await submit("key-form", { key: this.account.key, "key-label": "work" }, () => document.querySelector("#key-form .notice.good") !== null);
    // The form would give back the access to the pages, which Firefox lets an extension do with what is granted here.
    const { url, apiKey, secret } = this.service;
    const connect = (params) => chrome.runtime.sendMessage({ to: "background", op: "setAccount", params });
    const { error } = await page.evaluate(connect, { url, apiKey, secret });
    if (error) throw new Error(error.message);
    // Nobody moves a mouse here, and the whole corpus takes longer than the ten minutes after which an idle vault locks.
    await page.evaluate(async () => {
      await chrome.storage.local.set({ settings: { idleMinutes: 120 } });
      await chrome.runtime.sendMessage({ to: "background", op: "settingsChanged", params: {} });
    });
    return page;
  }

  async until(page, holds, ...parameters) {
    for (let tries = 0; tries < 1200; tries += 1) {
      const value = await page.evaluate(holds, ...parameters);
      if (value) return value;
      await pause(50);
    }
    throw new Error(`it did not become true: ${holds}`);
  }

  async stop() {
    await this.browser.close();
    await this.service.stop();
    this.pages.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Tabs at a time, each in a window of its own: Firefox fills only the one in front. */
const LANES = 4;

export class FirefoxLanes {
  #settings;
  #tabs;

  static async open(world, settings) {
    const lanes = new FirefoxLanes();
    lanes.#settings = settings;
    lanes.#tabs = [];
    for (let lane = 0; lane < LANES; lane += 1) lanes.#tabs.push(await lanes.#tab(world, lane));
    return lanes;
  }

  async #tab(world, lane) {
    const url = world.pages.add("<p>Lane</p>", { name: `/lane-${lane}` });
    const tabId = await this.#settings.evaluate(async (url) => (await chrome.windows.create({ url })).tabs[0].id, url);
    for (let tries = 0; tries < 400; tries += 1) {
      const page = (await world.browser.pages()).find((one) => one.url() === url);
      if (page) return { tabId, page };
      await pause(50);
    }
    throw new Error("a window does not open");
  }

  async each(items, work) {
    const results = [];
    const left = items.entries();
    const lane = async ({ page, tabId }) => {
      for (const [index, item] of left) results[index] = await work(page, tabId, item, index);
    };
    await Promise.all(this.#tabs.map(lane));
    return results;
  }

  async click(page, selector) {
    await page.evaluate((selector) => document.querySelector(selector).click(), selector);
    await pause(200);
    while (!(await page.evaluate(() => document.readyState === "complete").catch(() => false))) await pause(50);
  }

  /** Asks the event page to fill a tab; gives what it says to a person. */
  async fill(siteId, tabId) {
    const ask = (siteId, tabId) => chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId, tabId } });
    const { error, result } = await this.#settings.evaluate(ask, siteId, tabId);
    return error?.message ?? result.note ?? (result.other === undefined ? "" : `The page has ${result.other}.`);
  }
}
