// Values both ways between the package and an implementation of its own in JavaScript, on WebCrypto and SJCL.

import assert from "node:assert/strict";
import test from "node:test";

import { fromHex, toHex } from "../../tests/interop/lib/bytes.js";
import { VENDOR_LAYOUTS, keyId, openBound, openVendor, sealBound, sealVendor } from "../../tests/interop/lib/value.js";
import { zkvault } from "./lib/zkvault.js";

const KEY = crypto.getRandomValues(new Uint8Array(32));
const vault = zkvault.Vault.fromKeys([KEY]);
const place = { siteId: 1749398, type: "password", name: '["password", "Passwd"]' };
const TEXTS = ["", "hunter2", "x".repeat(31), "x".repeat(32), "p\u00e4ssw\u00f6rd \u{1f511} \"quoted\"\n", "z".repeat(40_000)];

test("bound values, and the key's id in them", async () => {
  for (const text of TEXTS) {
    assert.equal(vault.decryptValue(await sealBound(KEY, place, text), place), text);
    assert.equal(await openBound(KEY, place, vault.encryptValue(text, place)), text);
  }
  assert.equal(vault.keys()[0].id, toHex(await keyId(KEY)));
});

test("values in every layout of the vendor", async () => {
  for (const layout of Object.keys(VENDOR_LAYOUTS)) {
    for (const text of TEXTS) assert.equal(vault.decryptValue(await sealVendor(layout, KEY, fromHex("d87f7e0c"), text)), text);
  }
  for (const text of TEXTS) assert.equal(await openVendor("vendor-gcm", KEY, vault.encryptValue(text, undefined, { layout: "vendor" })), text);
});
