// Tables and lists of the settings.

import { element, plain } from "../shared/text.js";
import { VERDICTS, describe } from "../shared/verdicts.js";
import { Chunks } from "./chunks.js";

/** Records that could not be read and are shown. */
const MOST_SET_ASIDE = 100;

/**
 * @param {HTMLElement} body
 * @param {import("zkvault").KeyRow[]} keys
 */
export function showKeys(body, keys) {
  const rows = keys.map((key) => {
    const name = `${plain(key.label ?? "no name", 60)}${key.default ? " (default)" : ""}`;
    return element("tr", "", element("td", "", name), element("td", "", key.id), element("td", "", key.origin ?? ""));
  });
  body.replaceChildren(...rows);
}

/**
 * The records of the last listing that could not be read. They are not missing: what was kept of them stays.
 * @param {HTMLElement} list
 * @param {import("zkvault").SetAside[]} setAside
 */
export function showSetAside(list, setAside) {
  const nameOf = (/** @type {import("zkvault").SetAside} */ { id, name }) => plain(name ?? `Site ${id ?? "without an id"}`, 60);
  list.hidden = setAside.length === 0;
  list.replaceChildren(...setAside.slice(0, MOST_SET_ASIDE).map((one) => element("li", "", `${nameOf(one)} could not be read: ${plain(one.reason, 200)}`)));
}

/** @typedef {{ siteId: number | string, name: string, origin: string | null, verdict: import("zkvault").Verdict, changes: import("zkvault").Finding[] }} Waiting */

/** @type {Chunks | undefined} */
let chunks;

/**
 * @param {HTMLElement} list
 * @param {Waiting[]} verdicts
 * @param {(button: HTMLButtonElement, verdict: Waiting) => void} onAccept
 */
export function showVerdicts(list, verdicts, onAccept) {
  chunks ??= new Chunks(list, "verdicts");
  chunks.show(verdicts, (verdict) => waiting(verdict, onAccept));
}

/**
 * @param {Waiting} verdict
 * @param {(button: HTMLButtonElement, verdict: Waiting) => void} onAccept
 */
function waiting(verdict, onAccept) {
  const { label, grave } = VERDICTS[verdict.verdict];
  const name = plain(verdict.name, 80);
  const title = element("h3", "", name, element("span", grave ? "chip danger" : "chip", label));
  const origin = element("p", "origin", `Filled on ${verdict.origin ?? "no page"}`);
  const accept = makeButton("Accept", `Accept ${name}`, () => {
    if (grave) accept.replaceWith(question(name, accept, (sure) => onAccept(sure, verdict)));
    else onAccept(accept, verdict);
  });
  return element("li", "verdict", title, accept, origin, element("ul", "changes", ...verdict.changes.map(finding)));
}

/**
 * Asks a second time, in the place of the button that was pressed, before something grave is accepted.
 * @param {string} name
 * @param {HTMLButtonElement} pressed
 * @param {(sure: HTMLButtonElement) => void} onSure
 */
function question(name, pressed, onSure) {
  const sure = makeButton("Accept it all the same", `Accept it all the same: ${name}`, () => onSure(sure));
  sure.classList.add("danger");
  const no = makeButton("Do not accept", `Do not accept ${name}`, () => {
    asked.replaceWith(pressed);
    pressed.focus();
  });
  const text = "An honest service would not send this site so. Ask the owner of the account first. Accept it all the same?";
  const asked = element("div", "question", element("p", "notice error", text), element("div", "row", no, sure));
  asked.role = "alert";
  queueMicrotask(() => no.focus());
  return asked;
}

/** @param {string} text @param {string} name @param {() => void} onClick */
function makeButton(text, name, onClick) {
  const button = element("button", "button", text);
  button.type = "button";
  button.ariaLabel = name;
  button.addEventListener("click", onClick);
  return button;
}

/** @param {import("zkvault").Finding} finding */
function finding(finding) {
  const { text, before, after } = describe(finding);
  const item = element("li", "", text);
  if (before === undefined || after === undefined) return item;
  item.append(element("dl", "values", element("dt", "", "was"), element("dd", "", before), element("dt", "", "is"), element("dd", "", after)));
  return item;
}
