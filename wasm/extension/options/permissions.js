// Permissions are asked for when they are needed, and given back when they are not.

import { Failure } from "../shared/messages.js";

const LOOPBACK = ["127.0.0.1", "localhost"];

/**
 * The hosts that an account's address stands for, as the browser asks for them.
 * @param {string} url
 */
export function accountPattern(url) {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) throw new Failure("url", "The address has the form https://acme.logmeonce.com");
  const loopback = LOOPBACK.includes(parsed.hostname) && parsed.protocol === "http:";
  const vendor = parsed.hostname.endsWith(".logmeonce.com") && parsed.protocol === "https:";
  if (!loopback && !vendor) throw new Failure("url", "The address must be https and end in .logmeonce.com; http only on this machine.");
  return `${parsed.protocol}//${parsed.hostname}/*`;
}

/**
 * Asks for permissions, at once: the browser asks a person only while their click lasts. Firefox refuses to be asked later even for
 * what it has granted.
 * @param {chrome.permissions.Permissions} wanted
 */
const grant = (wanted) => chrome.permissions.request(wanted).catch(() => chrome.permissions.contains(wanted));

/** @param {string} pattern */
export async function request(pattern) {
  if (!(await grant({ origins: [pattern] }))) throw new Failure("permission", "Without the permission, zkvault cannot ask this address for your sites.");
}

/**
 * Gives back the permission for all hosts but one.
 * @param {string | null} pattern
 */
export async function keepOnly(pattern) {
  const { origins = [] } = await chrome.permissions.getAll();
  const others = origins.filter((origin) => origin !== pattern);
  // Those that the manifest demands cannot be given back, and this one demands none.
  if (others.length > 0) await chrome.permissions.remove({ origins: others }).catch(() => false);
}

/** @typedef {"clipboardRead" | "webNavigation"} Optional */

const these = (/** @type {Optional[]} */ permissions) => /** @type {chrome.permissions.Permissions} */ ({ permissions });

export const isPermitted = (/** @type {Optional} */ permission) => chrome.permissions.contains(these([permission]));

/**
 * Asks for optional permissions, and gives others back.
 * @param {Optional[]} wanted
 * @param {Optional[]} unwanted
 */
export async function setPermissions(wanted, unwanted) {
  if (wanted.length > 0 && !(await grant(these(wanted)))) throw new Failure("permission", "The browser did not give the permission.");
  if (unwanted.length > 0) await chrome.permissions.remove(these(unwanted)).catch(() => false);
}
