// Runs login pages through the extension, and judges what it put where.

import fs from "node:fs";
import path from "node:path";

import { Lanes } from "./lanes.js";
import { site } from "./sites.js";
import { World } from "./world.js";

const FOLDER = path.join(import.meta.dirname, "..", "pages");
const FIRST_ID = 2000;
/** All pages are on one host: a renderer then serves many of them. */
const HOST = "corpus.localhost";
const UNNAMED = [["text", '["zz-user"]'], ["password", '["zz-pass"]']];
const NAMED = [["text", '["username"]'], ["password", '["password"]']];

/**
 * The cases of pages/index.json, or one in `part` of them: every page where the site's names for its inputs are those of no
 * field, and those with `names` also, or only, where they are.
 */
export function cases(part = 1) {
  const index = JSON.parse(fs.readFileSync(path.join(FOLDER, "index.json"), "utf8"));
  return index.filter((_, place) => place % part === 0).flatMap(({ names, inputs, ...page }) => {
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
  #lanes;

  /**
   * @param {{ id: string, file?: string, inputs: string[][], steps: { click?: string, expect: object }[] }[]} all
   * @param {{ World: any, Lanes: any }} browser
   */
  static async start(all, browser = { World, Lanes }) {
    const corpus = new Corpus();
    corpus.cases = all;
    const sites = ({ port }) => all.map((one, index) => site(FIRST_ID + index, one.id, `https://${HOST}:${port}/`, one));
    corpus.world = await browser.World.start({ hosts: ["https://*.localhost/*"], sites });
    corpus.#lanes = await browser.Lanes.open(corpus.world, await corpus.world.setUp());
    for (const name of fs.readdirSync(FOLDER)) corpus.world.pages.bodies.set(`/${name.replace(".html", "")}`, fs.readFileSync(path.join(FOLDER, name), "utf8"));
    return corpus;
  }

  /** Runs all cases; gives { id, verdict, steps } of each, in their order. */
  run() {
    return this.#lanes.each(this.cases, (page, tab, one, index) => this.#case(page, tab, one, index));
  }

  async #case(page, tab, one, index) {
    // The address says nothing: the names of these pages would give away what they are.
    const { bodies, port } = this.world.pages;
    bodies.set(`/${index}`, bodies.get(`/${one.file ?? one.id}`));
    await page.goto(`https://${HOST}:${port}/${index}`);
    const steps = [];
    for (const step of one.steps) steps.push(await this.#step(page, tab, index, step));
    const verdict = ["wrong", "none", "partial", "right"].find((verdict) => steps.some((step) => step.verdict === verdict));
    return { id: one.id, verdict, steps };
  }

  async #step(page, tab, index, { click, expect }) {
    if (click) await this.#lanes.click(page, click);
    const before = new Map((await read(page)).fields);
    const since = performance.now();
    const said = await this.#lanes.fill(FIRST_ID + index, tab);
    const took = Math.round(performance.now() - since);
    const { fields, state } = await read(page);
    const changed = fields.filter(([mark, text]) => text !== (before.get(mark) ?? ""));
    return { ...judge(changed, fields, expect, this.#values(index), this.cases[index].state && state), said, took };
  }

  /** What the words of an expectation stand for: the last text of a site is its user name. */
  #values(index) {
    const { inputs } = this.world.account.plain[index].login;
    const values = { user: inputs.findLast(({ type }) => type === "text")?.value, password: inputs.find(({ type }) => type === "password").value };
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
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
