// One-time codes by the clock (RFC 6238), from an otpauth address or a bare secret in base32 (RFC 4648). Secrets of any length
// are taken: many services hand out 10 bytes, less than RFC 4226 asks for.

import { Failure } from "./answer.js";

/** @typedef {{ secret: Uint8Array<ArrayBuffer>, hash: string, digits: number, period: number }} Totp `period` in seconds */

const HASHES = new Map([["SHA1", "SHA-1"], ["SHA256", "SHA-256"], ["SHA512", "SHA-512"]]);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Characters of a secret; those in use have at most 103, for SHA-512. */
const MOST_SECRET = 1024;

const unusable = (/** @type {string} */ what) => new Failure("totp", `The one-time code cannot be computed: ${what}.`);

/** Whether a text is an address that makes one-time codes. */
export const isAddress = (/** @type {string} */ text) => /^\s*otpauth:\/\//i.test(text);

/**
 * The bytes of a text in base32. Spaces and hyphens are left out, as are case and padding.
 * @param {string} text
 */
export function fromBase32(text) {
  const digits = text.replace(/[\s-]/g, "").replace(/=+$/, "").toUpperCase();
  if (digits === "" || digits.length > MOST_SECRET) throw unusable("the secret is empty or too long");
  const bytes = [];
  let [bits, value] = [0, 0];
  for (const digit of digits) {
    const five = ALPHABET.indexOf(digit);
    if (five < 0) throw unusable("the secret is not base32");
    [bits, value] = [bits + 5, ((value << 5) | five) & 0xfff];
    if (bits >= 8) bytes.push((value >> (bits -= 8)) & 0xff);
  }
  if (bytes.length === 0) throw unusable("the secret is too short");
  return Uint8Array.from(bytes);
}

/**
 * @param {string} text `otpauth://totp/…?secret=…`, or the secret alone
 * @returns {Totp}
 */
export function parse(text) {
  if (!isAddress(text)) return { secret: fromBase32(text), hash: "SHA-1", digits: 6, period: 30 };
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  // Engines differ in whether an unknown scheme has a host.
  if (!url || !/^otpauth:\/\/totp\//i.test(url.href)) throw unusable("only codes by the clock are supported (otpauth://totp)");
  const given = (/** @type {string} */ name) => url.searchParams.get(name);
  const hash = HASHES.get((given("algorithm") ?? "SHA1").toUpperCase().replace("-", ""));
  const [digits, period] = [Number(given("digits") ?? 6), Number(given("period") ?? 30)];
  if (!hash) throw unusable("its algorithm is unknown");
  if (!Number.isInteger(digits) || digits < 6 || digits > 8) throw unusable("it has an unusual number of digits");
  if (!Number.isInteger(period) || period < 1 || period > 3600) throw unusable("it changes at an unusual interval");
  return { secret: fromBase32(given("secret") ?? ""), hash, digits, period };
}

/**
 * The code at a time, and how many milliseconds it is valid for.
 * @param {Totp} totp
 * @param {number} now in milliseconds since 1970
 */
export async function codeAt({ secret, hash, digits, period }, now) {
  const step = Math.floor(now / 1000 / period);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const offset = mac.getUint8(mac.byteLength - 1) & 0xf;
  const number = (mac.getUint32(offset) & 0x7fff_ffff) % 10 ** digits;
  return { code: String(number).padStart(digits, "0"), validFor: (step + 1) * period * 1000 - now, period };
}
