// The popup: unlock, search, fill, copy. It asks the service worker for everything and holds no key and no password.

import { ask } from "../shared/messages.js";
import { load } from "../shared/settings.js";
import { byId, plain } from "../shared/text.js";
import { VERDICTS } from "../shared/verdicts.js";
import { List } from "./list.js";

const VIEWS = ["loading", "setup", "locked", "vault"];

const search = /** @type {HTMLInputElement} */ (byId("search"));
const passphrase = /** @type {HTMLInputElement} */ (byId("passphrase"));
const message = byId("message");
const list = new List(byId("sites"), search, showChosen);

/** @type {chrome.tabs.Tab | undefined} */
let tab;
/** The site to fill over another user name, if the person asks for it once more. @type {number | string | undefined} */
let replacing;

/** @param {string} name */
function show(name) {
  for (const view of VIEWS) byId(view).hidden = view !== name;
}

/**
 * @param {string} text
 * @param {"" | "error" | "warn" | "good"} [tone]
 */
function say(text, tone = "") {
  message.className = `message ${tone}${text.length < 58 ? " single" : ""}`;
  message.textContent = text;
}

/** Does what a person asked for; what goes wrong is said. A vault that locked meanwhile shows as locked. */
async function attempt(/** @type {() => Promise<void>} */ work) {
  try {
    await work();
  } catch (/** @type {any} */ error) {
    if (error.code === "locked") return start();
    say(error.message, "error");
  }
}

// --- Views

async function start() {
  const status = await ask("background", "status");
  if (!status.keyring) return show("setup");
  if (!status.unlocked) {
    show("locked");
    return passphrase.focus();
  }
  show("vault");
  search.focus();
  await attempt(refresh);
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
  list.show(answer, tab?.url);
  showEmpty(answer, asked);
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
  for (const id of ["fill", "copy-password", "copy-user"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = !chosen;
  if (!chosen) return say("");
  /** @type {HTMLButtonElement} */ (byId("fill")).disabled = !chosen.here || !chosen.fillable;
  if (!chosen.fillable) return say(VERDICTS[chosen.verdict].text, "warn");
  say(chosen.here ? "" : `Filled only on ${chosen.origin ?? "no page: it has no address"}`);
}

// --- What a person does

async function fill() {
  await refreshing;
  const { chosen } = list;
  if (!chosen) return;
  const replace = replacing === chosen.siteId;
  replacing = undefined;
  if (!chosen.fillable) return say(VERDICTS[chosen.verdict].text, "warn");
  if (!chosen.here) return say(`Not filled: this login belongs to ${chosen.origin ?? "no page"}.`, "warn");
  say("Looking for the login form …");
  const { filled, note, other } = await ask("background", "fill", { siteId: chosen.siteId, tabId: tab?.id, replace });
  if (other !== undefined) {
    replacing = chosen.siteId;
    return say(`The page already has the user name “${plain(other, 40)}”. Press Enter again to replace it.`, "warn");
  }
  if (note) return say(note, "warn");
  if (filled.includes("password")) return window.close();
  say("User name filled. Open zkvault again where the page asks for the password.", "good");
}

async function copy(/** @type {"password" | "text"} */ kind) {
  await refreshing;
  const { chosen } = list;
  if (!chosen) return;
  const { clipboardSeconds: seconds } = await load();
  await ask("background", "copy", { siteId: chosen.siteId, kind, seconds });
  const what = kind === "password" ? "Password" : "User name";
  say(seconds > 0 ? `${what} copied. It leaves the clipboard in ${seconds} seconds.` : `${what} copied.`, "good");
}

async function lock() {
  await ask("background", "lock");
  list.clear();
  search.value = "";
  await start();
}

function openSettings() {
  chrome.runtime.openOptionsPage();
  window.close();
}

// --- Keys

/** Text that a person selected in the search field is copied as ever. */
const selected = () => search.selectionStart !== search.selectionEnd;

/** @type {Record<string, () => void>} */
const SHORTCUTS = {
  ArrowDown: () => list.move(1),
  ArrowUp: () => list.move(-1),
  PageDown: () => list.move(6),
  PageUp: () => list.move(-6),
  Enter: () => attempt(fill),
  "Control c": () => attempt(() => copy("password")),
  "Control b": () => attempt(() => copy("text")),
  "Control l": () => attempt(lock),
};

function onKey(/** @type {KeyboardEvent} */ event) {
  if (byId("vault").hidden) return;
  const held = event.ctrlKey || event.metaKey;
  const name = held ? `Control ${event.key.toLowerCase()}` : event.key;
  if (name === "/" && document.activeElement !== search) search.focus();
  else if (name === "Escape" && search.value !== "") clearSearch();
  else if (SHORTCUTS[name] && !(name === "Control c" && selected()) && !(name === "Enter" && onButton())) SHORTCUTS[name]();
  else return;
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
byId("fill").addEventListener("click", () => attempt(fill));
byId("copy-password").addEventListener("click", () => attempt(() => copy("password")));
byId("copy-user").addEventListener("click", () => attempt(() => copy("text")));
byId("sites").addEventListener("dblclick", () => attempt(fill));
search.addEventListener("input", () => attempt(refresh));
document.addEventListener("keydown", onKey);

[tab] = await chrome.tabs.query({ active: true, currentWindow: true });
showChosen();
await start();
