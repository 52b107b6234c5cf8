// Checks what callers pass, before anything of it is copied into the module.

import { ZkvError } from "./error.js";

/** Bytes or characters of any argument but a document. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Bytes of a document in UTF-8. */
export const MAX_DOCUMENT_LENGTH = 256 * 1024 * 1024;
const MAX_U32 = 2 ** 32 - 1;
const MAX_U64 = 2n ** 64n - 1n;

const encoder = new TextEncoder();

function refuse(what, wanted) {
  throw new ZkvError("argument", `${what} must be ${wanted}`);
}

function limit(what, length, most) {
  if (length > most) throw new ZkvError("too-long", `${what} has ${length} bytes or characters: at most ${most} are taken`);
}

/** A string without half surrogate pairs, which UTF-8 cannot hold. */
export function text(value, what, most = MAX_LENGTH) {
  if (typeof value !== "string") refuse(what, "a string");
  limit(what, value.length, most);
  if (!value.isWellFormed()) throw new ZkvError("not-text", `${what} holds half of a surrogate pair`);
  return value;
}

/** Whether it is a text that could be an address or a pattern. */
export function isText(value) {
  return typeof value === "string" && value.length <= MAX_LENGTH && value.isWellFormed();
}

export function optionalText(value, what) {
  return value === undefined || value === null ? undefined : text(value, what);
}

/** A `Uint8Array`, of this realm or another. */
export function bytes(value, what, most = MAX_LENGTH) {
  if (Object.prototype.toString.call(value) !== "[object Uint8Array]") refuse(what, "a Uint8Array");
  limit(what, value.length, most);
  return value;
}

/** Pins, which are as many as sites; null is none. A record that lost all its bytes is not none. */
export function optionalPins(value) {
  if (value === null) return new Uint8Array();
  const record = bytes(value, "the pins", MAX_DOCUMENT_LENGTH);
  if (record.length === 0) throw new ZkvError("pins", "these are no sealed pins");
  return record;
}

export function optionalRevision(value, what) {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < 0) refuse(what, "a whole number");
  return BigInt(value);
}

export function keys(value) {
  if (!Array.isArray(value)) refuse("keys", "an array of Uint8Array");
  if (value.length === 0) throw new ZkvError("no-key", "a vault without a key opens nothing: pass at least one");
  return value.map((key) => bytes(key, "a key"));
}

export function optionalFlag(value, what) {
  if (value !== undefined && typeof value !== "boolean") refuse(what, "true or false");
  return value;
}

export function optionalCount(value, what) {
  const whole = Number.isInteger(value) && value >= 0 && value <= MAX_U32;
  if (value !== undefined && !whole) refuse(what, "a whole number");
  return value;
}

/** Milliseconds since 1970. */
export function time(value, what) {
  if (!Number.isSafeInteger(value) || value < 0) refuse(what, "a time in milliseconds since 1970");
  return value;
}

/** One character; an empty text for null, which is none. */
export function optionalCharacter(value, what) {
  if (value === undefined) return undefined;
  if (value === null) return "";
  if ([...text(value, what)].length !== 1) refuse(what, "one character, or null");
  return value;
}

/** A number of the API: exact as a bigint or a string of digits, and as a number up to 2^53 - 1. */
export function apiId(value, what) {
  const exact = typeof value === "bigint" || Number.isSafeInteger(value) || /^(0|[1-9][0-9]{0,19})$/.test(typeof value === "string" ? value : "");
  const id = exact ? BigInt(value) : -1n;
  if (id < 0n || id > MAX_U64) refuse(what, "a whole number below 2^64: as a number up to 2^53 - 1, a bigint, or a string of digits");
  return id;
}

/** Records that a list of sites lacks: the numbers of those that have one, and whether there are others. */
export function setAside(value = []) {
  if (!Array.isArray(value)) refuse("setAside", "the array that came with the list");
  const ids = value.map((record) => options(record).id ?? null);
  const known = ids.filter((id) => id !== null).map((id) => apiId(id, "the id of a record that was set aside"));
  return [BigUint64Array.from(known), known.length < ids.length];
}

