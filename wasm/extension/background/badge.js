// The number on the button: how many logins the page in front of a person has. Where the browser says nothing about pages, the
// number is that of the page over which the popup was opened.

import { isOpen } from "./autolock.js";
import * as host from "./host.js";

const COLOUR = "#0d6357";

/** Registers the events; those of pages exist once a person permits to see addresses. */
export function listen() {
  chrome.action.setBadgeBackgroundColor({ color: COLOUR });
  follow();
  chrome.permissions.onAdded.addListener(follow);
}

let following = false;

function follow() {
  if (following || !chrome.webNavigation) return;
  following = true;
  chrome.webNavigation.onCommitted.addListener(({ tabId, url, frameId }) => {
    if (frameId === 0) show(tabId, url);
  });
}

/**
 * Shows the number of logins of a page on its tab. A locked vault shows none.
 * @param {number} tabId
 * @param {string} page
 */
export async function show(tabId, page) {
  try {
    const count = (await isOpen()) ? await host.ask("count", { page }) : 0;
    await chrome.action.setBadgeText({ tabId, text: count > 0 ? String(count) : "" });
  } catch {
    // The tab is gone, or the vault was locked meanwhile: the number that is shown goes with them.
  }
}

/** Takes the numbers off all tabs. */
export async function clear() {
  const tabs = await chrome.tabs.query({});
  await Promise.all(tabs.map(({ id }) => chrome.action.setBadgeText({ tabId: id, text: "" }).catch(() => {})));
}
