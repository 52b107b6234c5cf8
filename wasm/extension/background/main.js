// The service worker, or the event page. In Chromium it holds no secret and may be stopped at any time: what must outlive it is in
// storage.session, in chrome.alarms, or in the host document, where the vault is.

import * as autolock from "./autolock.js";
import * as badge from "./badge.js";
import { fill } from "./fill.js";
import * as host from "./host.js";
import * as menu from "./menu.js";
import { fillNew, hasTyped, keepTyped } from "./new-password.js";
import { serve } from "../shared/messages.js";
import { tableOf } from "../shared/operations.js";

/** What pages may ask for and the host does; what needs an open vault ends with the time that it may stay open. */
const relayed = tableOf(({ asked, opens }) => asked === "by pages" && !opens, (op) => async (/** @type {object} */ params) => {
  await autolock.enforce();
  return host.ask(op, params);
});

const opening = tableOf(({ opens }) => Boolean(opens), (op) => (/** @type {object} */ params) => autolock.whileOpening(() => host.ask(op, params)));

/** What the service worker does itself, in pages, with an open vault. */
const inPages = Object.fromEntries(
  Object.entries({ fill, fillNew, hasTyped, keepTyped }).map(([op, work]) => [op, async (/** @type {any} */ params) => (await autolock.enforce(), work(params))]),
);

serve("background", {
  ...relayed,
  ...opening,
  ...inPages,
  lock: autolock.lock,
  async opened({ tabId, page }) {
    await badge.show(tabId, page);
  },
  async forget() {
    await host.ask("forget");
    await autolock.lock();
  },
  async removeLayouts() {
    await host.ask("removeLayouts");
    await autolock.lock();
  },
  settingsChanged: autolock.reschedule,
});

autolock.listen();
badge.listen();
menu.listen();

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") chrome.runtime.openOptionsPage();
});
