// The popup, driven by its keyboard.

import fs from "node:fs";
import path from "node:path";

import { SCREENSHOTS } from "./paths.js";
import { Target, pause } from "./target.js";

export class Popup {
  constructor(target) {
    this.target = target;
  }

  static async find(browser, url) {
    const popup = new Popup(await Target.find(browser, (target) => target.url === url && target.type === "page"));
    await popup.target.until(() => document.querySelector("#loading")?.hidden);
    return popup;
  }

  /** Which of the views is shown. */
  view() {
    return this.target.evaluate(() => document.querySelector("main:not([hidden])").id);
  }

  async unlock(passphrase) {
    await this.target.type(passphrase);
    await this.target.press("Enter");
  }

  rows() {
    return this.target.evaluate(() => [...document.querySelectorAll("[role=option]")].map((row) => row.querySelector(".name").textContent));
  }

  async search(text) {
    await this.target.evaluate(() => document.querySelector("#search").select());
    await this.target.type(text);
    await this.target.until((text) => {
      const rows = [...document.querySelectorAll("[role=option]")];
      const shown = document.querySelector("#search").value === text;
      return shown && rows.length > 0 && rows.every((row) => row.textContent.toLowerCase().includes(text.toLowerCase()));
    }, text);
  }

  /** What the popup says in its last line, with its tone. */
  message() {
    return this.target.evaluate(() => document.querySelector("#message").textContent);
  }

  /** Searches a site, presses Enter, and gives what the popup says then: "closed" when all went well. */
  async fill(name) {
    await this.search(name);
    await this.target.press("Enter");
    return this.outcome();
  }

  async outcome() {
    const told = () => {
      const message = document.querySelector("main:not([hidden]) .message");
      return message && /error|warn|good/.test(message.className) && message.textContent;
    };
    try {
      for (let tries = 0; tries < 1200; tries += 1) {
        const text = await this.target.evaluate(told);
        if (text) return text;
        await pause(50);
      }
    } catch (error) {
      if (this.target.closed) return "closed";
      throw error;
    }
    throw new Error("the popup says nothing");
  }

  async screenshot(name) {
    fs.writeFileSync(path.join(SCREENSHOTS, `${name}.png`), await this.target.screenshot());
  }
}