/** Where a value belongs, as three arguments. Without a place, the first is undefined. */
export function place(value) {
  if (value === undefined || value === null) return [undefined, "", ""];
  if (typeof value !== "object") refuse("the place of a value", "{ siteId, type, name }");
  return [apiId(value.siteId, "siteId"), text(value.type, "type"), text(value.name, "name")];
}

/** The sealed key of the site that a value belongs to, if it has one. */
export function siteKey(place) {
  return optionalText(place?.siteKey, "siteKey");
}

/** Which record of a device it is: its name, and the account that it is of. */
export function record(value) {
  const { name, host } = options(value);
  return [text(name, "name"), optionalText(host, "host")];
}

export function options(value) {
  if (value === undefined) return {};
  if (value === null || typeof value !== "object") refuse("the options", "an object");
  return value;
}

/** Whether a person insists on a passphrase that could be guessed. */
export function allowsWeak(given) {
  return optionalFlag(options(given).allowWeakPassphrase, "allowWeakPassphrase") ?? false;
}

/** The file of layouts that the options choose, and whether layouts are taken that nothing authenticates. */
export function vendorLayouts(given) {
  const { vendorLayout, vendorLayoutDigest, allowUnauthenticatedLayout } = options(given);
  const digest = optionalText(vendorLayoutDigest, "vendorLayoutDigest");
  const allowed = optionalFlag(allowUnauthenticatedLayout, "allowUnauthenticatedLayout") ?? false;
  const isChosen = vendorLayout !== undefined && vendorLayout !== null;
  if (!isChosen && digest !== undefined) refuse("vendorLayout", "there where its digest is");
  return { file: isChosen ? documentText(vendorLayout, "vendorLayout") : undefined, digest, allowed };
}

export function isVendor(layout = "bound") {
  if (layout !== "bound" && layout !== "vendor") refuse("layout", '"bound" or "vendor"');
  return layout === "vendor";
}

/** The JSON text of a document, of sites if nothing else is said, from the text itself or from an object. */
export function documentText(sites, what = "the document") {
  if (typeof sites === "string") {
    limit(what, sites.length, MAX_DOCUMENT_LENGTH);
    if (!sites.isWellFormed()) throw new ZkvError("not-text", `${what} holds half of a surrogate pair`);
    return sites;
  }
  if (sites === null || typeof sites !== "object") refuse(what, "JSON text, or an object");
  try {
    return JSON.stringify(sites);
  } catch (cause) {
    throw new ZkvError("argument", "the document cannot be written as JSON: pass it as JSON text", { cause });
  }
}

/** The JSON text of a list that the service may not have shown, users or groups: alone, or as the only member of its answer. */
export function optionalList(list, what) {
  if (list === undefined || list === null) return undefined;
  requireExactIds(list[what] ?? list);
  const text = documentText(list, what);
  const [, member, inner] = text.match(/^\s*\{\s*"(\w+)"\s*:([^]*)\}\s*$/) ?? [];
  return member === what ? inner : text;
}

/** Refuses site ids that JavaScript has rounded: values would be bound to sites that do not exist. */
export function requireExactIds(sites) {
  if (typeof sites !== "object") return;
  const list = Array.isArray(sites) ? sites : Array.isArray(sites.sites) ? sites.sites : [sites];
  for (const site of list) {
    const id = site?.id;
    if (typeof id === "number" && id > Number.MAX_SAFE_INTEGER) refuse("a site's id", "exact: pass the document as JSON text");
  }
}

/** Runs `work` on the UTF-8 of a text, and wipes that copy of it. */
export function withUtf8(value, work) {
  const encoded = encoder.encode(value);
  try {
    limit("the text", encoded.length, MAX_DOCUMENT_LENGTH);
    return work(encoded);
  } finally {
    encoded.fill(0);
  }
}

/** A time as seconds since 1970. */
export function optionalSeconds(value, what) {
  if (value === undefined) return undefined;
  const time = Object.prototype.toString.call(value) === "[object Date]" ? value.getTime() : NaN;
  if (Number.isNaN(time) || time < 0) refuse(what, "a Date since 1970");
  return BigInt(Math.floor(time / 1000));
}

/** The time, in seconds since 1970. */
export function now() {
  return BigInt(Math.floor(Date.now() / 1000));
}
