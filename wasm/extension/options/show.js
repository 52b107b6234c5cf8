// Tables and lists of the settings.

import { element, plain } from "../shared/text.js";
import { VERDICTS, describe } from "../shared/verdicts.js";

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

/** @typedef {{ siteId: number | string, name: string, origin: string | null, verdict: import("zkvault").Verdict, changes: import("zkvault").Finding[] }} Waiting */

/**
 * @param {HTMLElement} list
 * @param {Waiting[]} verdicts
 * @param {(button: HTMLButtonElement, verdict: Waiting) => void} onAccept
 */
export function showVerdicts(list, verdicts, onAccept) {
  list.replaceChildren(...verdicts.map((verdict) => waiting(verdict, onAccept)));
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
  const accept = element("button", "button", "Accept");
  accept.type = "button";
  accept.ariaLabel = `Accept ${name}`;
  accept.addEventListener("click", () => onAccept(accept, verdict));
  return element("li", "verdict", title, accept, origin, element("ul", "changes", ...verdict.changes.map(finding)));
}

/** @param {import("zkvault").Finding} finding */
function finding(finding) {
  const { text, before, after } = describe(finding);
  const item = element("li", "", text);
  if (before === undefined || after === undefined) return item;
  item.append(element("dl", "values", element("dt", "", "was"), element("dd", "", before), element("dt", "", "is"), element("dd", "", after)));
  return item;
}
