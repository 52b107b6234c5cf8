// How old the sites are that are shown, and whether the service was reached.

import { byId } from "../shared/text.js";

/** @typedef {{ syncedAt: number | null, failed: { code: string, message: string } | null, syncing: boolean }} Freshness */

const MINUTE = 60_000;
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
export function describe({ syncedAt, failed, syncing }, now) {
  if (syncing) return { text: "Syncing …", tone: "" };
  const age = syncedAt === null ? "never synced" : `synced ${ago(syncedAt, now)}`;
  if (!failed) return { text: `${age.charAt(0).toUpperCase()}${age.slice(1)}`, tone: "" };
  const offline = failed.code === "network" || failed.code === "timeout";
  return { text: `${offline ? "Offline" : `Not synced: ${failed.message}`} · ${age}`, tone: "warn" };
}

/** @param {Freshness} freshness */
export function showFreshness(freshness) {
  const { text, tone } = describe(freshness, Date.now());
  byId("fresh").textContent = text;
  byId("fresh").title = text;
  byId("fresh").className = `fresh ${tone}`;
}
