// Layouts of the vendor's values: an account's values open in the layout that was found for it, and in no other. The values
// are sealed here by WebCrypto, without anything of the package.

import assert from "node:assert/strict";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { startSimulator } from "./lib/simulator.js";
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
  assert.deepEqual(vault.openValue(value), { text: "bare", layout: "account-bare", authenticated: false, usable: true });
  assert.deepEqual(vault.openValue(await sealed("tagged")), { text: "tagged", layout: "account-cbc", authenticated: true, usable: true });
  const place = { siteId: 1, type: "t", name: "n" };
  assert.deepEqual(vault.openValue(vault.encryptValue("own", place), place), { text: "own", layout: "bound", authenticated: true, usable: true });
});

const PASSPHRASE = "clamp juror onyx radiator";

/** A keyring of zkv with the key of the values, and what its commands are run with. */
function keyringOf(t, env = {}) {
  const work = new Workplace(t, KEY);
  const settings = { ZKV_PASSPHRASE: PASSPHRASE, ...env };
  const zkv = (...args) => work.succeed(args, { env: settings }).text;
  zkv("init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1");
  zkv("key", "import", work.keyFile, "--label", "account");
  const unlock = (options) => Vault.unlock(work.read("default/keyring.json"), utf8(PASSPHRASE), options);
  return { work, zkv, unlock };
}

test("the layouts that zkv keeps in the keyring are used here, and a file goes before them", async (t) => {
  const { work, zkv, unlock } = keyringOf(t);
  const value = await sealed("correct horse");
  assert.throws(() => unlock().decryptValue(value), coded("decrypt"));
  work.write("layouts.json", file(LAYOUT));
  zkv("vendor", "import", "layouts.json");
  const vault = unlock();
  assert.equal(vault.decryptValue(value), "correct horse");
  assert.deepEqual(vault.vendorLayouts().map(({ name, authenticated, usable }) => [name, authenticated, usable]), [["account-cbc", true, true]]);
  const [{ layout }] = JSON.parse(zkv("vendor", "show", "--stored", "--json"));
  assert.equal(layout.name ?? layout, "account-cbc");
  // Exactly those of the account are tried.
  const plain = Vault.fromKeys([KEY]).encryptValue("x", undefined, { layout: "vendor" });
  assert.throws(() => vault.decryptValue(plain), coded("decrypt"));
  assert.throws(() => vault.encryptValue("x", undefined, { layout: "vendor" }), coded("layout"));
  assert.throws(() => unlock({ vendorLayout: file({ ...LAYOUT, tag: 12 }) }).decryptValue(value), coded("decrypt"));
  // Those without an account serve every account that has none of its own.
  vault.selectAccount("other.example");
  assert.equal(vault.decryptValue(value), "correct horse");
  assert.throws(() => vault.selectAccount("a b"), coded("host"));
});

test("a file of layouts is taken while the vault is open; one that is refused changes nothing", async () => {
  const vault = Vault.fromKeys([KEY]);
  const value = await sealed("correct horse");
  assert.throws(() => vault.decryptValue(value), coded("decrypt"));
  for (const refused of [undefined, "", "{}", file(), file(BARE)]) assert.throws(() => vault.setVendorLayout(refused), coded("layout"), String(refused));
  assert.throws(() => vault.setVendorLayout(file(LAYOUT), { digest: "00" }), coded("layout"));
  assert.throws(() => vault.decryptValue(value), coded("decrypt"));
  vault.setVendorLayout(file(LAYOUT));
  assert.equal(vault.decryptValue(value), "correct horse");
  const [{ digest }] = vault.vendorLayouts();
  vault.setVendorLayout(JSON.parse(file(LAYOUT)), { digest });
  assert.equal(vault.decryptValue(value), "correct horse");
  assert.throws(() => vault.setVendorLayout(file(BARE)), coded("layout"));
  assert.equal(vault.decryptValue(value), "correct horse");
});

test("a layout of the keyring that nothing authenticates waits for a person", async (t) => {
  const { work, zkv, unlock } = keyringOf(t);
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const value = Buffer.concat([Uint8Array.of(1), NUMBER, iv, await encrypted(KEY, iv, "bare")]).toString("base64");
  work.write("layouts.json", file(BARE));
  zkv("vendor", "import", "layouts.json");
  assert.throws(() => unlock().decryptValue(value), ({ code, message }) => code === "decrypt" && message.includes("zkv vendor allow account-bare"));
  assert.deepEqual(unlock().vendorLayouts(), []);
  const shown = unlock({ allowUnauthenticatedLayout: true });
  assert.deepEqual(shown.openValue(value), { text: "bare", layout: "account-bare", authenticated: false, usable: false });
  zkv("vendor", "allow", "account-bare", "--yes");
  assert.deepEqual(unlock().openValue(value), { text: "bare", layout: "account-bare", authenticated: false, usable: true });
});

