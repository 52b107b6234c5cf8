// zkvault/values: a part of the package, with a module of its own, that does the same as the whole.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { openPage } from "./lib/browser.js";
import { INSTALLED, internal } from "./lib/paths.js";
import { EXAMPLE, EXAMPLE_KEY, coded, entry, namesOf, zkvault } from "./lib/zkvault.js";

const values = await entry("values");
const place = { siteId: 7, type: "password", name: "pw" };

test("nothing works before init(), and init() takes the module itself", async () => {
  assert.throws(() => values.Vault.fromKeys([EXAMPLE_KEY]), coded("not-initialised"));
  assert.throws(() => values.inspect("AQ=="), coded("not-initialised"));
  await assert.rejects(values.init(new Uint8Array(8)), coded("module"));
  await values.init(fs.readFileSync(path.join(INSTALLED, "zkvault-values.wasm")));
  values.initSync();
});

test("it has what the whole package has of it, by the same names", () => {
  assert.deepEqual(Object.keys(values).sort(), ["Vault", "ZkvError", "init", "initSync", "inspect"]);
  for (const name of Object.keys(values)) assert.equal(typeof zkvault[name], "function", name);
  const [small, whole] = [values, zkvault].map(({ Vault }) => namesOf(Vault));
  assert.ok(small.length > 10 && small.length < whole.length);
  assert.deepEqual(small.filter((name) => !whole.includes(name)), []);
  assert.equal(values.ZkvError, zkvault.ZkvError);
});

test("what one seals the other opens, and both say the same of it", () => {
  const [small, whole] = [values, zkvault].map(({ Vault }) => Vault.fromKeys([EXAMPLE_KEY]));
  for (const layout of ["bound", "vendor"]) {
    for (const [sealing, opening] of [[small, whole], [whole, small]]) {
      const value = sealing.encryptValue("hunter2", place, { layout });
      assert.deepEqual(opening.openValue(value, place), sealing.openValue(value, place));
      assert.equal(opening.decryptValue(value, place), "hunter2");
      assert.deepEqual(values.inspect(value), zkvault.inspect(value));
    }
  }
  assert.deepEqual(small.decryptDocument(EXAMPLE), whole.decryptDocument(EXAMPLE));
  assert.deepEqual(small.keys(), whole.keys());
  const clear = { sites: [{ id: 7, login: { inputs: [{ ...place, value: "hunter2" }] } }] };
  assert.deepEqual(whole.decryptDocument(small.encryptDocument(clear)).document, clear);
  assert.throws(() => small.encryptDocument(small.encryptDocument(clear)), coded("already-sealed"));
  assert.throws(() => small.encryptValue("x", place, { key: "vault" }), coded("no-keyring"));
});

/** AES-256-GCM with 12 bytes in front, as the vendor's own values are. */
async function inGcm(key, content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const body = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, cipher, content));
  return Buffer.concat([Uint8Array.of(1, 0xd8, 0x7f, 0x7e, 0x0c), iv, body]).toString("base64");
}

test("layouts of the vendor and keys of groups are chosen as in the whole package", async () => {
  const mac = { hash: "sha256", key: "second-half", covers: "iv-ciphertext" };
  const layout = { name: "account-cbc", iv: 16, cipher: "aes-256-cbc", tag: 16, mac, padding: "pkcs7", key: "hex-text" };
  const vendorLayout = { format: "zkvault.vendor-layouts", version: 1, layouts: [layout] };
  const [small, whole] = [values, zkvault].map(({ Vault }) => Vault.fromKeys([EXAMPLE_KEY], { vendorLayout }));
  assert.deepEqual(small.vendorLayouts(), whole.vendorLayouts());
  assert.equal(small.vendorLayouts()[0].name, "account-cbc");
  assert.throws(() => small.setVendorLayout("{}"), coded("layout"));
  assert.throws(() => small.encryptValue("x", place, { layout: "vendor" }), coded("layout"));

  const [groupKey, siteKey] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const value = await inGcm(siteKey, new TextEncoder().encode("shared"));
  const shared = { ...place, siteKey: await inGcm(groupKey, siteKey) };
  const grouped = values.Vault.fromKeys([EXAMPLE_KEY]);
  assert.throws(() => grouped.decryptValue(value, shared), coded("decrypt"));
  grouped.setGroups([{ id: 3, name: "Team", key: await inGcm(EXAMPLE_KEY, groupKey) }]);
  assert.equal(grouped.decryptValue(value, shared), "shared");
});

test("a key is in this module's memory until the vault is locked, and in no other", () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const isIn = ({ buffer }) => Buffer.from(buffer).includes(Buffer.from(key));
  return Promise.all(["values-bindings.js", "vault-bindings.js"].map(internal)).then((bindings) => {
    const [own, other] = bindings.map(({ initSync }) => initSync().memory);
    const vault = values.Vault.fromKeys([key]);
    assert.deepEqual([isIn(own), isIn(other)], [true, false]);
    vault.lock();
    assert.deepEqual([isIn(own), isIn(other), vault.locked], [false, false, true]);
    assert.throws(() => vault.keys(), coded("locked"));
    vault.free();
  });
});

test("its vaults are no vaults of the whole package", async () => {
  const vault = values.Vault.fromKeys([EXAMPLE_KEY]);
  await assert.rejects(zkvault.encryptFile(new Uint8Array(1), { vault, name: "a" }), coded("argument"));
  await assert.rejects(zkvault.upload("https://a.example/b?sig=c", new Uint8Array(1), { vault, name: "a" }), coded("argument"));
});

test("a page loads this module and no other", async (t) => {
  const page = await openPage(t, { "/zkvault/": INSTALLED });
  const asked = [];
  page.on("request", (request) => asked.push(path.basename(request.url())));
  const opened = await page.evaluate(async ([example, key]) => {
    const { init, Vault } = await import("/zkvault/values.web.js");
    await init();
    return Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example);
  }, [EXAMPLE, [...EXAMPLE_KEY]]);
  assert.deepEqual(opened, zkvault.Vault.fromKeys([EXAMPLE_KEY]).decryptDocument(EXAMPLE));
  assert.deepEqual(asked.filter((name) => /\.wasm|-bindings/.test(name)).sort(), ["values-bindings.js", "zkvault-values.wasm"]);
  assert.deepEqual(page.complaints, []);
});
