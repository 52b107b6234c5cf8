// One site: its values, shown only when asked for and not for long, its one-time codes, and what was found at it.

import { ask } from "../shared/messages.js";
import { byId, element, plain } from "../shared/text.js";
import { VERDICTS, describe, happened } from "../shared/verdicts.js";
import { show } from "./message.js";

/** @typedef {import("../host/item.js").Shown} Shown */
/** @typedef {{ what: "password" | "text" } | { what: "input" | "code", index: number } | { what: "kept", id: string } | { text: string }} Wanted */
/** @typedef {(wanted: Wanted) => Promise<void>} Copy */
/** @typedef {(work: () => Promise<void>) => Promise<void>} Attempt */

/** A value that was asked for is hidden again after this, in milliseconds. */
const SHOWN_FOR = 30_000;
const HIDDEN = "••••••••";
const BARE = "Nothing authenticates values of this account's layout: what you see here may have been changed.";
const KINDS = { password: "Password", text: "User name", choice: "Choice", code: "One-time code", other: "Hidden value" };

export class Item {
  #attempt;
  #copy;
  #fillOlder;
  /** @type {number | string | undefined} */
  #siteId;
  /** What is to be stopped when the view closes. @type {(() => void)[]} */
  #running = [];

  /** @param {Attempt} attempt @param {Copy} copy @param {() => Promise<void>} fillOlder */
  constructor(attempt, copy, fillOlder) {
    this.#attempt = attempt;
    this.#copy = copy;
    this.#fillOlder = fillOlder;
  }

  /** The site that is shown. */
  get siteId() {
    return this.#siteId;
  }

