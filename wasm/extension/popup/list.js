// The list of sites: rows, and which of them is chosen. The focus stays in the search field.

import { element, plain } from "../shared/text.js";
import { VERDICTS } from "../shared/verdicts.js";

/** @typedef {{ siteId: number | string, name: string, origin: string | null, user: string, verdict: import("zkvault").Verdict, fillable: boolean, here: boolean }} Row */

/** Tiles on which white letters are read well, in both themes. */
const TILES = ["#2f6f8f", "#7a4f9a", "#9a4a5c", "#3f7a46", "#8a5a1f", "#46579c", "#2e7772", "#8a4688"];

function tileOf(/** @type {string} */ name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 8191;
  return TILES[sum % TILES.length];
}

export class List {
  /** @type {Row[]} */
  #rows = [];
  #at = -1;
  #root;
  #search;
  #onChoice;

  /**
   * @param {HTMLElement} root
   * @param {HTMLInputElement} search
   * @param {() => void} onChoice
   */
  constructor(root, search, onChoice) {
    this.#root = root;
    this.#search = search;
    this.#onChoice = onChoice;
  }

  /** @returns {Row | undefined} */
  get chosen() {
    return this.#rows[this.#at];
  }

  /** Whether nobody moved in it. */
  get isAtStart() {
    return this.#at <= 0;
  }

  clear() {
    this.show({ rows: [], found: 0 }, undefined);
  }

  /**
   * @param {{ rows: Row[], found: number }} answer
   * @param {string | undefined} page
   */
  show({ rows, found }, page) {
    this.#rows = rows;
    const here = rows.filter((row) => row.here).length;
    const options = rows.map((row, index) => this.#option(row, index));
    const parts = here > 0 ? [heading("On this page", page), ...options.slice(0, here)] : [];
    if (here < rows.length) parts.push(heading(here > 0 ? "All other sites" : "All sites"), ...options.slice(here));
    if (found > rows.length) parts.push(heading(`${found - rows.length} more: type to narrow`));
    this.#root.replaceChildren(...parts);
    this.#choose(rows.length > 0 ? 0 : -1);
  }

  /** @param {number} steps */
  move(steps) {
    if (this.#rows.length === 0) return;
    this.#choose(Math.min(Math.max(this.#at + steps, 0), this.#rows.length - 1));
  }

  /** @param {number} index */
  #choose(index) {
    this.#at = index;
    for (const option of this.#root.querySelectorAll("[role=option]")) {
      const chosen = option.id === `site-${index}`;
      option.ariaSelected = String(chosen);
      if (chosen) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) this.#search.removeAttribute("aria-activedescendant");
    else this.#search.setAttribute("aria-activedescendant", `site-${index}`);
    // The heading above the first row is part of the list's beginning.
    if (index === 0 && this.#root.parentElement) this.#root.parentElement.scrollTop = 0;
    this.#onChoice();
  }

  /**
   * @param {Row} row
   * @param {number} index
   */
  #option(row, index) {
    const name = plain(row.name, 80);
    const monogram = element("span", "monogram", (name.match(/[\p{L}\p{N}]/u)?.[0] ?? "•").toUpperCase());
    monogram.style.setProperty("--tile", tileOf(name));
    monogram.ariaHidden = "true";
    const host = row.origin?.replace(/^https:\/\//, "") ?? "no address";
    const where = row.user === "" ? plain(host, 120) : `${plain(row.user, 60)} · ${plain(host, 120)}`;
    const names = element("span", "names", element("span", "name", name), element("span", "host", where));
    const option = element("div", "site", monogram, names, ...chip(row));
    option.id = `site-${index}`;
    option.role = "option";
    option.addEventListener("click", () => this.#choose(index));
    return option;
  }
}

function chip(/** @type {Row} */ { verdict, fillable }) {
  const { label, grave } = VERDICTS[verdict];
  return fillable || label === "" ? [] : [element("span", grave ? "chip danger" : "chip", label)];
}

/**
 * @param {string} text
 * @param {string} [page]
 */
function heading(text, page) {
  const made = element("div", "heading", text);
  if (page) made.append(element("span", "", new URL(page).host));
  made.role = "presentation";
  return made;
}
