// The service worker. It holds no secret and may be stopped at any time: what must outlive it is in storage.session,
// in chrome.alarms, or in the host document, where the vault is.

import * as autolock from "./background/autolock.js";
import { fill } from "./background/fill.js";
import * as host from "./background/host.js";
import { serve } from "./shared/messages.js";

/** Operations of the host that pages may ask for; those of the vault end with the time that it may stay open. */
const RELAYED = ["list", "copy", "keys", "addKey", "exportKeyring", "account", "setAccount", "sync", "verdicts", "accept"];

const relayed = RELAYED.map((op) => [op, async (/** @type {object} */ params) => {
  await autolock.enforce();
  return host.ask(op, params);
}]);

const opening = (/** @type {string} */ op) => (/** @type {object} */ params) => autolock.whileOpening(() => host.ask(op, params));

serve("background", {
  ...Object.fromEntries(relayed),
  create: opening("create"),
  importKeyring: opening("importKeyring"),
  unlock: opening("unlock"),
  lock: autolock.lock,
  async status() {
    await autolock.enforce();
    return host.ask("status");
  },
  async fill(params) {
    await autolock.enforce();
    return fill(params);
  },
  async forget() {
    await host.ask("forget");
    await autolock.lock();
  },
  settingsChanged: autolock.reschedule,
});

autolock.listen();

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") chrome.runtime.openOptionsPage();
});
