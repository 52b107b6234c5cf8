// A long list, of which only what is near the window is in the page: rows are made in chunks, and a chunk that is far away is
// an empty box of the height that it had.

import { element } from "../shared/text.js";

const ROWS = 40;
/** What a row is taken to be high before it was shown, in CSS pixels. */
const GUESS = 110;

export class Chunks {
  #root;
  #className;
  /** @type {IntersectionObserver | undefined} */
  #observer;

  /** @param {HTMLElement} root @param {string} className of the list that each chunk is */
  constructor(root, className) {
    this.#root = root;
    this.#className = className;
  }

  /**
   * Shows items, in place of those before.
   * @template T
   * @param {T[]} items
   * @param {(item: T) => HTMLElement} make
   */
  show(items, make) {
    this.#observer?.disconnect();
    const parts = Array.from({ length: Math.ceil(items.length / ROWS) }, (_, number) => items.slice(number * ROWS, (number + 1) * ROWS));
    const chunks = new Map(parts.map((part) => [element("ul", this.#className), part]));
    const show = (/** @type {HTMLUListElement} */ chunk, /** @type {boolean} */ near) => {
      if (near === chunk.hasChildNodes()) return;
      // Who is in a chunk stays in it.
      if (!near && chunk.contains(document.activeElement)) return;
      if (!near) chunk.style.height = `${chunk.offsetHeight}px`;
      chunk.replaceChildren(...(near ? (chunks.get(chunk) ?? []).map(make) : []));
      if (near) chunk.style.height = "";
    };
    for (const [chunk, { length }] of chunks) chunk.style.height = `${length * GUESS}px`;
    this.#root.replaceChildren(...chunks.keys());
    const [first] = chunks.keys();
    if (first) show(first, true);
    this.#observer = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => show(/** @type {HTMLUListElement} */ (target), isIntersecting)), { rootMargin: "1200px" });
    for (const chunk of chunks.keys()) this.#observer.observe(chunk);
  }
}
