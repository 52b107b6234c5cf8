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

/** @param {string} pattern */
export async function request(pattern) {
  if (!(await chrome.permissions.request({ origins: [pattern] }))) throw new Failure("permission", "Without the permission, zkvault cannot ask this address for your sites.");
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

/** @param {boolean} wanted */
export async function requestClipboard(wanted) {
  const permission = /** @type {chrome.permissions.Permissions} */ ({ permissions: ["clipboardRead"] });
  if ((await chrome.permissions.contains(permission)) === wanted) return;
  if (!wanted) await chrome.permissions.remove(permission);
  else if (!(await chrome.permissions.request(permission))) throw new Failure("permission", "The browser did not give the permission to read the clipboard.");
}
