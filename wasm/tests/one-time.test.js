// One-time codes: the vectors of RFC 6238, and seeds as services hand them out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { coded, zkvault } from "./lib/zkvault.js";

const { isOneTimeAddress, oneTimeCode } = zkvault;

/** Appendix B: the seeds are the digits 1 to 0, as many as the hash has bytes, here in base32. */
const SEEDS = {
  SHA1: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  SHA256: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====",
  SHA512: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA=",
};
const VECTORS = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
];

for (const [seconds, ...codes] of VECTORS) {
  test(`RFC 6238 at ${seconds} s`, () => {
    for (const [at, [algorithm, secret]] of Object.entries(SEEDS).entries()) {
      const address = `otpauth://totp/a?secret=${encodeURIComponent(secret)}&algorithm=${algorithm}&digits=8`;
      assert.equal(oneTimeCode(address, { at: seconds * 1000 }).code, codes[at], algorithm);
    }
  });
}

test("seeds in small letters, in groups and with padding are the same", () => {
  const at = 59_000;
  for (const text of [SEEDS.SHA1.toLowerCase(), "gezd-gnbv gy3t qojq GEZDGNBVGY3TQOJQ", `${SEEDS.SHA1}====`]) {
    assert.equal(oneTimeCode(text, { at }).code, "287082", text);
  }
});

test("an address says how codes are made; a bare seed makes those of most services", () => {
  const { code, period } = oneTimeCode(SEEDS.SHA1);
  assert.match(code, /^\d{6}$/);
  assert.equal(period, 30);
  const other = oneTimeCode(`otpauth://totp/ACME%20Co:skipper?secret=${SEEDS.SHA1}&issuer=ACME&algorithm=SHA256&digits=8&period=60`);
  assert.match(other.code, /^\d{8}$/);
  assert.equal(other.period, 60);
  assert.ok(isOneTimeAddress(` OTPAUTH://totp/x?secret=A`) && isOneTimeAddress("steam://MZXW6YTB") && !isOneTimeAddress(SEEDS.SHA1));
});

test("a short seed makes codes too, and a code says how long it is valid", () => {
  const { code, validFor, period } = oneTimeCode("GEZD GNBV", { at: 59_000 });
  assert.match(code, /^\d{6}$/);
  assert.deepEqual([validFor, period], [1000, 30]);
  assert.equal(oneTimeCode("GEZD GNBV", { at: 60_000 }).validFor, 30_000);
  assert.equal(oneTimeCode("GEZD GNBV", { at: 60_001 }).validFor, 29_999);
});

test("what makes no codes is refused", () => {
  const refused = [
    "", "not base32!", "A", "A".repeat(5000), "otpauth://hotp/x?secret=MZXW6YTB&counter=1", "otpauth://totp/x",
    "otpauth://totp/x?secret=MZXW6YTB&algorithm=MD5", "otpauth://totp/x?secret=MZXW6YTB&digits=40", "otpauth://totp/x?secret=MZXW6YTB&period=0",
  ];
  for (const text of refused) assert.throws(() => oneTimeCode(text), coded("totp"), text);
  for (const at of [-1, Number.NaN, 2 ** 53, "0"]) assert.throws(() => oneTimeCode("MZXW6YTB", { at }), coded("argument"), `${at}`);
});
