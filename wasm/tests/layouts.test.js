// Layouts of the vendor's values: an account's values open in the layout that was found for it, and in no other. The values
// are sealed here by WebCrypto, without anything of the package.

import assert from "node:assert/strict";
import test from "node:test";

import { coded, entry, utf8, zkvault } from "./lib/zkvault.js";

const { Vault } = zkvault;
const { startWorker } = await entry("worker");
const { subtle } = crypto;
const KEY = new Uint8Array(32).map((_, at) => at * 7);
const NUMBER = Uint8Array.of(0xd8, 0x7f, 0x7e, 0x0c);
/** Encrypt-then-MAC, each half of the key's hex digits a key. */
const LAYOUT = {
  name: "account-cbc", iv: 16, cipher: "aes-256-cbc", tag: 16, mac: { hash: "sha256", key: "second-half", covers: "iv-ciphertext" }, padding: "pkcs7", key: "hex-text",
};
const BARE = { name: "account-bare", iv: 16, cipher: "aes-256-cbc", padding: "pkcs7", key: "raw" };
const file = (...layouts) => JSON.stringify({ format: "zkvault.vendor-layouts", version: 1, layouts });

async function encrypted(key, iv, text) {
  const cipher = await subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  return new Uint8Array(await subtle.encrypt({ name: "AES-CBC", iv }, cipher, utf8(text)));
}

/** A value in `LAYOUT`. */
async function sealed(text) {
  const digits = utf8(Buffer.from(KEY).toString("hex"));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const body = Buffer.concat([iv, await encrypted(digits.subarray(0, 32), iv, text)]);
  const mac = await subtle.importKey("raw", digits.subarray(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const tag = new Uint8Array(await subtle.sign("HMAC", mac, body)).subarray(0, 16);
  return Buffer.concat([Uint8Array.of(1), NUMBER, body, tag]).toString("base64");
}

test("values open in the layout of their account, and in no other", async () => {
  const value = await sealed("correct horse");
  const vault = Vault.fromKeys([KEY], { vendorLayout: file(LAYOUT) });
  assert.equal(vault.decryptValue(value), "correct horse");
  const site = { id: 7, login: { inputs: [{ name: "pw", type: "password", value }] } };
  const { document, failures } = vault.decryptDocument(site);
  assert.deepEqual([document.login.inputs[0].value, failures], ["correct horse", []]);
  assert.throws(() => Vault.fromKeys([KEY]).decryptValue(value), coded("decrypt"));

  const plain = Vault.fromKeys([KEY]).encryptValue("plain", undefined, { layout: "vendor" });
  const names = (error) => coded("decrypt")(error) && /the vendor layout account-cbc/.test(error.message);
  assert.throws(() => vault.decryptValue(plain), names);
  assert.throws(() => vault.decryptValue(value.replace(/.{8}$/, "AAAAAAA=")), names);
  assert.throws(() => Vault.fromKeys([new Uint8Array(32)], { vendorLayout: JSON.parse(file(LAYOUT)) }).decryptValue(value), names);
  // What zkvault itself seals is not the vendor's.
  const place = { siteId: 1, type: "t", name: "n" };
  assert.equal(vault.decryptValue(vault.encryptValue("bound", place), place), "bound");
  assert.throws(() => vault.encryptValue("x", place, { layout: "vendor" }), coded("layout"));
});

test("a layout is known by its digest", async () => {
  const [row, ...others] = Vault.fromKeys([KEY], { vendorLayout: file(LAYOUT) }).vendorLayouts();
  assert.deepEqual([row.name, row.authenticated, others], ["account-cbc", true, []]);
  // docs/spec/vendor-layouts.md: every member in the order of the table.
  const { name, iv, cipher, tag, mac, padding, key } = LAYOUT;
  const canonical = JSON.stringify({ name, check: "number", order: "iv-ciphertext-tag", iv, cipher, tag, mac, aad: "none", padding, text: "utf8", keys: "raw", key });
  const digest = await subtle.digest("SHA-256", utf8(`zkvault.vendor-layout.v1\0${canonical}`));
  assert.equal(row.digest, Buffer.from(digest).toString("hex"));

  const options = { vendorLayout: file(LAYOUT), vendorLayoutDigest: row.digest };
  assert.equal(Vault.fromKeys([KEY], options).vendorLayouts().length, 1);
  for (const vendorLayout of [file({ ...LAYOUT, tag: 12 }), file(LAYOUT, { ...LAYOUT, name: "twin" })]) {
    assert.throws(() => Vault.fromKeys([KEY], { ...options, vendorLayout }), coded("layout"));
  }
  assert.throws(() => Vault.fromKeys([KEY], { vendorLayoutDigest: row.digest }), coded("argument"));
  assert.deepEqual(Vault.fromKeys([KEY], { vendorLayout: null }).vendorLayouts(), []);
});

test("a layout that nothing authenticates is taken when a person says so", async () => {
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const value = Buffer.concat([Uint8Array.of(1), NUMBER, iv, await encrypted(KEY, iv, "bare")]).toString("base64");
  assert.throws(() => Vault.fromKeys([KEY], { vendorLayout: file(BARE) }), coded("layout"));
  const vault = Vault.fromKeys([KEY], { vendorLayout: file(LAYOUT, BARE), allowUnauthenticatedLayout: true });
  assert.equal(vault.decryptValue(value), "bare");
  assert.deepEqual(vault.vendorLayouts().map(({ authenticated }) => authenticated), [true, false]);
});

test("a file that makes no sense is refused, and a keyring and a worker take one", async (t) => {
  for (const vendorLayout of ["", "{}", file(), file({ ...LAYOUT, iv: 12 }), file({ ...LAYOUT, more: 1 }), file(LAYOUT, LAYOUT), "x".repeat(70_000)]) {
    assert.throws(() => Vault.fromKeys([KEY], { vendorLayout }), coded("layout"), vendorLayout.slice(0, 99));
  }
  assert.throws(() => Vault.fromKeys([KEY], { vendorLayout: 7 }), coded("argument"));
  const worker = startWorker();
  t.after(() => worker.terminate());
  const passphrase = utf8("clamp juror onyx radiator");
  const made = await worker.create(passphrase, { memoryKib: 19456, iterations: 2, lanes: 1, vendorLayout: file(LAYOUT) });
  // The layout stays while keys come and go.
  await made.importKey(KEY, { label: "account" });
  const value = await sealed("in a worker");
  assert.equal(await made.decryptValue(value), "in a worker");
  const keyring = await made.toKeyring();
  assert.equal(Vault.unlock(keyring, passphrase, { vendorLayout: file(LAYOUT) }).decryptValue(value), "in a worker");
  assert.throws(() => Vault.unlock(keyring, passphrase).decryptValue(value), coded("decrypt"));
  assert.equal((await (await worker.fromKeys([KEY], { vendorLayout: file(LAYOUT) })).vendorLayouts())[0].name, "account-cbc");
});
