// The inputs of a site that can be filled, read by the package's own rules.

import { siteFields } from "../zkvault/index.web.js";

/** @typedef {"password" | "text" | "choice"} Kind a choice is picked from a list, or by buttons */
/** @typedef {{ kind: Kind, names: string[], type: string, name: string, value: string | null }} Entry */

/**
 * The inputs of a site that can be filled, if they have a value. Hidden fields, buttons and files are the page's own.
 * @param {any} site
 * @returns {Entry[]}
 */
export function entries(site) {
  // A long id is a text here; the fields are the same without it.
  const fields = siteFields({ id: 0, login: { inputs: site?.login?.inputs } });
  return fields.flatMap(({ kind, names, type, name, value }) => (kind !== "other" && value ? [{ kind, names, type, name, value }] : []));
}
