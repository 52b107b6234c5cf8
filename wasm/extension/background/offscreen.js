// The host in Chromium: an offscreen document of the extension, which outlives the service worker.

import { ask as send } from "../shared/messages.js";

const PAGE = "host/host.html";

/** @type {Promise<void> | undefined} */
let opening;
/** @type {Promise<void> | undefined} */
let closing;

async function isOpen() {
  const contexts = await chrome.runtime.getContexts({ contextTypes: [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT] });
  return contexts.length > 0;
}

async function open() {
  if (await isOpen()) return;
  await chrome.offscreen.createDocument({
    url: PAGE,
    reasons: [chrome.offscreen.Reason.WORKERS, chrome.offscreen.Reason.CLIPBOARD],
    justification: "Holds the unlocked vault in a worker, and takes copied passwords off the clipboard again.",
  });
}

/**
 * Asks the host, which is opened if it is not. One that is about to end is not asked: it would not respond.
 * @param {string} op
 * @param {object} [params]
 */
export async function ask(op, params) {
  await closing;
  opening ??= open().finally(() => (opening = undefined));
  await opening;
  return send("host", op, params);
}

/** Wipes the vault and ends the host, with whatever else is left in its memory. */
export function close() {
  closing ??= end().finally(() => (closing = undefined));
  return closing;
}

async function end() {
  if (!(await isOpen())) return;
  try {
    await send("host", "lock");
  } finally {
    await chrome.offscreen.closeDocument();
  }
}
