// What a fill comes to, in words: what was filled, and for everything else the reason and what to do.

import { Failure } from "../shared/messages.js";

/** @typedef {import("./fill.js").Plan} Plan */

/** Why something was not filled, the more telling reasons first; the subject goes in front. */
const REASONS = Object.entries({
  "form-leaves": "the form sends it to another address. Check the address, and copy it if you trust it.",
  "not-a-password-field": "the field for it would show it. Copy it instead.",
  "new-password": "this form asks for a new password or a new account.",
  code: "this page asks for a code or a PIN.",
  captcha: "this page asks for a captcha first.",
  covered: "another element covers the field. Close what lies over it, and try again.",
  transparent: "the field is invisible.",
  tiny: "the field is too small to be seen.",
  outside: "the field is outside of the page.",
  hidden: "the field is hidden.",
  inactive: "the page has made the field inactive.",
  several: "several fields would fit. Copy it instead.",
  "read-only": "the field cannot be changed.",
  changed: "the page changed it at once. Copy it instead.",
  "not-a-text-field": "the field for it takes no text.",
  "no-choice": "the page does not offer this choice.",
  "not-a-login": "no field of this page belongs to a login.",
});

/** Where a login asks for one after the other, what is not its turn waits out of sight. */
const WAITING = ["absent", "transparent", "tiny", "outside", "hidden", "inactive", "not-a-login"];

const NOUNS = { password: "The password", text: "The user name", choice: "A choice" };

export function navigated() {
  return new Failure("navigated", "The page changed while zkvault filled it. Nothing was sent to it.");
}

/**
 * @param {Plan} plan
 * @param {string[]} outcomes what became of each entry of the plan
 * @param {string} [foreign] the host of a frame that is not filled
 * @param {number | null} [keptAt] since when the password is kept here that was filled in place of the service's
 * @returns {{ filled: string[], note?: string }}
 */
export function judge(plan, outcomes, foreign, keptAt) {
  const filled = plan.flatMap(({ kind }, index) => (done(outcomes[index]) ? [kind] : []));
  if (filled.length === 0) throw nothing(plan, outcomes, foreign);
  const notes = plan.flatMap((_, index) => noteOn(plan, outcomes, index) ?? []);
  if (keptAt && filled.includes("password")) notes.push(`This is the new password that is kept here since ${new Date(keptAt).toLocaleDateString()}. The service has an older one: change it there.`);
  return notes.length > 0 ? { filled, note: [...new Set(notes)].join(" ") } : { filled };
}

const done = (/** @type {string} */ outcome) => outcome === "filled" || outcome === "longer";

/** What a person has to know of an entry that is not simply filled. A login in steps shows nothing of the other step. */
function noteOn(/** @type {Plan} */ plan, /** @type {string[]} */ outcomes, /** @type {number} */ index) {
  const [{ kind }, outcome] = [plan[index], outcomes[index]];
  if (outcome === "longer") return `${NOUNS[kind]} was filled, but it is longer than the page allows.`;
  if (done(outcome) || WAITING.includes(outcome)) return undefined;
  return `${NOUNS[kind]} was not filled: ${reasonOf(outcome)}`;
}

function reasonOf(/** @type {string} */ outcome) {
  if (outcome === "navigated") return "the page changed meanwhile.";
  return REASONS.find(([code]) => code === outcome)?.[1] ?? "zkvault found no field for it.";
}

/**
 * @param {Plan} plan
 * @param {string[]} outcomes
 * @param {string} [foreign]
 */
function nothing(plan, outcomes, foreign) {
  if (outcomes.includes("navigated")) return navigated();
  if (plan.length === 0) return new Failure("no-value", "This site has no values to fill.");
  const code = REASONS.map(([code]) => code).find((one) => outcomes.includes(one));
  const inFrame = foreign ? ` The page shows a frame of ${foreign.slice(0, 80)}, which this login does not belong to.` : "";
  if (!code || code === "not-a-login") return new Failure("no-form", `There is no login form on this page.${inFrame}`);
  return new Failure(code, `Nothing was filled: ${reasonOf(code)}`);
}
