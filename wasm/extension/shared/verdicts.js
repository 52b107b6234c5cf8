// Verdicts and findings in words.

import { plain } from "./text.js";

/** @type {Record<import("zkvault").Verdict, { label: string, grave: boolean, text: string }>} */
export const VERDICTS = {
  ok: { label: "", grave: false, text: "" },
  new: { label: "New", grave: false, text: "This site was not there before. Accept it in the settings to fill it." },
  "value-replaced": { label: "New value", grave: false, text: "The service shows a new value for this site. It is not filled until you accept it in the settings." },
  "metadata-changed": { label: "Changed", grave: false, text: "The service changed this site. It is not filled until you accept that in the settings." },
  missing: { label: "Missing", grave: false, text: "The service no longer lists this site." },
  "rolled-back": { label: "Older", grave: true, text: "The service shows an older state of this site. It is not filled." },
  tampered: { label: "Tampered", grave: true, text: "This site is as no honest service would send it. It is not filled." },
};

/**
 * One finding: a sentence, and for a field what it was and is.
 * @param {import("zkvault").Finding} finding
 * @returns {{ text: string, before?: string, after?: string }}
 */
export function describe(finding) {
  const text = `${finding.text.charAt(0).toUpperCase()}${finding.text.slice(1)}.`;
  if (finding.kind !== "changed") return { text: plain(text) };
  const show = (/** @type {string | null} */ text) => (text === null ? "nothing" : plain(text));
  return { text: plain(text), before: show(finding.before), after: show(finding.after) };
}

/** A site's earlier findings as one line each: what happened, without the values. */
export function happened(/** @type {{ verdict: import("zkvault").Verdict | "accepted", changes: import("zkvault").Finding[] }} */ { verdict, changes }) {
  if (verdict === "accepted") return "You accepted the site as it was then.";
  if (verdict === "ok") return "The site was again as you had accepted it.";
  return changes.map((finding) => describe(finding).text).join(" ");
}
