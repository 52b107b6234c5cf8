// One browser with the extension, an account, and pages to log in to.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { chromium } from "playwright-core";

import { Pages } from "./pages.js";
import { CHROMIUM, EXTENSION, SCREENSHOTS } from "./paths.js";
import { Popup } from "./popup.js";
import { Service } from "./service.js";
import { makeSites } from "./sites.js";
import { Target, pause } from "./target.js";

const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--ignore-certificate-errors", "--enable-unsafe-extension-debugging",
];

export const PASSPHRASE = "anchor weigh dawn halyard cleat";

/**
 * The extension with what a person would grant it in a dialog, which nobody can click here: access to the account's host, and
 * the optional permissions that are asked for. All else is as it ships; pages are reached by activeTab only, but for `hosts`.
 */
export function grant(extension, folder, { clipboardRead = false, hosts, permissions }) {
  fs.cpSync(extension, folder, { recursive: true });
  const file = path.join(folder, "manifest.json");
  const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
  manifest.host_permissions = ["http://127.0.0.1/*", ...hosts];
  manifest.permissions.push(...permissions, ...(clipboardRead ? ["clipboardRead"] : []));
  fs.writeFileSync(file, JSON.stringify(manifest));
}

export class World {
  static async start({ clipboardRead = false, hosts = [], permissions = [], sites } = {}) {
    const world = new World();
    world.folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-extension-"));
    fs.mkdirSync(SCREENSHOTS, { recursive: true });
    world.pages = await Pages.start(world.folder);
    world.account = makeSites(world.pages, sites);
    world.service = await Service.start(world.folder, world.account.sealed);
    grant(EXTENSION, path.join(world.folder, "extension"), { clipboardRead, hosts, permissions });
    await world.#launch();
    // On its installation the extension shows its settings.
    const welcome = () => world.context.pages().find((page) => page.url() === world.url("options/options.html"));
    while (!welcome()) await pause(50);
    await welcome().goto("about:blank");
    return world;
  }

  get profile() {
    return path.join(this.folder, "profile");
  }

  async #launch() {
    const extension = path.join(this.folder, "extension");
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: CHROMIUM,
      headless: false, // the old headless has no extensions; the new one is among the flags
      ignoreDefaultArgs: ["--disable-extensions"],
      ignoreHTTPSErrors: true,
      args: [...FLAGS, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
    });
    // A busy machine is no failure.
    this.context.setDefaultTimeout(120_000);
    this.browser = await this.context.browser().newBrowserCDPSession();
    const worker = this.context.serviceWorkers()[0] ?? (await this.context.waitForEvent("serviceworker"));
    this.id = worker.url().split("/")[2];
  }

  /** Ends the browser, does something with its profile, and starts it again. */
  async restart(meanwhile = () => {}) {
    await this.context.close();
    meanwhile();
    await this.#launch();
  }

  url(page) {
    return `chrome-extension://${this.id}/${page}`;
  }

  // --- The extension's own places

  /** The service worker, started if it is not running. */
  async serviceWorker() {
    const page = await this.context.newPage();
    await page.goto(this.url("popup/popup.html"));
    await page.evaluate(() => chrome.runtime.sendMessage({ to: "background", op: "status", params: {} }));
    await page.close();
    return Target.find(this.browser, ({ type, url }) => type === "service_worker" && url.includes(this.id));
  }

  async isServiceWorkerRunning() {
    const { targetInfos } = await this.browser.send("Target.getTargets");
    return targetInfos.some(({ type, url }) => type === "service_worker" && url.includes(this.id));
  }

  /** Stops the service worker as the browser does when it was idle. */
  async stopServiceWorker() {
    const page = this.context.pages()[0];
    const session = await this.context.newCDPSession(page);
    await session.send("ServiceWorker.enable");
    await session.send("ServiceWorker.stopAllWorkers");
    while (await this.isServiceWorkerRunning()) await pause(20);
    await session.detach();
  }

  async isHostOpen() {
    const { targetInfos } = await this.browser.send("Target.getTargets", { filter: [{}] });
    return targetInfos.some(({ url }) => url === this.url("host/host.html"));
  }

  host() {
    return Target.find(this.browser, ({ url }) => url === this.url("host/host.html"));
  }

  async options() {
    const page = await this.context.newPage();
    await page.goto(this.url("options/options.html"));
    await page.waitForFunction(() => !document.querySelector("#state").textContent.startsWith("Opening"));
    return page;
  }

  // --- What a person does

  /** Sets everything up in the settings, as a new user does. */
  async setUp() {
    const page = await this.options();
    await page.fill("#begin-passphrase", PASSPHRASE);
    await page.fill("#begin-passphrase-again", PASSPHRASE);
    await page.click("#begin-form button");
    await page.waitForSelector("#keyring:not([hidden])");
    await page.fill("#key", this.account.key);
    await page.fill("#key-label", "work");
    await page.click("#key-form button[type=submit]");
    await page.waitForSelector("#key-form .notice.good");
    await this.connect(page);
    return page;
  }

  async connect(page, { url, apiKey, secret } = this.service) {
    await page.fill("#url", url);
    await page.fill("#api-key", apiKey);
    await page.fill("#api-secret", secret);
    await page.click("#account-form button[type=submit]");
    await page.waitForSelector("#account-form .notice:not([hidden])");
  }

  /** A page with this body, opened in a tab. */
  async open(body, where) {
    return this.visit(this.pages.add(body, where));
  }

  async visit(url) {
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  /** The popup, as a click on the extension's button opens it over a page. */
  async popup(page) {
    await page.bringToFront();
    const session = await this.context.newCDPSession(page);
    const { targetInfo } = await session.send("Target.getTargetInfo");
    const tabs = await Target.tabs(this.browser);
    const tab = tabs.find(({ pageId }) => pageId === targetInfo.targetId);
    await this.browser.send("Extensions.triggerAction", { id: this.id, targetId: tab.tabId });
    return Popup.find(this.browser, this.url("popup/popup.html"));
  }

  /** The popup over a page with its list of sites; unlocks the vault if need be. */
  async unlocked(page, passphrase = PASSPHRASE) {
    const popup = await this.popup(page);
    if ((await popup.view()) === "locked") await popup.unlock(passphrase);
    await popup.target.until(() => !document.querySelector("#vault").hidden && document.querySelector("[role=option]"));
    return popup;
  }

  /** Locks the vault, as the lock of the settings does. */
  async lock() {
    const page = await this.options();
    await page.evaluate(() => chrome.runtime.sendMessage({ to: "background", op: "lock", params: {} }));
    await page.close();
  }

  /** What the popup shows over a page. */
  async view(page) {
    const popup = await this.popup(page);
    const shown = await popup.view();
    await popup.target.evaluate(() => window.close()).catch(() => {});
    return shown;
  }

  /** Opens the popup over a page and fills a site; gives what the popup said, or "closed". */
  async fill(page, name) {
    const popup = await this.popup(page);
    return popup.fill(name);
  }

  async stop() {
    await this.context.close();
    await this.service.stop();
    this.pages.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
