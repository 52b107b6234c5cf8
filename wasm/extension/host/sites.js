// What the extension makes of the sites of a listing: rows to show, and plans to fill. Nothing here has a secret.

/** Rows of one answer: more is no list that anybody reads. */
const MOST_ROWS = 200;

/** @typedef {import("zkvault").SiteVerdict} SiteVerdict */
/** @typedef {import("./entries.js").Entry} Entry */

/** An id of more digits than JavaScript's numbers hold. Within a text, the quotes are escaped, so no text matches. */
const LONG_ID = /"id"(\s*):(\s*)(-?\d{16,})(?=\s*[,}])/g;

/**
 * The sites of a listing by their ids, as texts. Ids are exact: rounded, one site's verdict would stand for the values of
 * a different one, so a site whose id cannot be read exactly is left out.
 * @param {string} listing
 * @returns {Map<string, any>}
 */
export function byId(listing) {
  const { sites } = JSON.parse(listing.replace(LONG_ID, '"id"$1:$2"$3"'));
  const exact = (/** @type {unknown} */ id) => typeof id === "string" || Number.isSafeInteger(id);
  return new Map(sites.filter((/** @type {any} */ { id }) => exact(id)).map((/** @type {any} */ site) => [String(site.id), site]));
}

/**
 * @param {SiteVerdict} verdict
 * @param {string} [user]
 */
export function row({ siteId, name, origin, verdict, fill }, user = "") {
  return { siteId, name: name || "Unnamed site", origin, user, verdict, fillable: fill !== "refused" };
}

/** Without the scheme: `https` is what is expected, anything else is said. */
function hostOf(/** @type {string | null} */ origin) {
  return origin?.replace(/^https:\/\//, "") ?? "";
}

const names = new Intl.Collator();

/** Verdicts in the order in which they are shown: by name. */
export function byName(/** @type {SiteVerdict[]} */ verdicts) {
  return verdicts.toSorted((one, other) => names.compare(one.name ?? "", other.name ?? ""));
}

/** What is searched of a verdict; the same every time. @type {WeakMap<SiteVerdict, string>} */
const texts = new WeakMap();

function textOf(/** @type {SiteVerdict} */ verdict) {
  const text = texts.get(verdict) ?? `${verdict.name ?? ""} ${hostOf(verdict.origin)}`.toLowerCase();
  texts.set(verdict, text);
  return text;
}

/**
 * The verdicts in which a person finds all words that were typed, by name, host and user name, in their order; those for the
 * page first.
 * @param {SiteVerdict[]} verdicts
 * @param {Set<string>} here the ids of those for the page
 * @param {string} query
 * @param {(verdict: SiteVerdict) => string} userOf only asked where it matters: it decrypts
 */
export function search(verdicts, here, query, userOf) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = verdicts.filter((verdict) => {
    const text = textOf(verdict);
    const missing = words.filter((word) => !text.includes(word));
    return missing.length === 0 || missing.every((word) => userOf(verdict).toLowerCase().includes(word));
  });
  const isHere = (/** @type {SiteVerdict} */ { siteId }) => here.has(String(siteId));
  const ordered = [...found.filter(isHere), ...found.filter((verdict) => !isHere(verdict))];
  const rows = ordered.slice(0, MOST_ROWS).map((verdict) => ({ ...row(verdict, userOf(verdict)), here: isHere(verdict) }));
  return { rows, found: found.length, total: verdicts.length };
}

/**
 * The user name among the inputs of a site: the text right in front of the password, after a company for instance.
 * @param {Entry[]} all
 */
export function userEntry(all) {
  const password = all.findIndex(({ kind }) => kind === "password");
  return all.findLast(({ kind }, index) => kind === "text" && index < password) ?? all.find(({ kind }) => kind === "text");
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
