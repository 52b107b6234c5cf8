// Keyrings, the keys and the identity in them, and what may be asked of a vault in which state.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { read } from "./lib/paths.js";
import { coded, namesOf, utf8, zkvault } from "./lib/zkvault.js";

const { Vault, ZkvError } = zkvault;
const CHEAP = { memoryKib: 19456, iterations: 2, lanes: 1, allowWeakPassphrase: true };
const KEY = crypto.getRandomValues(new Uint8Array(32));

test("the published keyring opens with its passphrase and no other", () => {
  const vector = utf8(read("tests", "vectors", "keyring.json"));
  const vault = Vault.unlock(vector, utf8("correct horse"));
  assert.ok(vault.keys().length >= 1);
  assert.equal(vault.keys().filter((key) => key.default).length, 1);
  assert.throws(() => Vault.unlock(vector, utf8("correct horsf")), coded("wrong-passphrase"));
  assert.throws(() => Vault.unlock(vector, new Uint8Array(0)), coded("passphrase"));
  assert.throws(() => Vault.unlock(vector, new Uint8Array(4097)), coded("passphrase"));
  assert.throws(() => Vault.unlock(vector, Uint8Array.of(0xff)), coded("not-text"));
});

test("a hostile keyring file costs nothing and is refused", () => {
  const file = JSON.parse(read("tests", "vectors", "keyring.json"));
  const changed = (kdf, rest = {}) => utf8(JSON.stringify({ ...file, ...rest, kdf: { ...file.kdf, ...kdf } }));
  const passphrase = utf8("correct horse");
  assert.throws(() => Vault.unlock(changed({ memory_kib: 2 ** 40 }), passphrase), coded("kdf-limits"));
  assert.throws(() => Vault.unlock(changed({ lanes: 65 }), passphrase), coded("kdf-limits"));
  assert.throws(() => Vault.unlock(changed({ memory_kib: 4 * 2 ** 20 }), passphrase), coded("memory"));
  assert.throws(() => Vault.unlock(changed({ name: "scrypt" }), passphrase), coded("keyring"));
  assert.throws(() => Vault.unlock(changed({}, { version: 3 }), passphrase), coded("unsupported-version"));
  assert.throws(() => Vault.unlock(changed({}, { version: 1 }), passphrase), coded("pre-release"));
  assert.throws(() => Vault.unlock(changed({}, { more: 1 }), passphrase), coded("keyring"));
  assert.throws(() => Vault.unlock(utf8("{}"), passphrase), coded("keyring"));
  assert.throws(() => Vault.unlock(new Uint8Array(2 ** 21 + 1), passphrase), coded("too-long"));
  assert.ok(Vault.unlock(changed({}), passphrase).keys().length, "the module still works");
});

test("a new keyring is unlocked, saved, and unlocked again", () => {
  const made = Vault.create(utf8("correct horse"), CHEAP);
  const [first, ...others] = made.keys();
  assert.deepEqual(others, []);
  assert.deepEqual({ ...first, id: "", created: 0 }, { id: "", vendorId: null, label: "vault", origin: "generated", state: "active", default: true, created: 0 });
  assert.ok(Math.abs(first.created - Date.now() / 1000) < 60);
  const sealed = made.encryptValue("secret", { siteId: 1, type: "t", name: "n" });

  const again = Vault.unlock(made.toKeyring(), utf8("correct horse"));
  assert.deepEqual(again.keys(), made.keys());
  assert.deepEqual(again.identity(), made.identity());
  assert.match(again.identity().identity, /^zkv1[02-9ac-hj-np-z]{58}$/);
  assert.match(again.identity().fingerprint, /^\d{5}( \d{5}){6}$/);
  assert.equal(again.decryptValue(sealed, { siteId: 1, type: "t", name: "n" }), "secret");
  assert.throws(() => Vault.create(utf8("x"), { ...CHEAP, memoryKib: 64 }), coded("kdf-too-weak"));
  assert.throws(() => Vault.create(utf8("x"), { ...CHEAP, lanes: 0 }), coded("kdf-limits"));
  // The rule of checkPassphrase and of zkv, unless a person insists; and never an empty one.
  assert.throws(() => Vault.create(utf8("hunter2"), { ...CHEAP, allowWeakPassphrase: false }), coded("weak-passphrase"));
  assert.throws(() => Vault.create(utf8(""), CHEAP), coded("passphrase"));
});

