// The published value vectors, one fault a file, through the installed package: by every entry that opens values.

import assert from "node:assert/strict";
import test from "node:test";

import { readVectors } from "../../tests/interop/lib/vectors.js";
import { coded, entry, zkvault } from "./lib/zkvault.js";

const values = await entry("values");
await values.init();

for (const [name, { Vault, inspect }] of Object.entries({ zkvault, "zkvault/values": values })) {
  for (const { file, expect, keys, at, value, plaintext, layout } of readVectors()) {
    test(`${name}: ${file} is ${expect}`, () => {
      if (expect !== "ok") {
        assert.throws(() => Vault.fromKeys(keys).decryptValue(value, at), coded(expect));
        return;
      }
      const vault = Vault.fromKeys(keys);
      assert.equal(vault.decryptValue(value, at), plaintext);
      assert.ok(inspect(value).layouts.some((fit) => fit.layout === layout));
      vault.lock();
    });
  }
}

test("there are as many vectors as were published", () => {
  assert.equal(readVectors().length, 99);
});
