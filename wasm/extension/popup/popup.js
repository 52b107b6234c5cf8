// The popup: unlock, search, fill, copy. It asks the service worker for everything and holds no key and no password.

import { ask } from "../shared/messages.js";
import { isTrustworthy } from "../shared/origins.js";
import { load } from "../shared/settings.js";
import { byId, plain } from "../shared/text.js";
import { VERDICTS } from "../shared/verdicts.js";
import { showFreshness } from "./fresh.js";
import { Generator } from "./generator.js";
import { Item } from "./item.js";
import { List } from "./list.js";
import { say, show } from "./message.js";

const search = /** @type {HTMLInputElement} */ (byId("search"));
const passphrase = /** @type {HTMLInputElement} */ (byId("passphrase"));
const list = new List(byId("sites"), search, showChosen);
const item = new Item(attempt, copy, () => fillSite({ siteId: item.siteId, older: true }));
const generator = new Generator(attempt, copy, () => ({ tabId: tab?.id, site: list.chosen?.here ? list.chosen : undefined }));

/** @type {chrome.tabs.Tab | undefined} */
let tab;
/** The site to fill over another user name, if the person asks for it once more. @type {number | string | undefined} */
let replacing;
let syncing = false;
/** A form that is there is filled long before, in milliseconds. */
const QUICKLY = 800;

/** Does what a person asked for; what goes wrong is said. A vault that locked meanwhile shows as locked. */
async function attempt(/** @type {() => Promise<void>} */ work) {
  try {
    await work();
  } catch (/** @type {any} */ error) {
    if (error.code === "locked") return restart();
    say(error.message, "error");
  }
}

// --- Views

/** Shows what there is to show from the beginning; nothing that was decrypted stays. */
async function restart() {
  item.close();
  generator.close();
  list.clear();
  search.value = "";
  await start();
}

async function start() {
  // What was interrupted, by a lock for instance, is asked once more.
  const status = await ask("background", "status").catch(() => ask("background", "status"));
  if (!status.keyring) return show("setup");
  if (!status.unlocked) {
    show("locked");
    return passphrase.focus();
  }
  show("vault");
  search.focus();
  await attempt(refresh);
  if (tab?.id !== undefined && tab.url) ask("background", "opened", { tabId: tab.id, page: tab.url });
  await Promise.all([sayWhatWasSaid(), offerTyped(), untilSynced()]);
}

/** What came of a choice in the context menu. */
async function sayWhatWasSaid() {
  const { said } = await chrome.storage.session.get("said");
  await chrome.storage.session.remove("said");
  if (said) say(/** @type {any} */ (said).text, /** @type {any} */ (said).tone);
}

/** Shows the list anew when a sync that is under way has ended. */
async function untilSynced() {
  while (syncing && !document.hidden) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await attempt(keepingChoice);
  }
}

/** Shows the list anew if nobody chose anything meanwhile; else only how old it is. */
async function keepingChoice() {
  const asked = search.value;
  const answer = await ask("background", "list", { page: tab?.url, query: asked });
  syncing = answer.syncing;
  showFreshness(answer);
  if (!syncing && search.value === asked && !byId("vault").hidden && list.isAtStart) await refresh();
}

async function unlock() {
  const button = /** @type {HTMLButtonElement} */ (byId("unlock-button"));
  const busy = (/** @type {boolean} */ on) => {
    button.disabled = passphrase.readOnly = on;
    button.ariaBusy = String(on);
    button.textContent = on ? "Unlocking …" : "Unlock";
  };
  busy(true);
  byId("unlock-error").textContent = "";
  try {
    await ask("background", "unlock", { passphrase: passphrase.value });
    passphrase.value = "";
    await start();
  } catch (/** @type {any} */ error) {
    byId("unlock-error").textContent = error.code === "wrong-passphrase" ? "That is not the passphrase." : error.message;
    passphrase.select();
  } finally {
    busy(false);
  }
}

/** The list that is under way. Who types fast and presses Enter means what was typed, not what is still shown. */
let refreshing = Promise.resolve();

function refresh() {
  refreshing = updateList();
  return refreshing;
}

async function updateList() {
  const asked = search.value;
  const answer = await ask("background", "list", { page: tab?.url, query: asked });
  // A newer question is under way.
  if (search.value !== asked) return;
  syncing = answer.syncing;
  showFreshness(answer);
  list.show(answer, tab?.url);
  showEmpty(answer, asked);
  performance.mark("list");
}