test("keys are imported, chosen and told apart", () => {
  const vault = Vault.create(utf8("correct horse"), CHEAP);
  const row = vault.importKey(KEY, { label: "old", vendorId: "d87f7e0c" });
  assert.equal(row.origin, "imported");
  assert.equal(row.default, false);
  assert.deepEqual(vault.keys()[1], row);
  assert.throws(() => vault.importKey(KEY, { label: "other" }), coded("key-present"));
  const another = crypto.getRandomValues(new Uint8Array(32));
  assert.throws(() => vault.importKey(another, { label: "old" }), coded("label-taken"));
  assert.throws(() => vault.importKey(another, { label: "" }), coded("label"));
  assert.throws(() => vault.importKey(another, { vendorId: "xyz" }), coded("key-id"));
  assert.throws(() => vault.importKey(another.subarray(1)), coded("not-a-key"));
  const hex = Buffer.from(another).toString("hex");
  for (const file of [`\ufeff${hex}\r\n`, `${hex.slice(0, 30)}\n${hex.slice(30)}`, Buffer.from(another).toString("base64url")]) {
    const other = Vault.create(utf8("correct horse"), CHEAP);
    assert.equal(other.importKey(utf8(file)).id, Vault.fromKeys([another]).keys()[0].id);
  }
  assert.match(vault.importKey(another, { makeDefault: true }).label, /^imported-[0-9a-f]{8}$/);
  assert.deepEqual(vault.keys().map((key) => key.default), [false, false, true]);

  const sealed = vault.encryptValue("secret", undefined, { layout: "vendor", key: "old" });
  assert.equal(zkvault.inspect(sealed).keyId, "d87f7e0c");
  assert.equal(Vault.fromKeys([KEY]).decryptValue(sealed), "secret");
  assert.throws(() => vault.encryptValue("secret", undefined, { layout: "vendor", key: "none" }), coded("no-such-key"));
  assert.throws(() => vault.encryptValue("secret", undefined, { layout: "bound" }), coded("no-context"));
});

test("a passphrase is changed: the new file opens with the new one only, older files with the one before", () => {
  const vault = Vault.create(utf8("correct horse"), CHEAP);
  const before = vault.toKeyring();
  vault.changePassphrase(utf8("battery staple"), { allowWeakPassphrase: true });
  const file = vault.toKeyring();
  assert.deepEqual(Vault.unlock(file, utf8("battery staple")).keys(), vault.keys());
  assert.throws(() => Vault.unlock(file, utf8("correct horse")), coded("wrong-passphrase"));
  assert.deepEqual(Vault.unlock(before, utf8("correct horse")).keys(), vault.keys());
  assert.throws(() => vault.changePassphrase(new Uint8Array(0), { allowWeakPassphrase: true }), coded("passphrase"));
  assert.throws(() => vault.changePassphrase(utf8("hunter2")), coded("weak-passphrase"));
  assert.deepEqual(Vault.unlock(vault.toKeyring(), utf8("battery staple")).keys(), vault.keys());
});

