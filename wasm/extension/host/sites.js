// What the extension makes of the sites of a listing: rows to show, and plans to fill. Nothing here has a secret.

/** Rows of one answer: more is no list that anybody reads. */
const MOST_ROWS = 200;

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** @typedef {{ kind: "password" | "text", names: string[], type: string, name: string, value: string | null }} Entry */

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

/**
 * The inputs of a site that can be filled: texts and passwords.
 * @param {any} site
 * @returns {Entry[]}
 */
export function entries(site) {
  const inputs = Array.isArray(site?.login?.inputs) ? site.login.inputs : [];
  return inputs
    .filter((/** @type {any} */ input) => input && ["text", "email", "tel", "password"].includes(input.type))
    .map((/** @type {any} */ { type, name, value }) => ({
      kind: type === "password" ? "password" : "text",
      names: namesOf(String(name ?? "")),
      type,
      name: String(name ?? ""),
      value: typeof value === "string" && value !== "" ? value : null,
    }))
    .filter((/** @type {Entry} */ { value }) => value !== null);
}