  /** @param {number | string} siteId */
  async open(siteId) {
    const item = await ask("background", "item", { siteId });
    this.close();
    this.#siteId = siteId;
    const { label, grave, text } = VERDICTS[/** @type {import("zkvault").Verdict} */ (item.verdict)];
    byId("item-name").textContent = plain(item.name, 80);
    const chip = item.fillable || label === "" ? [] : [element("span", grave ? "chip danger" : "chip", label)];
    byId("item-chip").replaceChildren(...chip);
    const notes = [item.fillable ? "" : text, item.older ? "What you see here is the older state, as you accepted it." : "", item.bare ? BARE : ""].filter(Boolean).join(" ");
    byId("item-body").replaceChildren(
      ...(notes === "" ? [] : [element("p", grave ? "notice error" : "notice warn", notes)]),
      ...this.#keptNotice(item.kept),
      element(
        "dl",
        "inputs",
        ...this.#address(item),
        ...item.kept.flatMap((/** @type {{ id: string, at: number }} */ kept) => this.#kept(kept)),
        ...item.inputs.flatMap((/** @type {Shown} */ input) => this.#input(input)),
      ),
      ...(item.readable ? [] : [element("p", "hint", "Its values are not shown.")]),
      ...findings("What was found", item.changes),
      ...past(item.history),
    );
    show("item");
    byId("item-body").scrollTop = 0;
    byId("item-back").focus();
  }

  /** Forgets what is shown. */
  close() {
    for (const stop of this.#running.splice(0)) stop();
    this.#siteId = undefined;
    byId("item-body").replaceChildren();
  }

  #address(/** @type {{ origin: string | null, address: string | null }} */ { origin, address }) {
    const rows = [row("Filled on", element("span", "value", plain(origin ?? "no page", 200)))];
    return (address && address !== origin ? [...rows, row("Login page", element("span", "value", plain(address)))] : rows).flat();
  }

  /** @param {Shown} input */
  #input({ index, kind, label, value }) {
    const name = kind === "other" || kind === "choice" ? plain(label, 40) : KINDS[kind];
    if (value === null) return row(name, element("span", "value failed", "does not open with your keys"));
    const shown = element("span", "value", value ?? HIDDEN);
    const copy = this.#button("Copy", `Copy ${name}`, () => this.#copy({ what: kind === "code" ? "code" : "input", index }));
    if (kind === "code") return row(name, this.#code(shown, index), copy);
    return row(name, shown, ...(value === undefined ? [this.#reveal(shown, name, { index }), copy] : [copy]));
  }

  /** A new password that only this browser has. @param {{ id: string, at: number }} kept */
  #kept({ id, at }) {
    const name = `New password, kept here since ${new Date(at).toLocaleString()}`;
    const shown = element("span", "value", HIDDEN);
    const copy = this.#button("Copy", `Copy ${name}`, () => this.#copy({ what: "kept", id }));
    const remove = this.#button("Remove", `Remove ${name}`, async () => {
      const siteId = this.#siteId;
      await ask("background", "removeKept", { id });
      if (siteId !== undefined) await this.open(siteId);
    });
    return row(name, shown, this.#reveal(shown, name, { id }), copy, remove);
  }

  #keptNotice(/** @type {unknown[]} */ kept) {
    if (kept.length === 0) return [];
    const older = this.#button("Fill the older one", "Fill the service's older password", () => this.#fillOlder());
    return [element("div", "notice warn", "The newest password is only in this browser. Change it in your account too; when the service has it, it is no longer kept here.", older)];
  }

  #reveal(/** @type {HTMLElement} */ shown, /** @type {string} */ name, /** @type {{ index?: number, id?: string }} */ which) {
    /** @type {number | undefined} */
    let timer;
    const hide = () => {
      clearTimeout(timer);
      timer = undefined;
      shown.textContent = HIDDEN;
      shown.classList.remove("secret");
      button.textContent = "Show";
      button.ariaPressed = "false";
    };
    const button = this.#button("Show", `Show ${name}`, async () => {
      if (timer !== undefined) return hide();
      const value = await ask("background", "reveal", { siteId: this.#siteId, ...which });
      shown.textContent = value;
      shown.classList.add("secret");
      button.textContent = "Hide";
      button.ariaPressed = "true";
      timer = window.setTimeout(hide, SHOWN_FOR);
    });
    button.ariaPressed = "false";
    this.#running.push(hide);
    return button;
  }

  /** A code that counts down, and is replaced when it is no longer valid. */
  #code(/** @type {HTMLElement} */ shown, /** @type {number} */ index) {
    const left = element("span", "left");
    const siteId = this.#siteId;
    let until = 0;
    const tick = async () => {
      if (Date.now() >= until) {
        const { code, validFor } = await ask("background", "code", { siteId, index });
        until = Date.now() + validFor;
        shown.textContent = `${code.slice(0, code.length / 2)} ${code.slice(code.length / 2)}`;
        shown.classList.add("secret");
      }
      left.textContent = `${Math.max(Math.ceil((until - Date.now()) / 1000), 0)} s`;
    };
    const timer = setInterval(() => this.#attempt(tick), 1000);
    this.#running.push(() => clearInterval(timer));
    this.#attempt(tick);
    return element("span", "code", shown, left);
  }

  /** @param {string} text @param {string} name @param {() => Promise<void> | void} work */
  #button(text, name, work) {
    const button = element("button", "button small", text);
    button.type = "button";
    button.ariaLabel = name;
    button.addEventListener("click", () => this.#attempt(async () => work()));
    return button;
  }
}

/** @param {string} name @param {HTMLElement} value @param {...HTMLElement} buttons */
function row(name, value, ...buttons) {
  return [element("dt", "", name), element("dd", "", value, ...buttons)];
}

/** @param {string} title @param {import("zkvault").Finding[]} changes */
function findings(title, changes) {
  if (changes.length === 0) return [];
  const lines = changes.map((finding) => {
    const { text, before, after } = describe(finding);
    return element("li", "", before === undefined ? text : `${text} It was ${before}, and is ${after}.`);
  });
  return [element("h2", "", title), element("ul", "lines", ...lines)];
}

/** @param {{ at: number, verdict: import("zkvault").Verdict | "accepted", changes: import("zkvault").Finding[] }[]} history */
function past(history) {
  if (history.length === 0) return [];
  const lines = history.map((event) => element("li", "", element("time", "", new Date(event.at).toLocaleString()), ` ${happened(event)}`));
  return [element("h2", "", "History"), element("ul", "lines", ...lines)];
}
