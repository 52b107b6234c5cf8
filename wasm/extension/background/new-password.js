// New passwords: a generated one is filled, and one that a person typed is read when they ask for it. Both are kept in the vault,
// because the service's API takes no password of an existing site.

import { Failure } from "../shared/messages.js";
import { addressOf } from "./fill.js";
import * as host from "./host.js";
import { navigated } from "./report.js";

const SCRIPTS = ["/page/visible.js", "/page/languages.js", "/page/fields.js", "/page/write.js", "/page/new.js"];

/**
 * The document in front of the person who asked, with our scripts in it.
 * @param {number} tabId
 */
async function enter(tabId) {
  const page = await addressOf(tabId);
  try {
    const [{ documentId }] = await chrome.scripting.executeScript({ target: { tabId, frameIds: [0] }, files: SCRIPTS });
    return { page, origin: new URL(page).origin, target: { tabId, documentIds: [documentId] } };
  } catch {
    throw new Failure("no-page", "zkvault cannot read or fill this page.");
  }
}

/**
 * Calls one of the functions of page/new.js.
 * @param {chrome.scripting.InjectionTarget} target
 * @param {string} name
 * @param {...any} parameters
 * @returns {Promise<any>}
 */
async function call(target, name, ...parameters) {
  // @ts-expect-error the function runs in the page, where the scripts above were
  const func = (/** @type {string} */ name, /** @type {any[]} */ ...parameters) => zkvaultNew[name](...parameters);
  const answers = await chrome.scripting.executeScript({ target, func, args: /** @type {any} */ ([name, ...parameters]) }).catch(() => []);
  if (!answers[0]) throw navigated();
  return answers[0].result;
}

/**
 * Fills a generated password into the fields for a new one. It is kept first, so that it is never on a page alone.
 * @param {{ tabId: number, text: string, siteId?: string | number }} request
 */
export async function fillNew({ tabId, text, siteId }) {
  const { page, origin, target } = await enter(tabId);
  if ((await call(target, "count", origin)) === 0) throw new Failure("no-form", "No visible field of this page asks for a new password. Copy it instead.");
  const kept = await host.ask("keep", { value: text, page, siteId });
  return { filled: await call(target, "fill", text, origin), ...kept };
}

/** Whether the page has a new password that somebody typed. @param {{ tabId: number }} request */
export async function hasTyped({ tabId }) {
  const { origin, target } = await enter(tabId);
  return Boolean(await call(target, "hasTyped", origin));
}

/**
 * Keeps the new password that was typed into the page.
 * @param {{ tabId: number, siteId?: string | number }} request
 */
export async function keepTyped({ tabId, siteId }) {
  const { page, origin, target } = await enter(tabId);
  const { value, reason } = await call(target, "read", origin);
  if (reason === "differ") throw new Failure("differ", "The new passwords on this page differ. Nothing was kept.");
  if (value === undefined) throw new Failure("no-form", "No new password was typed on this page.");
  return host.ask("keep", { value, page, siteId });
}
