// Fills a login into the page in front of the person who asked for it, and into no other.
//
// Twice the page is asked: first what it has, without any value; then with the values for just these fields, bound to
// the very document that answered. A navigation in between leaves nobody to receive them. Where the password comes only
// when the user name is there, both are done once more.

import { Failure } from "../shared/messages.js";
import * as host from "./host.js";
import { judge, navigated } from "./report.js";

const SCRIPTS = ["/page/visible.js", "/page/languages.js", "/page/fields.js", "/page/write.js"];

/** @typedef {{ kind: "password" | "text" | "choice", names: string[] }[]} Plan */
/** @typedef {{ documentId: string, href: string, outcomes: string[], foreign?: string }} Survey */
/** @typedef {{ tabId: number, siteId: number | string, plan: Plan, hints: object, origin: string, replace: boolean, older: boolean, keptAt: number | null }} Job */

/**
 * @param {{ siteId: number | string, tabId: number, replace?: boolean, older?: boolean }} request `replace` fills over another user
 *   name, `older` the service's password where a newer one is kept here
 * @returns {Promise<{ filled: string[], note?: string, other?: string }>} the kinds of what was filled, and why something
 *   else was not; `other` is a user name that the page has already: nothing was filled then
 */
export async function fill({ siteId, tabId, replace = false, older = false }) {
  const shown = await addressOf(tabId);
  const { plan, hints, origin } = await host.ask("plan", { siteId, page: shown });
  /** @type {Job} */
  const job = { tabId, siteId, plan, hints, origin, replace, older, keptAt: null };
  const first = await survey(job);
  const { outcomes, other } = await round(job, first, first.outcomes);
  if (other !== undefined) return { filled: [], other };
  if (waits(plan, outcomes)) await secondRound(job, first, outcomes);
  return judge(plan, outcomes, first.foreign, job.keptAt);
}

/** The address that the browser shows for the tab; only known when the person opened the popup there. */
export async function addressOf(/** @type {number} */ tabId) {
  const tab = await chrome.tabs.get(tabId).catch(() => undefined);
  if (!tab?.active || !tab.url) throw new Failure("no-page", "zkvault cannot fill this page.");
  return tab.url;
}

/** Whether a password may still come, now that the user name is there. */
function waits(/** @type {Plan} */ plan, /** @type {string[]} */ outcomes) {
  const missing = plan.some(({ kind }, index) => kind === "password" && ["absent", "read-only", "hidden", "inactive", "tiny", "transparent"].includes(outcomes[index]));
  return missing && plan.some(({ kind }, index) => kind === "text" && outcomes[index] === "filled");
}

/** Looks for the password once more. A page that went away meanwhile has gone on to the next step. */
async function secondRound(/** @type {Job} */ job, /** @type {Survey} */ first, /** @type {string[]} */ outcomes) {
  const second = await surveyDocument(job, first.documentId, true).catch(() => undefined);
  if (!second) return;
  const found = second.outcomes.map((outcome, index) => (outcomes[index] === "filled" ? "filled" : outcome));
  await round(job, { ...first, ...second }, found).then(({ outcomes: now }) => outcomes.splice(0, now.length, ...now), () => {});
}

/**
 * Fetches the values of what was found, and has them filled.
 * @param {Job} job
 * @param {Survey} page
 * @param {string[]} surveyed
 */
async function round(job, page, surveyed) {
  // What the browser shows and what the document says must both be the pinned page.
  if (new URL(page.href).origin !== job.origin) throw navigated();
  const inputs = surveyed.flatMap((outcome, index) => (outcome === "found" ? [index] : []));
  if (inputs.length === 0) return { outcomes: [...surveyed], other: undefined };
  const { values, keptAt } = await host.ask("values", { siteId: job.siteId, page: page.href, inputs, older: job.older });
  job.keptAt ??= keptAt;
  const written = await write(job, page.documentId, values);
  const outcomes = surveyed.map((outcome, index) => written.outcomes.find((one) => one.index === index)?.outcome ?? outcome);
  return { outcomes, other: written.other };
}

/** @param {Job} job @returns {Promise<Survey>} */
async function survey(job) {
  try {
    const [script] = await chrome.scripting.executeScript({ target: { tabId: job.tabId, frameIds: [0] }, files: SCRIPTS });
    return { documentId: script.documentId, ...(await surveyDocument(job, script.documentId, false)) };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("no-page", "zkvault cannot fill this page.");
  }
}

/**
 * @param {Job} job
 * @param {string} documentId
 * @param {boolean} after the user name was filled
 * @returns {Promise<Omit<Survey, "documentId">>}
 */
async function surveyDocument({ tabId, plan, hints }, documentId, after) {
  const target = { tabId, documentIds: [documentId] };
  // @ts-expect-error the function runs in the page, where the scripts above were
  const func = (/** @type {any} */ plan, /** @type {any} */ hints, /** @type {any} */ after) => zkvaultPage.survey(plan, hints, after);
  const [answer] = await chrome.scripting.executeScript({ target, func, args: [plan, hints, after] });
  if (!answer?.result) throw navigated();
  return /** @type {any} */ (answer.result);
}

/**
 * @param {Job} job
 * @param {string} documentId
 * @param {{ index: number, value: string }[]} values
 * @returns {Promise<{ outcomes: { index: number, outcome: string }[], other?: string }>}
 */
async function write({ tabId, plan, hints, origin, replace }, documentId, values) {
  const target = { tabId, documentIds: [documentId] };
  // @ts-expect-error as above
  const func = (/** @type {any[]} */ ...args) => zkvaultWrite.fill(...args);
  const args = /** @type {any} */ ([plan, values, origin, { hints, replace }]);
  const answers = await chrome.scripting.executeScript({ target, func, args }).catch(() => []);
  if (!answers[0]?.result) throw navigated();
  return /** @type {any} */ (answers[0].result);
}
