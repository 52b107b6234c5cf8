// When the vault locks by itself: when nobody is there, when it was open for long, and when the system locks. While it is open,
// its sites are synced now and then.

import { load } from "../shared/settings.js";
import * as badge from "./badge.js";
import * as host from "./host.js";

const LOCK = "lock";
const SYNC = "sync";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Registers the events. They start the service worker when it is stopped, so this must run at once. */
export function listen() {
  chrome.alarms.onAlarm.addListener(({ name }) => {
    if (name === LOCK) lock();
    if (name === SYNC) sync();
  });
  chrome.idle.onStateChanged.addListener((state) => {
    if (state !== "active") lock();
  });
  // The interval is the browser's memory, and lost with it.
  load().then(watchIdle);
}

/** @param {import("../shared/settings.js").Settings} settings */
function watchIdle({ idleMinutes }) {
  chrome.idle.setDetectionInterval(idleMinutes * 60);
}

/** @returns {Promise<number | undefined>} when the vault was opened, in milliseconds since 1970 */
async function openedAt() {
  const { openedAt: since } = await chrome.storage.session.get("openedAt");
  return typeof since === "number" ? since : undefined;
}

export const isOpen = async () => (await openedAt()) !== undefined;

async function start() {
  await chrome.storage.session.set({ openedAt: Date.now() });
  await reschedule();
}

/**
 * Opens the vault by `work`, and begins the time that it may stay open. If this service worker is stopped meanwhile, the
 * vault opens all the same, so a time runs before it does; one that runs already is not made longer by a failure.
 * @template T
 * @param {() => Promise<T>} work
 */
export async function whileOpening(work) {
  if ((await openedAt()) === undefined) await start();
  const result = await work();
  await start();
  return result;
}

/** Syncs an open vault, for nobody in particular: what fails is kept beside the sites, and said in the popup. */
async function sync() {
  await enforce();
  if (await isOpen()) await host.ask("refresh").catch(() => {});
}

/** Applies changed settings. */
export async function reschedule() {
  const settings = await load();
  watchIdle(settings);
  const since = await openedAt();
  if (since === undefined) return;
  await chrome.alarms.create(LOCK, { when: since + settings.ageHours * HOUR });
  if (settings.syncMinutes > 0) await chrome.alarms.create(SYNC, { periodInMinutes: settings.syncMinutes });
  else await chrome.alarms.clear(SYNC);
}

/** Locks if it is time: alarms may come late after the machine slept. A clock that was set back counts as late. */
export async function enforce() {
  const since = await openedAt();
  if (since === undefined) return;
  const age = Date.now() - since;
  const { ageHours } = await load();
  if (age < 0 || age >= ageHours * HOUR) await lock();
}

/** Wipes the vault, at anyone's request. */
export async function lock() {
  await chrome.storage.session.remove("openedAt");
  await Promise.all([LOCK, SYNC].map((name) => chrome.alarms.clear(name)));
  await host.close();
  await badge.clear();
}
