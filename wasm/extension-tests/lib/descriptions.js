// Fields and forms by descriptions alone, as a page would describe them: no browser.

import "../../extension/page/languages.js";
import "../../extension/page/fields.js";

const { classify, normalize, purpose, rank } = globalThis.zkvaultFields;

/** A described field; what a person reads of it, or its name. */
export function field(type, label, more = {}) {
  const { name = "", autocomplete = [""], ...rest } = more;
  const words = [label, name].map(normalize).filter(Boolean).join(" . ");
  const one = { type, name, id: "", maxLength: -1, pattern: "", inputMode: "", autocomplete, searching: false, label: normalize(label), words, after: "", x: 0, y: 0, ...rest };
  return { ...one, kind: classify(one) };
}

export function form(fields, { buttons = "", heading = "", lead = "", name = "", page = "", ...more } = {}) {
  const placed = fields.map((one, place) => ({ ...one, place, y: place * 40 }));
  const texts = Object.fromEntries(Object.entries({ buttons, heading, lead, name, page }).map(([key, text]) => [key, normalize(text)]));
  const made = { fields: placed, choices: [], kinds: fields.map(({ kind }) => kind), consent: false, long: false, files: false, aside: false, submits: false, focused: false, ...more, ...texts };
  made.purpose = purpose(made);
  for (const one of placed) one.form = made;
  return made;
}

export const PLAN = [{ kind: "text", names: ["username"] }, { kind: "password", names: ["password"] }];
/** What is chosen for each entry of a plan, by its label, or why nothing is. */
export const chosen = (forms, plan = PLAN) => rank(forms, plan).map(({ ranked, reason }) => ranked[0]?.field.label ?? reason ?? null);