test("a record of this device is this person's alone: a colleague with every shared key neither reads nor forges it", () => {
  const own = Vault.create(utf8("correct horse"), CHEAP);
  const colleague = Vault.create(utf8("battery staple"), CHEAP);
  for (const vault of [own, colleague]) vault.importKey(KEY, { label: "shared", makeDefault: true });
  const which = { name: "copy", host: "acme.example" };
  const record = own.sealRecord("pläin", which);
  assert.equal(Buffer.from(record.subarray(0, 9)).toString("latin1"), "ZKVLOCAL\x01");
  assert.equal(Vault.unlock(own.toKeyring(), utf8("correct horse")).openRecord(record, { ...which, host: "Acme.example." }), "pläin");
  assert.equal(own.openRecord(own.sealRecord("", { name: "n" }), { name: "n", host: null }), "");
  assert.throws(() => colleague.openRecord(record, which), coded("decrypt"));
  assert.throws(() => own.openRecord(colleague.sealRecord("forged", which), which), coded("decrypt"));
  for (const other of [{ ...which, name: "kept" }, { ...which, host: "other.example" }, { name: "copy" }]) {
    assert.throws(() => own.openRecord(record, other), coded("decrypt"), JSON.stringify(other));
  }
  assert.throws(() => own.openRecord(record.with(record.length - 1, record.at(-1) ^ 1), which), coded("decrypt"));
  assert.throws(() => own.openRecord(utf8("no record"), which), coded("local-record"));
  for (const wrong of [{ name: "" }, { name: "x".repeat(257) }, {}, { name: 7 }]) assert.throws(() => own.sealRecord("x", wrong), coded("argument"));
  assert.throws(() => own.sealRecord("x", { name: "n", host: "a b" }), coded("host"));
  assert.throws(() => own.sealRecord(utf8("x"), which), coded("argument"));
  assert.throws(() => Vault.fromKeys([KEY]).sealRecord("x", which), coded("no-keyring"));
  assert.throws(() => Vault.fromKeys([KEY]).openRecord(record, which), coded("no-keyring"));
});

test("a vault of keys alone has no keyring", () => {
  const vault = Vault.fromKeys([KEY, new Uint8Array(32)]);
  assert.deepEqual(vault.keys().map(({ label, default: isDefault }) => [label, isDefault]), [[null, true], [null, false]]);
  assert.throws(() => vault.toKeyring(), coded("no-keyring"));
  assert.throws(() => vault.changePassphrase(utf8("clamp juror onyx radiator")), coded("no-keyring"));
  assert.throws(() => vault.identity(), coded("no-keyring"));
  assert.throws(() => vault.importKey(KEY), coded("no-keyring"));
  assert.throws(() => vault.encryptValue("x", undefined, { layout: "vendor", key: "a" }), coded("no-keyring"));
  assert.throws(() => Vault.fromKeys([]), coded("no-key"), "a vault of no keys opens nothing");
  assert.throws(() => Vault.fromKeys([KEY.subarray(1)]), coded("not-a-key"));
});

test("a locked vault does nothing more, and locking again is no error", () => {
  const methods = {
    decryptValue: ["AQ=="], openValue: ["AQ=="], selectAccount: ["a.test"], setGroups: ["[]"], sealRecord: ["x", { name: "n" }], openRecord: [KEY, { name: "n" }], encryptValue: ["x", { siteId: 1, type: "t", name: "n" }], decryptDocument: ["[]"], encryptDocument: ["[]"],
    vendorLayouts: [], setVendorLayout: ["{}"], keys: [], importKey: [KEY], changePassphrase: [utf8("x")], toKeyring: [], identity: [], activate: ["AQ==", { host: "a.test", userId: 1, from: "zkv1" }],
    trust: [null, { host: "a.test" }],
  };
  for (const end of ["lock", "free", Symbol.dispose]) {
    const vault = Vault.fromKeys([KEY]);
    assert.equal(vault.locked, false);
    vault[end]();
    vault.lock();
    assert.equal(vault.locked, true);
    for (const [method, parameters] of Object.entries(methods)) assert.throws(() => vault[method](...parameters), coded("locked"), method);
  }
  const all = namesOf(Vault).filter((name) => !["constructor", "locked", "lock", "free"].includes(name));
  assert.deepEqual(all, Object.keys(methods).sort(), "a method is not tested locked");
});

