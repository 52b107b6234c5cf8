// The settings: keyring, account, changes to look at, locking.

import { Failure, ask } from "../shared/messages.js";
import * as settings from "../shared/settings.js";
import { byId } from "../shared/text.js";
import { attempt, onSubmit, tell } from "./forms.js";
import * as layouts from "./layouts.js";
import { accountPattern, isPermitted, keepOnly, request, setPermissions } from "./permissions.js";
import { showKeys, showSetAside, showVerdicts } from "./show.js";

const UNLOCKED = ["account", "keyring", "locking", "passphrase", "danger"];
const CONNECTED = ["changes", "layouts"];

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));

/** The value of a field, which is emptied. */
function take(/** @type {string} */ id) {
  const { value } = input(id);
  input(id).value = "";
  return value;
}

async function refresh() {
  const status = await ask("background", "status");
  byId("begin").hidden = status.keyring;
  byId("unlock").hidden = !status.keyring || status.unlocked;
  byId("lock").hidden = !status.unlocked;
  for (const id of UNLOCKED) byId(id).hidden = !status.unlocked;
  byId("danger").hidden = !status.keyring;
  byId("state").textContent = status.unlocked ? "Unlocked" : status.keyring ? "Locked" : "Not set up yet";
  if (status.unlocked) await Promise.all([refreshAccount(), refreshKeys(), refreshVerdicts()]);
  else for (const id of CONNECTED) byId(id).hidden = true;
  keepFocus();
}

/** The focus of what is gone goes to what came in its place, and not back to the beginning of the page. */
function keepFocus() {
  const at = /** @type {HTMLElement | null} */ (document.activeElement);
  if (focused && (!at || at === document.body || !at.checkVisibility())) byId("page").focus({ preventScroll: true });
}

/** Whether something in the page had the focus. */
let focused = false;

async function refreshAccount() {
  const account = await ask("background", "account");
  byId("sync").hidden = byId("layouts").hidden = !account;
  if (!account) return;
  await layouts.refreshLayouts();
  input("url").value ||= account.url;
  input("api-key").value ||= account.apiKey;
  input("api-secret").placeholder = "Kept; enter one to change it";
  byId("synced").textContent = account.syncedAt ? `${account.sites} sites, synced ${new Date(account.syncedAt).toLocaleString()}` : "";
  showSetAside(byId("set-aside"), account.setAside);
}

async function refreshKeys() {
  showKeys(byId("keys"), await ask("background", "keys"));
}

async function refreshVerdicts() {
  const verdicts = await ask("background", "verdicts");
  byId("changes").hidden = verdicts.length === 0;
  byId("changes-count").textContent = String(verdicts.length);
  showVerdicts(byId("verdicts"), verdicts, (pressed, verdict) => accept(pressed, [verdict.siteId]));
  const added = verdicts.filter((/** @type {any} */ { verdict }) => verdict === "new").map((/** @type {any} */ { siteId }) => siteId);
  button("accept-new").hidden = added.length < 2;
  button("accept-new").textContent = `Accept all ${added.length} new sites`;
  button("accept-new").onclick = () => accept(button("accept-new"), added);
}

/**
 * @param {HTMLButtonElement} pressed
 * @param {(number | string)[]} siteIds
 */
function accept(pressed, siteIds) {
  return attempt(pressed, byId("changes-notice"), async () => {
    await ask("background", "accept", { siteIds });
    await refreshVerdicts();
    // Its row is gone: the others come next.
    (byId("changes").hidden ? byId("page") : byId("changes-title")).focus({ preventScroll: true });
  });
}

// --- Keyring

const importing = () => /** @type {HTMLInputElement} */ (document.querySelector("[name=origin]:checked")).value === "import";

function chooseOrigin() {
  byId("begin-file").hidden = !importing();
  byId("begin-again").hidden = byId("begin-hint").hidden = importing();
  /** @type {HTMLElement} */ (document.querySelector("#begin-form button")).textContent = importing() ? "Open keyring" : "Create keyring";
}

/** Keyring files are a few KB. */
const MAX_KEYRING_LEN = 1024 * 1024;

