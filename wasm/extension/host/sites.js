// What the extension makes of the sites of a listing: rows to show, and plans to fill. Nothing here has a secret.

/** Rows of one answer: more is no list that anybody reads. */
const MOST_ROWS = 200;

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** @typedef {"password" | "text" | "choice"} Kind a choice is picked from a list, or by buttons */
/** @typedef {{ kind: Kind, names: string[], type: string, name: string, value: string | null }} Entry */

/**
 * The sites of a listing by their ids, as texts.
 * @param {string} listing
 * @returns {Map<string, any>}
 */
export function byId(listing) {
  return new Map(JSON.parse(listing).sites.map((/** @type {any} */ site) => [String(site.id), site]));
}

/** @param {SiteVerdict} verdict */
export function row({ siteId, name, origin, verdict, fill }) {
  return { siteId, name: name || "Unnamed site", origin, verdict, fillable: fill !== "refused" };
}

/** Without the scheme: `https` is what is expected, anything else is said. */
function hostOf(/** @type {string | null} */ origin) {
  return origin?.replace(/^https:\/\//, "") ?? "";
}

/**
 * The verdicts in which a person finds all words that were typed, by name and host; those for the page first.
 * @param {SiteVerdict[]} verdicts
 * @param {Set<string>} here the ids of those for the page
 * @param {string} query
 */
export function search(verdicts, here, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = verdicts.filter(({ name, origin }) => {
    const text = `${name ?? ""} ${hostOf(origin)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const isHere = (/** @type {SiteVerdict} */ { siteId }) => here.has(String(siteId));
  const order = (/** @type {SiteVerdict} */ one, /** @type {SiteVerdict} */ other) =>
    Number(isHere(other)) - Number(isHere(one)) || (one.name ?? "").localeCompare(other.name ?? "");
  const rows = found.sort(order).slice(0, MOST_ROWS).map((verdict) => ({ ...row(verdict), here: isHere(verdict) }));
  return { rows, found: found.length, total: verdicts.length };
}

/** The names that the vendor writes as JSON into a text, or the text itself. */
function namesOf(/** @type {string} */ name) {
  try {
    const names = JSON.parse(name);
    if (Array.isArray(names)) return names.filter((entry) => typeof entry === "string" && entry !== "");
  } catch {
    // It is a plain name.
  }
  return name === "" ? [] : [name];
}

/** What is filled, by the type of an input. Hidden fields, buttons and files are the page's own. @type {Record<string, Kind>} */
const KINDS = {
  password: "password", text: "text", email: "text", tel: "text", number: "text", url: "text",
  select: "choice", "select-one": "choice", radio: "choice", checkbox: "choice",
};

/**
 * The inputs of a site that can be filled.
 * @param {any} site
 * @returns {Entry[]}
 */
export function entries(site) {
  const inputs = Array.isArray(site?.login?.inputs) ? site.login.inputs : [];
  return inputs
    .map((/** @type {any} */ input) => ({ input, kind: KINDS[String(input?.type).toLowerCase()] }))
    .filter((/** @type {any} */ { input, kind }) => kind && typeof input.value === "string" && input.value !== "")
    .map((/** @type {any} */ { input: { type, name, value }, kind }) => ({ kind, names: namesOf(String(name ?? "")), type, name: String(name ?? ""), value }));
}

/**
 * What the service says about a page beside the inputs: selectors of the button that sends, and of where the user name
 * is shown, with the ending that is left out there.
 * @param {any} site
 */
export function hints(site) {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" && value !== "" ? value : undefined);
  return { submit: text(site?.login?.action?.submit), username: text(site?.login?.match?.username), trim: text(site?.login?.match?.trim) };
}
