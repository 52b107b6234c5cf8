// How old the sites are that are shown, and whether the service was reached.

import { byId, plain } from "../shared/text.js";

/** @typedef {{ syncedAt: number | null, failed: { code: string, message: string } | null, syncing: boolean, setAside: import("zkvault").SetAside[] }} Freshness */

const MINUTE = 60_000;
/** Records whose faults are told apart. */
const MOST_REASONS = 10;
const UNITS = /** @type {const} */ ([["day", 24 * 60 * MINUTE], ["hour", 60 * MINUTE], ["minute", MINUTE]]);

/**
 * A time that has passed, as people say it.
 * @param {number} at
 * @param {number} now
 */
export function ago(at, now) {
  const unit = UNITS.find(([, length]) => now - at >= length);
  return unit ? new Intl.RelativeTimeFormat("en").format(-Math.floor((now - at) / unit[1]), unit[0]) : "just now";
}

/** @param {Freshness} freshness @param {number} now @returns {{ text: string, tone: "" | "warn" }} */
export function describe({ syncedAt, failed, syncing, setAside }, now) {
  if (syncing) return { text: "Syncing …", tone: "" };
  const age = syncedAt === null ? "never synced" : `synced ${ago(syncedAt, now)}`;
  if (!failed) return unread(`${age.charAt(0).toUpperCase()}${age.slice(1)}`, setAside.length);
  const offline = failed.code === "network" || failed.code === "timeout";
  return { text: `${offline ? "Offline" : `Not synced: ${failed.message}`} · ${age}`, tone: "warn" };
}

/** @param {string} age @param {number} count @returns {{ text: string, tone: "" | "warn" }} */
function unread(age, count) {
  if (count === 0) return { text: age, tone: "" };
  return { text: `${age} · ${count} ${count === 1 ? "site" : "sites"} could not be read`, tone: "warn" };
}

/** What is wrong with each record that could not be read, a line each. @param {import("zkvault").SetAside[]} setAside */
function reasons(setAside) {
  return setAside.map(({ id, name, reason }) => `${plain(name ?? `Site ${id ?? "without an id"}`, 60)}: ${plain(reason, 200)}`);
}

/** @param {Freshness} freshness */
export function showFreshness(freshness) {
  const { text, tone } = describe(freshness, Date.now());
  byId("fresh").textContent = text;
  byId("fresh").title = [text, ...reasons(freshness.setAside.slice(0, MOST_REASONS))].join("\n");
  byId("fresh").className = `fresh ${tone}`;
}
