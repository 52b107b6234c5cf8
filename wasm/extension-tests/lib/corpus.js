// Runs login pages through the extension, and judges what it put where.
//
// The service worker is asked to fill a tab, as the popup asks it. To be quick, one browser has all pages, in some windows at
// a time, and the extension has access to them. How a person opens the popup over a page, other tests show.

import fs from "node:fs";
import path from "node:path";

import { site } from "./sites.js";
import { World } from "./world.js";

const FOLDER = path.join(import.meta.dirname, "..", "pages");
const FIRST_ID = 2000;
/** Windows at a time. */
const LANES = 4;
const UNNAMED = [["text", '["zz-user"]'], ["password", '["zz-pass"]']];
const NAMED = [["text", '["username"]'], ["password", '["password"]']];

/**
 * The cases of pages/index.json: every page where the site's names for its inputs are those of no field, and those with
 * `names` also, or only, where they are.
 */
export function cases() {
  const index = JSON.parse(fs.readFileSync(path.join(FOLDER, "index.json"), "utf8"));
  return index.flatMap(({ names, inputs, ...page }) => {
    const unnamed = { ...page, inputs: inputs?.map(([type, name, value]) => [type, names ? `["zz-${type}"]` : name, value]) ?? UNNAMED };
    const named = { ...page, id: `${page.id} (named)`, file: page.id, inputs: inputs ?? NAMED };
    return { named: [named], both: [unnamed, named] }[names] ?? [unnamed];
  });
}

/** What is in every marked field of a document and of the shadow trees that it lists, and the state that it keeps of them. */
const readFields = () => {
  const fields = [document, ...(globalThis.allRoots ?? [])].flatMap((root) => [...root.querySelectorAll("[data-field]")]);
  const checked = (field) => !/^(radio|checkbox)$/.test(field.type) || field.checked;
  return { fields: fields.filter(checked).map((field) => [field.dataset.field, field.value ?? field.textContent]), state: globalThis.state };
};

export class Corpus {
  #settings;

  /** @param {{ id: string, file?: string, inputs: string[][], steps: { click?: string, expect: object }[] }[]} all */
  static async start(all) {
    const corpus = new Corpus();
    corpus.cases = all;
    const sites = ({ port }) => all.map((one, index) => site(FIRST_ID + index, one.id, `https://case${index}.localhost:${port}/`, one));
    corpus.world = await World.start({ hosts: ["https://*.localhost/*"], sites });
    corpus.#settings = await corpus.world.setUp();
    for (const name of fs.readdirSync(FOLDER)) corpus.world.pages.bodies.set(`/${name.replace(".html", "")}`, fs.readFileSync(path.join(FOLDER, name), "utf8"));
    return corpus;
  }

  /** Runs all cases; gives { id, verdict, steps } of each, in their order. */
  async run() {
    const results = [];
    const left = this.cases.entries();
    const lane = async () => {
      const window = await this.#settings.evaluate(async () => (await chrome.windows.create({ url: "about:blank" })).id);
      for (const [index] of left) results[index] = await this.#case(index, window);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return results;
  }

  async #case(index, window) {
    const one = this.cases[index];
    const url = `https://case${index}.localhost:${this.world.pages.port}/${one.file ?? one.id}`;
    const opened = this.world.context.waitForEvent("page", (page) => page.url().startsWith(url) || page.waitForURL(url).then(() => true, () => false));
    const tab = await this.#settings.evaluate(async ([windowId, url]) => (await chrome.tabs.create({ windowId, url, active: true })).id, [window, url]);
    const page = await opened;
    try {
      await page.waitForLoadState();
      const steps = [];
      for (const step of one.steps) steps.push(await this.#step(page, tab, index, step));
      const verdict = ["wrong", "none", "partial", "right"].find((verdict) => steps.some((step) => step.verdict === verdict));
      return { id: one.id, verdict, steps };
    } finally {
      await page.close();
    }
  }

  async #step(page, tab, index, { click, expect }) {
    if (click) await page.click(click);
    await page.waitForLoadState();
    const before = new Map((await read(page)).fields);
    const since = performance.now();
    const said = await this.#fill(tab, index);
    const took = Math.round(performance.now() - since);
    const { fields, state } = await read(page);
    const changed = fields.filter(([mark, text]) => text !== (before.get(mark) ?? ""));
    return { ...judge(changed, fields, expect, this.#values(index), this.cases[index].state && state), said, took };
  }

  /** Asks the service worker to fill a tab; gives what it says to a person. */
  async #fill(tabId, index) {
    const ask = ([siteId, tabId]) => chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId, tabId } });
    const { error, result } = await this.#settings.evaluate(ask, [FIRST_ID + index, tabId]);
    return error?.message ?? result.note ?? (result.other === undefined ? "" : `The page has ${result.other}.`);
  }

  /** What the words of an expectation stand for: the last text of a site is its user name. */
  #values(index) {
    const { inputs } = this.world.account.plain[index].login;
    return { user: inputs.findLast(({ type }) => type === "text").value, password: inputs.find(({ type }) => type === "password").value };
  }

  stop() {
    return this.world.stop();
  }
}

/** All fields of a page and of its frames. */
async function read(page) {
  const frames = await Promise.all(page.frames().map((frame) => frame.evaluate(readFields).catch(() => ({ fields: [] }))));
  return { fields: frames.flatMap(({ fields }) => fields), state: frames[0].state };
}

/**
 * `expect` says for each field what belongs in it: "user", "password", or a text. A value that is anywhere else, or
 * something else where a value belongs, is wrong.
 */
function judge(changed, fields, expect, values, state) {
  const wanted = Object.entries(expect).map(([mark, what]) => [mark, values[what] ?? what]);
  const belongs = ([mark, text]) => wanted.some(([one, value]) => one === mark && value === text);
  const ours = ([, text]) => Object.values(values).some((value) => text.includes(value));
  const wrong = changed.filter((field) => !belongs(field) && (ours(field) || wanted.some(([mark]) => mark === field[0])));
  const kept = ([mark, value]) => !state || state[mark] === value;
  const right = wanted.filter(([mark, value]) => kept([mark, value]) && fields.some((field) => field[0] === mark && same(field[1], value)));
  const shown = Object.fromEntries(changed.map(([mark, text]) => [mark, Object.keys(values).find((name) => values[name] === text) ?? text]));
  const verdict = wrong.length > 0 ? "wrong" : right.length === wanted.length ? "right" : right.length > 0 ? "partial" : "none";
  return { verdict, shown };
}

/** A page may have had the user name before, in capitals. */
const same = (text, value) => text.toLowerCase() === value.toLowerCase();
