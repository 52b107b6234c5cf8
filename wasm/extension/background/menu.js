// The context menu: fill the login of the page, or a generated password. What needs a person's choice opens the popup, which says
// what came of the rest as well.

import { PAGES } from "../shared/origins.js";
import * as autolock from "./autolock.js";
import { fill } from "./fill.js";
import * as host from "./host.js";
import { fillNew } from "./new-password.js";

const ITEMS = { fill: "Fill the login of this page", generate: "Fill a generated password" };

export function listen() {
  chrome.runtime.onInstalled.addListener(() => {
    chrome.contextMenus.removeAll(() => {
      for (const [id, title] of Object.entries(ITEMS)) chrome.contextMenus.create({ id, title, contexts: ["page", "editable"], documentUrlPatterns: PAGES });
    });
  });
  chrome.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if (tab?.id !== undefined) choose(String(menuItemId), tab.id);
  });
}

/** Does what was chosen. What a person has to know is said in the popup. */
async function choose(/** @type {string} */ id, /** @type {number} */ tabId) {
  try {
    await autolock.enforce();
    if (!(await autolock.isOpen())) return openPopup();
    const said = id === "fill" ? await fillHere(tabId) : await generateHere(tabId);
    if (said) await openPopup(said);
  } catch (/** @type {any} */ error) {
    await openPopup({ text: error.message, tone: "error" });
  }
}

/** @typedef {{ text: string, tone: "good" | "warn" | "error" }} Said */

/** Fills if there is one login for the page; of several, a person chooses. @returns {Promise<Said | undefined>} */
async function fillHere(/** @type {number} */ tabId) {
  const { url } = await chrome.tabs.get(tabId);
  const { rows } = await host.ask("list", { page: url, query: "" });
  const here = rows.filter((/** @type {any} */ { here, fillable }) => here && fillable);
  if (here.length === 0) return { text: "No login belongs to this page.", tone: "warn" };
  if (here.length > 1) return { text: "Several logins belong to this page: choose one.", tone: "warn" };
  const { note, other } = await fill({ siteId: here[0].siteId, tabId });
  if (other !== undefined) return { text: "The page already has a different user name. Fill from here to replace it.", tone: "warn" };
  return note ? { text: note, tone: "warn" } : undefined;
}

/** @returns {Promise<Said>} */
async function generateHere(/** @type {number} */ tabId) {
  const { text } = await host.ask("generate", { kind: "password", rules: {} });
  const { filled, name } = await fillNew({ tabId, text });
  const where = name ? `beside ${String(name).slice(0, 40)}` : "for this page";
  return { text: filled > 0 ? `A generated password was filled, and is kept here ${where}.` : `The page took nothing. The password is kept here ${where}.`, tone: filled > 0 ? "good" : "warn" };
}

async function openPopup(/** @type {Said | undefined} */ said = undefined) {
  if (said) await chrome.storage.session.set({ said });
  await chrome.action.openPopup().catch(() => {});
}
