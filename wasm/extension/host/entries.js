// The inputs of a site, read by the package's own rules.

import { siteFields } from "../zkvault/index.web.js";

/** @typedef {"password" | "text" | "choice"} Kind a choice is picked from a list, or by buttons */
/** @typedef {{ kind: Kind, names: string[], type: string, name: string, value: string | null }} Entry */
/** `code` is an input that one-time codes come from: its value is never typed anywhere. */
/** @typedef {{ kind: Kind | "code" | "other", label: string, names: string[], type: string, name: string, value: string | null }} Input */

/** What an input is called that holds the secret of one-time codes, or had such a code. */
const CODE = /(?:^|[^a-z])(?:totp|otp|2fa|mfa|authenticator|one[-_ ]?time)/i;

/**
 * All inputs of a site, in its order.
 * @param {any} site
 * @returns {Input[]}
 */
export function inputsOf(site) {
  // A long id is a text here; the fields are the same without it.
  const fields = siteFields({ id: 0, login: { inputs: site?.login?.inputs } });
  return fields.map((field) => (field.kind !== "choice" && field.names.some((name) => CODE.test(name)) ? { ...field, kind: "code" } : field));
}

/**
 * The inputs that can be filled, if they have a value. Hidden fields, buttons and files are the page's own.
 * @param {any} site
 * @returns {Entry[]}
 */
export function entries(site) {
  return inputsOf(site).flatMap(({ kind, names, type, name, value }) => (kind !== "other" && kind !== "code" && value ? [{ kind, names, type, name, value }] : []));
}
