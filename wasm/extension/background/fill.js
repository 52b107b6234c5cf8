// Fills a login into the page in front of the person who asked for it, and into no other.
//
// Twice the page is asked: first what it has, without any value; then with the values for just these fields, bound to
// the very document that answered. A navigation in between leaves nobody to receive them.

import { Failure } from "../shared/messages.js";
import * as host from "./host.js";

const SCRIPTS = ["page/visible.js", "page/fields.js"];

/**
 * @param {{ siteId: number | string, tabId: number }} request
 * @returns {Promise<{ filled: string[], note?: string }>} the kinds of what was filled, and why something else was not
 */
export async function fill({ siteId, tabId }) {
  const shown = await addressOf(tabId);
  const { plan, origin } = await host.ask("plan", { siteId, page: shown });
  const page = await survey(tabId, plan);
  // What the browser shows and what the document says must both be the pinned page.
  if (new URL(page.href).origin !== origin) throw navigated();
  const found = plan.flatMap((/** @type {object} */ _, /** @type {number} */ index) => (page.outcomes[index] === "found" ? [index] : []));
  if (found.length === 0) throw nothingToFill(page.outcomes);
  const values = await host.ask("values", { siteId, page: page.href, inputs: found });
  const outcomes = await write(tabId, page.documentId, [plan, values, origin]);
  return report(plan, page.outcomes, outcomes);
}

/** The address that the browser shows for the tab; only known when the person opened the popup there. */
async function addressOf(/** @type {number} */ tabId) {
  const tab = await chrome.tabs.get(tabId).catch(() => undefined);
  if (!tab?.active || !tab.url) throw new Failure("no-page", "This page cannot be filled.");
  return tab.url;
}

/**
 * @param {number} tabId
 * @param {object[]} plan
 * @returns {Promise<{ documentId: string, href: string, outcomes: string[] }>}
 */
async function survey(tabId, plan) {
  try {
    const [script] = await chrome.scripting.executeScript({ target: { tabId, frameIds: [0] }, files: SCRIPTS });
    const target = { tabId, documentIds: [script.documentId] };
    // @ts-expect-error the function runs in the page, where the scripts above were
    const [answer] = await chrome.scripting.executeScript({ target, func: (plan) => zkvaultPage.survey(plan), args: [plan] });
    if (!answer?.result) throw navigated();
    return { documentId: script.documentId, .../** @type {any} */ (answer.result) };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("no-page", "This page cannot be filled.");
  }
}

/**
 * @param {number} tabId
 * @param {string} documentId
 * @param {unknown[]} args
 * @returns {Promise<{ index: number, outcome: string }[]>}
 */
async function write(tabId, documentId, args) {
  const target = { tabId, documentIds: [documentId] };
  // @ts-expect-error as above
  const func = (/** @type {any} */ plan, /** @type {any} */ values, /** @type {any} */ origin) => zkvaultPage.fill(plan, values, origin);
  const answers = await chrome.scripting.executeScript({ target, func, args: /** @type {any} */ (args) }).catch(() => []);
  if (!answers[0]?.result) throw navigated();
  return /** @type {any} */ (answers[0].result);
}

/**
 * @param {any[]} plan
 * @param {string[]} surveyed
 * @param {{ index: number, outcome: string }[]} written
 */
function report(plan, surveyed, written) {
  const outcomes = surveyed.map((outcome, index) => written.find((one) => one.index === index)?.outcome ?? outcome);
  const filled = plan.flatMap(({ kind }, index) => (outcomes[index] === "filled" ? [kind] : []));
  if (filled.length === 0) throw nothingToFill(outcomes);
  const password = plan.findIndex(({ kind }) => kind === "password");
  const refused = REASONS.find(([code]) => code === outcomes[password] && !EXPECTED.includes(code));
  return refused ? { filled, note: refused[1].replace("Nothing was filled.", "The password was not filled.") } : { filled };
}

function navigated() {
  return new Failure("navigated", "The page changed while it was filled. Nothing was sent to it.");
}

/** What stops a fill, the more telling first. */
const REASONS = [
  ["form-leaves", "The form sends what you enter to another address. Nothing was filled."],
  ["not-a-password-field", "The field for the password would show it. Nothing was filled."],
  ["covered", "Something lies over the login fields. Nothing was filled."],
  ["transparent", "The login fields are invisible. Nothing was filled."],
  ["tiny", "The login fields are too small to be seen. Nothing was filled."],
  ["outside", "The login fields are outside of the page. Nothing was filled."],
  ["hidden", "The login fields are hidden. Nothing was filled."],
  ["several", "Several fields would fit, and there is no telling which. Copy instead."],
  ["read-only", "The login fields cannot be changed. Nothing was filled."],
  ["not-a-text-field", "The field for the user name takes no text. Nothing was filled."],
];

/** Where a login asks for one after the other, the field for the password waits out of sight. */
const EXPECTED = ["transparent", "tiny", "outside", "hidden"];

function nothingToFill(/** @type {string[]} */ outcomes) {
  if (outcomes.includes("navigated")) return navigated();
  const reason = REASONS.find(([code]) => outcomes.includes(code));
  return reason ? new Failure(reason[0], reason[1]) : new Failure("no-form", "There is no login form on this page. Forms in frames are not filled.");
}
