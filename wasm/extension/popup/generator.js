// The generator: the rules of zkv and the package, and the passwords that were kept because the service does not have them.

import { ask } from "../shared/messages.js";
import { byId, element, plain } from "../shared/text.js";
import { say, show } from "./message.js";

/** @typedef {(work: () => Promise<void>) => Promise<void>} Attempt */
/** @typedef {{ id: string, at: number, origin: string, siteId: string | null, name?: string }} KeptRow */

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));

export class Generator {
  #attempt;
  #copy;
  #place;
  #text = "";
  /** Counts what was asked for: only the last one is shown, also when an earlier one is made later. */
  #turn = 0;

  /**
   * @param {Attempt} attempt
   * @param {(what: { text: string } | { what: "kept", id: string }) => Promise<void>} copy
   * @param {() => { tabId: number | undefined, site: { siteId: number | string, name: string } | undefined }} place the page, and
   *   the site that a password for it is kept beside
   */
  constructor(attempt, copy, place) {
    this.#attempt = attempt;
    this.#copy = copy;
    this.#place = place;
    const on = (/** @type {string} */ id, /** @type {() => Promise<void>} */ work) => byId(id).addEventListener("click", () => attempt(work));
    on("generate", () => this.generate());
    on("copy-generated", () => this.#copy({ text: this.#text }));
    on("fill-generated", () => this.#fill());
    byId("rules").addEventListener("input", () => attempt(() => this.generate()));
  }

  async open() {
    await this.generate();
    await this.#showKept();
    const { site } = this.#place();
    byId("generator-place").textContent = site ? `What you fill is kept beside ${plain(site.name, 60)}.` : "What you fill is kept for its page.";
    show("generator");
    byId("generate").focus();
  }

  /** Forgets what is shown. */
  close() {
    this.#turn += 1;
    this.#show("", "");
    byId("kept").replaceChildren();
  }

  /** Makes a new one by the rules that are set. */
  async generate() {
    const words = input("rule-words").checked;
    for (const id of ["lower", "upper", "digits", "symbols", "ambiguous"]) input(`rule-${id}`).disabled = words;
    byId("rule-length-name").textContent = words ? "Words" : "Characters";
    const length = input("rule-length");
    if (length.dataset.words !== String(words)) length.value = words ? "6" : "20";
    length.dataset.words = String(words);
    const checked = (/** @type {string} */ id) => input(`rule-${id}`).checked;
    const rules = words
      ? { words: length.valueAsNumber }
      : { length: length.valueAsNumber, lower: checked("lower"), upper: checked("upper"), digits: checked("digits"), symbols: checked("symbols"), excludeAmbiguous: checked("ambiguous") };
    this.#show("", "");
    this.#turn += 1;
    const turn = this.#turn;
    const { text, entropyBits } = await ask("background", "generate", { kind: words ? "words" : "password", rules });
    if (turn !== this.#turn) return;
    this.#show(text, `${Math.floor(entropyBits)} bits`);
    say("");
  }

  #show(/** @type {string} */ text, /** @type {string} */ strength) {
    this.#text = text;
    byId("generated").textContent = text;
    byId("entropy").textContent = strength;
    for (const id of ["copy-generated", "fill-generated"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = text === "";
  }

  async #fill() {
    const { tabId, site } = this.#place();
    const { filled, name } = await ask("background", "fillNew", { tabId, siteId: site?.siteId, text: this.#text });
    const where = name ? `beside ${plain(name, 40)}` : "for this page";
    say(filled > 0 ? `Filled, and kept here ${where}. The service does not have it yet.` : `The page took nothing. It is kept here ${where}.`, filled > 0 ? "good" : "warn");
    await this.#showKept();
  }

  async #showKept() {
    const kept = /** @type {KeptRow[]} */ (await ask("background", "kept"));
    byId("kept-title").hidden = kept.length === 0;
    byId("kept").replaceChildren(...kept.map((one) => this.#row(one)));
  }

  /** @param {KeptRow} kept */
  #row({ id, at, origin, name }) {
    const when = new Date(at).toLocaleString();
    const what = `${plain(name ?? origin, 60)}, ${when}`;
    const button = (/** @type {string} */ text, /** @type {() => Promise<void>} */ work) => {
      const made = element("button", "button small", text);
      made.type = "button";
      made.ariaLabel = `${text}: ${what}`;
      made.addEventListener("click", () => this.#attempt(work));
      return made;
    };
    const remove = async () => {
      await ask("background", "removeKept", { id });
      await this.#showKept();
      byId("generate").focus();
    };
    return element("li", "", element("span", "value", plain(name ?? origin, 80), element("time", "", when)), button("Copy", () => this.#copy({ what: "kept", id })), button("Remove", remove));
  }
}