function showEmpty(/** @type {any} */ { found, total, syncedAt }, /** @type {string} */ query) {
  byId("empty").hidden = found > 0;
  if (found > 0) return;
  const [title, text, action] =
    total > 0
      ? ["Nothing found", `No site has “${query.slice(0, 40)}” in its name or address.`, ""]
      : syncedAt === null
        ? ["No account yet", "Connect your account in the settings, and your sites appear here.", "Open settings"]
        : ["No sites", "Your account has no sites, or none that you may see.", ""];
  byId("empty-title").textContent = title;
  byId("empty-text").textContent = text;
  byId("empty-action").textContent = action;
  byId("empty-action").hidden = action === "";
}

function showChosen() {
  const { chosen } = list;
  replacing = undefined;
  for (const id of ["fill", "copy-password", "copy-user", "details"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = !chosen;
  if (!chosen) return say("");
  /** @type {HTMLButtonElement} */ (byId("fill")).disabled = !chosen.here || !chosen.fillable;
  if (!chosen.fillable) return say(VERDICTS[chosen.verdict].text, "warn");
  say(chosen.here ? "" : whereFilled(chosen.origin));
}

const isPlain = (/** @type {string | null} */ origin) => origin?.startsWith("http:") && !isTrustworthy(origin);

function whereFilled(/** @type {string | null} */ origin) {
  if (isPlain(origin)) return "Filled nowhere: its address is not encrypted (http)";
  return `Filled only on ${origin ?? "no page: it has no address"}`;
}

function whyNotHere(/** @type {string | null} */ origin) {
  if (isPlain(origin)) return `the address of this login, ${origin}, is not encrypted. Copy it if you trust the network`;
  return `this login belongs to ${origin ?? "no page"}`;
}

// --- What a person does

async function fill() {
  await refreshing;
  const { chosen } = list;
  if (!chosen) return;
  const { siteId } = chosen;
  const replace = replacing === siteId;
  replacing = undefined;
  if (!chosen.fillable) return say(VERDICTS[chosen.verdict].text, "warn");
  if (!chosen.here) return say(`Not filled: ${whyNotHere(chosen.origin)}.`, "warn");
  await fillSite({ siteId, replace });
}

/** @param {{ siteId: number | string | undefined, replace?: boolean, older?: boolean }} wanted */
async function fillSite(wanted) {
  say("Looking for the login form …");
  const waits = setTimeout(() => say("No login form yet. Waiting for one …"), QUICKLY);
  const { filled, note, other } = await ask("background", "fill", { ...wanted, tabId: tab?.id }).finally(() => clearTimeout(waits));
  if (other !== undefined) {
    replacing = wanted.siteId;
    return say(`The page already has the user name “${plain(other, 40)}”. Press Enter again to replace it.`, "warn");
  }
  if (note) return say(note, "warn");
  if (filled.includes("password")) return window.close();
  say("User name filled. Open zkvault again where the page asks for the password.", "good");
}

/** Offers to keep a new password that is on the page. That there is one is all that is asked before. */
async function offerTyped() {
  const here = tab?.id !== undefined && (await ask("background", "hasTyped", { tabId: tab.id }).catch(() => false));
  byId("typed").hidden = !here;
}

async function keepTyped() {
  const chosen = list.chosen?.here ? list.chosen.siteId : undefined;
  const { known, name } = await ask("background", "keepTyped", { tabId: tab?.id, siteId: chosen });
  byId("typed").hidden = true;
  search.focus();
  if (known) return say("The service has this password already.", "good");
  say(`Kept here${name ? ` beside ${plain(name, 40)}` : " for this page"}. The service does not have it: change it there too.`, "good");
}

async function sync() {
  say("Syncing …");
  try {
    const { waiting } = await ask("background", "sync");
    await refresh();
    say(waiting === 0 ? "Synced." : `Synced. ${waiting} ${waiting === 1 ? "site needs" : "sites need"} review in the settings.`, waiting === 0 ? "good" : "warn");
  } catch (/** @type {any} */ error) {
    await refresh();
    throw error;
  }
}

const COPIED = { password: "Password", text: "User name", input: "Value", code: "One-time code", kept: "New password" };

/** Copies something of the site that is shown, or of the one that is chosen. @param {import("./item.js").Wanted} wanted */
async function copy(wanted) {
  await refreshing;
  const siteId = item.siteId ?? list.chosen?.siteId;
  if (!("text" in wanted) && wanted.what !== "kept" && siteId === undefined) return;
  const { clipboardSeconds: seconds } = await load();
  const { older, kept } = await ask("background", "copy", { siteId, ...wanted, seconds });
  const what = "text" in wanted ? "Generated password" : COPIED[wanted.what];
  const leaves = seconds > 0 ? ` It leaves the clipboard in ${seconds} seconds.` : "";
  if (older) say(`${what} copied, from the older state: the service shows a different one that you have not accepted.${leaves}`, "warn");
  else if (kept) say(`${what} copied: the new one that is kept here; the service has an older one.${leaves}`, "warn");
  else say(`${what} copied.${leaves}`, "good");
}

async function lock() {
  await ask("background", "lock");
  await restart();
}

async function openItem() {
  await refreshing;
  if (list.chosen) await item.open(list.chosen.siteId);
}

async function openGenerator() {
  item.close();
  await generator.open();
}

function back() {
  item.close();
  generator.close();
  show("vault");
  showChosen();
  search.focus();
}

function openSettings() {
  chrome.runtime.openOptionsPage();
  window.close();
}

// --- Keys

/** Text that a person selected is copied as ever. */
const selected = () => (document.activeElement === search && search.selectionStart !== search.selectionEnd) || !(getSelection()?.isCollapsed ?? true);

/** Whether the cursor is behind all that is typed, so that → has nowhere to go. */
const atEnd = () => document.activeElement === search && search.selectionStart === search.value.length;

/** In all views. @type {Record<string, () => void>} */
const SHORTCUTS = {
  "Control c": () => attempt(() => copy({ what: "password" })),
  "Control b": () => attempt(() => copy({ what: "text" })),
  "Control g": () => attempt(openGenerator),
  "Control l": () => attempt(lock),
  "Control s": () => attempt(sync),
};

/** @type {Record<string, () => void>} */
const IN_LIST = {
  ...SHORTCUTS,
  ArrowDown: () => list.move(1),
  ArrowUp: () => list.move(-1),
  PageDown: () => list.move(6),
  PageUp: () => list.move(-6),
  ArrowRight: () => attempt(openItem),
  Enter: () => attempt(fill),
  "/": () => search.focus(),
  Escape: clearSearch,
};

/** In the views of one site and of the generator. @type {Record<string, () => void>} */
const IN_ITEM = { ...SHORTCUTS, Escape: back };

/** Keys that a control or a selection has a use of its own for. */
function isTaken(/** @type {string} */ name) {
  if (name === "Control c") return selected();
  if (name === "Enter") return onButton();
  if (name === "ArrowRight") return !atEnd();
  if (name === "/") return document.activeElement === search;
  return name === "Escape" && !byId("vault").hidden && search.value === "";
}

function onKey(/** @type {KeyboardEvent} */ event) {
  const keys = !byId("vault").hidden ? IN_LIST : byId("item").hidden && byId("generator").hidden ? {} : IN_ITEM;
  const name = event.ctrlKey || event.metaKey ? `Control ${event.key.toLowerCase()}` : event.key;
  if (!Object.hasOwn(keys, name) || isTaken(name)) return;
  keys[name]();
  event.preventDefault();
}

const onButton = () => document.activeElement instanceof HTMLButtonElement;

function clearSearch() {
  search.value = "";
  search.focus();
  attempt(refresh);
}

byId("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
});
byId("set-up").addEventListener("click", openSettings);
byId("settings").addEventListener("click", openSettings);
byId("empty-action").addEventListener("click", openSettings);
byId("lock").addEventListener("click", () => attempt(lock));
byId("details").addEventListener("click", () => attempt(openItem));
for (const id of ["item-back", "generator-back"]) byId(id).addEventListener("click", back);
byId("generator-open").addEventListener("click", () => attempt(openGenerator));
byId("sync").addEventListener("click", () => attempt(sync));
byId("keep-typed").addEventListener("click", () => attempt(keepTyped));
byId("fill").addEventListener("click", () => attempt(fill));
byId("copy-password").addEventListener("click", () => attempt(() => copy({ what: "password" })));
byId("copy-user").addEventListener("click", () => attempt(() => copy({ what: "text" })));
byId("sites").addEventListener("dblclick", () => attempt(fill));
search.addEventListener("input", () => attempt(refresh));
document.addEventListener("keydown", onKey);

[tab] = await chrome.tabs.query({ active: true, currentWindow: true });
showChosen();
await start().catch((error) => say(error.message, "error"));