test("arguments of the wrong kind are refused before the module sees them", () => {
  const vault = Vault.fromKeys([KEY]);
  const place = { siteId: 1, type: "t", name: "n" };
  const wrong = [
    () => Vault.fromKeys(KEY), () => Vault.fromKeys(["x".repeat(32)]), () => Vault.fromKeys([Array.from(KEY)]), () => Vault.fromKeys(),
    () => Vault.unlock("text", utf8("x")), () => Vault.unlock(utf8("x"), "text"), () => new Vault(), () => new Vault({}),
    () => Vault.create(utf8("x"), { lanes: 1.5 }), () => Vault.create(utf8("x"), { iterations: -1 }), () => Vault.create(utf8("x"), null),
    () => vault.decryptValue(), () => vault.decryptValue(7), () => vault.decryptValue("AQ==", 7), () => vault.decryptValue("AQ==", {}),
    () => vault.decryptValue("AQ==", { ...place, siteId: -1 }), () => vault.decryptValue("AQ==", { ...place, siteId: 1.5 }),
    () => vault.decryptValue("AQ==", { ...place, siteId: 2n ** 64n }), () => vault.decryptValue("AQ==", { ...place, siteId: "01" }),
    () => vault.decryptValue("AQ==", { ...place, siteId: "" }), () => vault.decryptValue("AQ==", { ...place, name: undefined }),
    () => vault.encryptValue("x", place, { layout: "other" }), () => vault.encryptValue("x", place, { key: 1 }), () => vault.encryptValue(utf8("x"), place),
    () => vault.importKey(KEY, { makeDefault: "yes" }), () => vault.activate("AQ==", { host: "a", userId: 1 }),
    () => vault.activate("AQ==", { host: "a", userId: 1, from: "b", code: utf8("c") }),
    () => zkvault.inspect(), () => zkvault.generatePassword({ length: "20" }), () => zkvault.generatePassword({ lower: 1 }),
    () => zkvault.generatePassphrase({ separator: "ab" }), () => zkvault.generatePassphrase({ words: 2 ** 32 }),
  ];
  for (const call of wrong) assert.throws(call, coded("argument"), String(call));
  assert.throws(() => vault.encryptValue("\ud800", place), coded("not-text"));
  assert.throws(() => vault.decryptValue("AQ==", { ...place, name: "\udc00" }), coded("not-text"));
  assert.equal(vault.decryptValue(vault.encryptValue("x", place), place), "x");
  assert.ok(new ZkvError("locked", "x") instanceof Error);
});

test("a passphrase that could be guessed is named, by the rule of the terminal", () => {
  const { weak, strong } = JSON.parse(fs.readFileSync(new URL("../../tests/vectors/passphrases.json", import.meta.url), "utf8"));
  assert.ok(weak.length > 30 && strong.length > 10);
  for (const passphrase of weak) assert.throws(() => zkvault.checkPassphrase(utf8(passphrase)), coded("weak-passphrase"), passphrase);
  for (const passphrase of strong) zkvault.checkPassphrase(utf8(passphrase));
  assert.throws(() => zkvault.checkPassphrase("text"), coded("argument"));
});

test("the fields of a site have the kinds of the terminal, in any case", () => {
  const inputs = [{ type: "Number", name: '["a","b"]', value: "AQ==" }, { type: "PASSWORD" }, { type: "hidden", name: "plain" }];
  const fields = zkvault.siteFields({ id: 7, login: { inputs } });
  assert.deepEqual(fields.map(({ kind, label, names }) => [kind, label, names]), [
    ["text", "a", ["a", "b"]], ["password", "PASSWORD", []], ["other", "plain", ["plain"]],
  ]);
  assert.deepEqual([fields[0].type, fields[0].name, fields[0].value, fields[1].value], ["Number", '["a","b"]', "AQ==", null]);
  assert.throws(() => zkvault.siteFields({ login: {} }), coded("malformed"));
});

test("passwords and passphrases follow their rules", () => {
  const { generatePassword, generatePassphrase } = zkvault;
  assert.match(generatePassword().text, /^[!-~]{20}$/);
  assert.ok(generatePassword().entropyBits > 120);
  assert.match(generatePassword({ length: 8, upper: false, digits: false, symbols: false }).text, /^[a-z]{8}$/);
  assert.match(generatePassphrase().text, /^[a-z]+(-[a-z]+)*$/);
  assert.match(generatePassphrase({ words: 4, separator: null, capitalise: true }).text, /^([A-Z][a-z-]+){4}$/);
  assert.equal(new Set(Array.from({ length: 50 }, () => generatePassphrase().text)).size, 50);
  assert.throws(() => generatePassword({ length: 3 }), coded("length"));
  assert.throws(() => generatePassword({ lower: false, upper: false, digits: false, symbols: false }), coded("no-class"));
  assert.throws(() => generatePassphrase({ words: 2 }), coded("length"));
  assert.throws(() => generatePassphrase({ separator: "a" }), coded("separator"));
});