async function begin() {
  const again = take("begin-passphrase-again");
  const passphrase = take("begin-passphrase");
  if (importing()) {
    const [file] = input("keyring-file").files ?? [];
    if (!file) throw new Failure("no-file", "Choose the file of the keyring.");
    if (file.size > MAX_KEYRING_LEN) throw new Failure("keyring", "That is no keyring: it is too large.");
    const bytes = new Uint8Array(await file.arrayBuffer());
    await ask("background", "importKeyring", { file: btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")), passphrase });
  } else {
    if (passphrase !== again) throw new Failure("passphrase", "The two passphrases differ.");
    await ask("background", "create", { passphrase });
  }
  await refresh();
}

async function unlock() {
  await ask("background", "unlock", { passphrase: take("unlock-passphrase") });
  await refresh();
}

async function addKey() {
  await ask("background", "addKey", { key: take("key"), label: take("key-label") });
  await Promise.all([refreshKeys(), refreshVerdicts()]);
  return "The key is in the keyring.";
}

async function saveBackup() {
  const file = await ask("background", "exportKeyring");
  const link = document.createElement("a");
  link.href = `data:application/octet-stream;base64,${file}`;
  link.download = "zkvault.keyring";
  link.click();
  return "Keep it where you find it again. It opens with your passphrase.";
}

// --- Account

async function connect() {
  const url = input("url").value.trim();
  const pattern = accountPattern(url);
  const secret = take("api-secret");
  // First of all: the permission can only be asked for while the click lasts.
  await request(pattern);
  const known = await ask("background", "account");
  if (secret === "" && known?.url !== url) throw new Failure("secret", "Enter the API secret.");
  const result = await ask("background", "setAccount", { url, apiKey: input("api-key").value.trim(), secret });
  await keepOnly(pattern);
  await refresh();
  return summary(result);
}

async function sync() {
  const result = await ask("background", "sync");
  await refresh();
  return summary(result);
}

function summary(/** @type {{ sites: number, waiting: number }} */ { sites, waiting }) {
  const all = `${sites} ${sites === 1 ? "site" : "sites"} in the vault.`;
  return waiting === 0 ? all : `${all} ${waiting} changed: look at them above.`;
}

// --- Settings

/** Check boxes that stand for a permission. */
const OPTIONAL = /** @type {const} */ ([["clipboard-read", "clipboardRead"], ["badge", "webNavigation"]]);

async function showSettings() {
  const { idleMinutes, ageHours, syncMinutes, clipboardSeconds } = await settings.load();
  input("idle-minutes").value = String(idleMinutes);
  input("age-hours").value = String(ageHours);
  input("sync-minutes").value = String(syncMinutes);
  input("clipboard-seconds").value = String(clipboardSeconds);
  for (const [id, permission] of OPTIONAL) input(id).checked = await isPermitted(permission);
}

async function saveSettings() {
  const chosen = (/** @type {boolean} */ on) => OPTIONAL.filter(([id]) => input(id).checked === on).map(([, permission]) => permission);
  await setPermissions(chosen(true), chosen(false));
  const number = (/** @type {string} */ id) => input(id).valueAsNumber;
  await settings.save({ idleMinutes: number("idle-minutes"), ageHours: number("age-hours"), syncMinutes: number("sync-minutes"), clipboardSeconds: number("clipboard-seconds") });
  await ask("background", "settingsChanged");
  await showSettings();
  return "Saved.";
}

async function changePassphrase() {
  const [current, passphrase, again] = ["passphrase-current", "passphrase-new", "passphrase-again"].map(take);
  if (passphrase !== again) throw new Failure("passphrase", "The two new passphrases differ.");
  await ask("background", "changePassphrase", { current, passphrase });
  return "The passphrase is changed. Backups that you saved before open with the one before.";
}

async function forget() {
  if (take("forget-word").trim() !== "forget") throw new Failure("confirm", "Type the word forget to confirm.");
  await ask("background", "forget");
  await keepOnly(null);
  await refresh();
}

document.addEventListener("focusin", () => (focused = true));
for (const radio of document.querySelectorAll("[name=origin]")) radio.addEventListener("change", chooseOrigin);
onSubmit("begin-form", begin);
onSubmit("unlock-form", unlock);
onSubmit("key-form", addKey);
onSubmit("account-form", connect);
onSubmit("settings-form", saveSettings);
onSubmit("passphrase-form", changePassphrase);
onSubmit("forget-form", forget);

layouts.listen(refresh);

const noticeOf = (/** @type {string} */ form) => /** @type {HTMLElement} */ (document.querySelector(`#${form} .notice`));
button("sync").addEventListener("click", () => attempt(button("sync"), noticeOf("account-form"), sync));
button("backup").addEventListener("click", () => attempt(button("backup"), noticeOf("key-form"), saveBackup));
button("lock").addEventListener("click", async () => {
  await ask("background", "lock");
  await refresh();
});

// A person who returns to this tab sees what happened in the meantime.
document.addEventListener("visibilitychange", () => document.hidden || refresh());

await showSettings();
await refresh().catch((error) => tell(byId("state"), error.message, "error"));
