// The last line of a view, in which the popup says what came of something.

import { byId } from "../shared/text.js";

/** @typedef {"" | "error" | "warn" | "good"} Tone */

/**
 * Says something in the view that is shown.
 * @param {string} text
 * @param {Tone} [tone]
 */
export function say(text, tone = "") {
  const line = document.querySelector("main:not([hidden]) .message");
  if (!line) return;
  line.className = `message ${tone}${text.length < 58 ? " single" : ""}`;
  line.textContent = text;
}

const VIEWS = ["loading", "setup", "locked", "vault", "item", "generator"];

/** Shows one of the views, and what its last line said no longer. */
export function show(/** @type {string} */ name) {
  for (const view of VIEWS) byId(view).hidden = view !== name;
  say("");
}