test("the account is the keyring's own, or the one that is chosen", async (t) => {
  const { ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY, ZKV_LOGMEONCE_SECRET } = await startSimulator(t);
  const { work, zkv, unlock } = keyringOf(t, { ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY, ZKV_LOGMEONCE_SECRET });
  zkv("auth", "login");
  work.write("layouts.json", file(LAYOUT));
  zkv("vendor", "import", "layouts.json");
  const value = await sealed("correct horse");
  const vault = unlock();
  assert.equal(vault.decryptValue(value), "correct horse");
  vault.selectAccount("other.example");
  assert.deepEqual(vault.vendorLayouts(), []);
  assert.throws(() => vault.decryptValue(value), coded("decrypt"));
  vault.selectAccount(new URL(ZKV_LOGMEONCE_URL).host);
  assert.equal(vault.decryptValue(value), "correct horse");
});

/** In the layout that is tried first: AES-256-GCM with 12 bytes in front. */
async function inGcm(key, content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const body = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, cipher, content));
  return Buffer.concat([Uint8Array.of(1), NUMBER, iv, body]).toString("base64");
}

test("a shared site opens by its own key, which is under a key of the vault or of a group", async () => {
  const [siteKey, groupKey] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const value = await inGcm(siteKey, utf8("shared"));
  const site = (key) => ({ id: 7, name: "Shared", updated: 1, key, login: { Url: "https://shared.example", inputs: [{ name: "pw", type: "password", value }] } });
  const [own, grouped] = [await inGcm(KEY, siteKey), await inGcm(groupKey, siteKey)];
  const groups = [{ id: 3, name: "Team", key: await inGcm(KEY, groupKey) }, { id: 4, name: "Other" }, "no group"];
  const passwordOf = (vault, sites) => vault.decryptDocument(sites).document.login.inputs[0].value;

  const vault = Vault.fromKeys([KEY]);
  assert.equal(passwordOf(vault, site(own)), "shared");
  assert.equal(vault.decryptValue(value, { siteId: 7, type: "password", name: "pw", siteKey: own }), "shared");
  assert.throws(() => vault.decryptValue(value), coded("decrypt"));
  assert.equal(vault.decryptDocument(site(grouped)).failures.length, 1, "nobody said which groups there are");
  assert.throws(() => vault.decryptValue(value, { siteId: 7, type: "password", name: "pw", siteKey: grouped }), coded("decrypt"));
  for (const given of [groups, { groups }, JSON.stringify({ groups })]) {
    const other = Vault.fromKeys([KEY]);
    other.setGroups(given);
    assert.equal(passwordOf(other, site(grouped)), "shared");
    assert.equal(other.decryptValue(value, { siteId: 7, type: "password", name: "pw", siteKey: grouped }), "shared");
  }
  vault.setGroups(groups.slice(1));
  assert.equal(vault.decryptDocument(site(grouped)).failures.length, 1);
  assert.throws(() => vault.setGroups(7), coded("argument"));

  // What opens only with the groups is pinned with them: a different key of the site is one of its findings.
  vault.setGroups(groups);
  const trust = vault.trust(null, { host: "acme.example", firstUse: true });
  assert.equal(trust.assess([site(grouped)])[0].verdict, "new");
  assert.equal(trust.assess([site(grouped)])[0].verdict, "ok");
  const [moved] = trust.assess([site(await inGcm(groupKey, new Uint8Array(32).fill(9)))]);
  assert.deepEqual([moved.verdict, moved.fill], ["metadata-changed", "refused"]);
  assert.ok(moved.changes.some(({ what }) => what === "site-key"), JSON.stringify(moved.changes));
  // Under a key that nobody in the group has, it is no key of the site's any more.
  const [lost] = trust.assess([site(await inGcm(new Uint8Array(32).fill(8), siteKey))]);
  assert.equal(lost.verdict, "tampered");
  assert.ok(lost.changes.some(({ what }) => what === "site-key-lost"), JSON.stringify(lost.changes));
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
