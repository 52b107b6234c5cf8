// One-time codes: the vectors of RFC 6238, and secrets as services hand them out. No browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { codeAt, fromBase32, isAddress, parse } from "./lib/totp.js";

/** Appendix B: the secrets are these digits, as many as the hash has bytes. */
const DIGITS = "1234567890".repeat(7);
const SECRETS = { "SHA-1": DIGITS.slice(0, 20), "SHA-256": DIGITS.slice(0, 32), "SHA-512": DIGITS.slice(0, 64) };
const VECTORS = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
];

for (const [seconds, ...codes] of VECTORS) {
  test(`RFC 6238 at ${seconds} s`, async () => {
    for (const [at, [hash, secret]] of Object.entries(SECRETS).entries()) {
      const totp = { secret: new TextEncoder().encode(secret), hash, digits: 8, period: 30 };
      assert.equal((await codeAt(totp, seconds * 1000)).code, codes[at], hash);
    }
  });
}

test("the vectors of base32, without padding, in small letters and in groups", () => {
  for (const [text, plain] of [["MY======", "f"], ["MZXQ", "fo"], ["mzxw6===", "foo"], ["MZXW 6YQ", "foob"], ["mzxw-6ytb", "fooba"], ["MZXW6YTBOI", "foobar"]]) {
    assert.equal(new TextDecoder().decode(fromBase32(text)), plain);
  }
});

test("an address says how codes are made; a bare secret makes those of most services", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  assert.deepEqual(parse(secret), { secret: new TextEncoder().encode(DIGITS.slice(0, 20)), hash: "SHA-1", digits: 6, period: 30 });
  const { hash, digits, period } = parse(`otpauth://totp/ACME%20Co:skipper?secret=${secret}&issuer=ACME&algorithm=SHA256&digits=8&period=60`);
  assert.deepEqual({ hash, digits, period }, { hash: "SHA-256", digits: 8, period: 60 });
  assert.ok(isAddress(" OTPAUTH://totp/x?secret=A") && !isAddress(secret));
});

test("a short secret makes codes too, and a code says how long it is valid", async () => {
  const { code, validFor, period } = await codeAt(parse("GEZD GNBV"), 59_000);
  assert.match(code, /^\d{6}$/);
  assert.deepEqual([validFor, period], [1000, 30]);
  assert.equal((await codeAt(parse("GEZD GNBV"), 60_000)).validFor, 30_000);
});

test("what makes no codes is refused in words", () => {
  const refused = {
    "": /empty/, "not base32!": /not base32/, A: /too short/, ["A".repeat(2000)]: /too long/, "otpauth://hotp/x?secret=MZXW6YTB&counter=1": /by the clock/,
    "otpauth://totp/x": /empty/, "otpauth://totp/x?secret=MZXW6YTB&algorithm=MD5": /algorithm/, "otpauth://totp/x?secret=MZXW6YTB&digits=40": /digits/,
    "otpauth://totp/x?secret=MZXW6YTB&period=0": /interval/,
  };
  for (const [text, said] of Object.entries(refused)) assert.throws(() => parse(text), said, text);
});
