// What was found at sites over time, so that a person can see what they accepted, and when.

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** @typedef {{ at: number, verdict: import("zkvault").Verdict | "accepted", changes: import("zkvault").Finding[] }} Event */
/** @typedef {Record<string, Event[]>} History by the ids of sites */

/** Events that are kept of a site: the last ones. */
const MOST = 20;

const same = (/** @type {Event | undefined} */ one, /** @type {SiteVerdict} */ { verdict, changes }) =>
  one !== undefined && one.verdict === verdict && JSON.stringify(one.changes) === JSON.stringify(changes);

/** Whether there is something to note: sites that are as they were have no history. */
function isNews(/** @type {Event | undefined} */ last, /** @type {SiteVerdict} */ now) {
  return now.verdict === "ok" ? last !== undefined && last.verdict !== "ok" && last.verdict !== "accepted" : !same(last, now);
}

/**
 * Notes what a comparison found. A site that is new in a first use is nothing to note.
 * @param {History} history
 * @param {SiteVerdict[]} verdicts
 * @param {number} at
 */
export function note(history, verdicts, at) {
  for (const now of verdicts) {
    const id = String(now.siteId);
    if (isNews(history[id]?.at(-1), now) && !now.changes.some(({ what }) => what === "first-use")) add(history, id, { at, verdict: now.verdict, changes: now.changes });
  }
}

/**
 * Notes that a person accepted sites.
 * @param {History} history
 * @param {(number | string)[]} siteIds
 * @param {number} at
 */
export function noteAccepted(history, siteIds, at) {
  for (const id of siteIds.map(String)) add(history, id, { at, verdict: "accepted", changes: [] });
}

function add(/** @type {History} */ history, /** @type {string} */ id, /** @type {Event} */ event) {
  history[id] = [...(history[id] ?? []), event].slice(-MOST);
}
