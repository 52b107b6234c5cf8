// Verdicts and findings in words.

import { plain } from "./text.js";

/** @type {Record<import("zkvault").Verdict, { label: string, grave: boolean, text: string }>} */
export const VERDICTS = {
  ok: { label: "", grave: false, text: "" },
  new: { label: "New", grave: false, text: "This site was not there before. Accept it in the settings to fill it." },
  "metadata-changed": { label: "Changed", grave: false, text: "The service changed this site. It is not filled until you accept that in the settings." },
  missing: { label: "Missing", grave: false, text: "The service no longer lists this site." },
  "rolled-back": { label: "Older", grave: true, text: "The service shows an older state of this site. It is not filled." },
  tampered: { label: "Tampered", grave: true, text: "This site is as no honest service would send it. It is not filled." },
};

/** @type {Record<import("zkvault").ChangedField, string>} */
const FIELDS = {
  "site-name": "name",
  "site-flags": "flags",
  image: "image",
  icon: "icon",
  "login-origin": "origin",
  "login-url": "address of the login page",
  regex: "pattern of addresses",
  "match-username": "selector of the user name",
  "match-trim": "ending of user names",
  "action-submit": "selector of the button",
  "input-added": "new input",
  "input-removed": "removed input",
  "input-name": "name of an input",
  "input-flags": "flags of an input",
  "input-order": "order of the inputs",
};

/** @type {Record<string, string>} */
const OTHERS = {
  "first-use": "It was seen for the first time, with the account.",
  unanchored: "What was known of this account is gone, so there is nothing to compare with.",
  later: "It came after the account was first synced.",
  missing: "It is not in the list any more.",
  updated: "It is older than what was seen before.",
  "earlier-value": "A value that was replaced is back.",
  resurrected: "It is back, although you accepted that it is gone.",
  "bound-value-fails": "A value does not belong to its input.",
  "unknown-value": "No key opens a value that replaced one that opened.",
  "same-ciphertext": "A value is in more than one place.",
  downgraded: "A value is less protected than it was.",
  "type-changed": "An input has another type.",
  "site-twice": "Two sites have the same number.",
  "too-many-inputs": "It has more inputs than any honest site.",
};

/**
 * One finding: a sentence, or a field with what it was and is.
 * @param {import("zkvault").Finding} finding
 * @returns {{ text: string, before?: string, after?: string }}
 */
export function describe(finding) {
  if (finding.kind !== "changed") return { text: OTHERS[finding.what] ?? finding.what };
  const show = (/** @type {string | null} */ text) => (text === null ? "nothing" : plain(text));
  return { text: `Changed: ${FIELDS[finding.what] ?? finding.what}`, before: show(finding.before), after: show(finding.after) };
}
