// Documents as text and as objects, exact and hostile.

import assert from "node:assert/strict";
import test from "node:test";

import { EXAMPLE, EXAMPLE_KEY, coded, zkvault } from "./lib/zkvault.js";

const { Vault } = zkvault;
const KEY = crypto.getRandomValues(new Uint8Array(32));
const vault = Vault.fromKeys([KEY]);

const site = (id, value) => ({ id, name: "A", zNew: [1, { b: null }], login: { Url: "https://a.test/", inputs: [{ flags: 5, name: "n", type: "t", value, more: true }] } });

test("an object in gives an object out, of the same shape", () => {
  for (const clear of [site(1, "a"), [site(1, "a"), site(2, "b")], { next: null, sites: [site(1, "a")], page: 2 }]) {
    const before = structuredClone(clear);
    const sealed = vault.encryptDocument(clear);
    assert.deepEqual(clear, before, "what was passed in has changed");
    assert.notDeepEqual(sealed, clear);
    const { document, failures } = vault.decryptDocument(sealed);
    assert.equal(JSON.stringify(document), JSON.stringify(clear));
    assert.deepEqual(failures, []);
  }
});

test("the example opens as text and as an object to the same", () => {
  const example = Vault.fromKeys([EXAMPLE_KEY]);
  const text = example.decryptDocument(EXAMPLE);
  const object = example.decryptDocument(JSON.parse(EXAMPLE));
  assert.equal(typeof text.document, "string");
  assert.deepEqual(object.document, JSON.parse(text.document));
  assert.deepEqual(object.failures, text.failures);
});

test("bound values open in their own input only", () => {
  const [one, two] = vault.encryptDocument([site(1, "a"), site(2, "b")]);
  [one.login, two.login] = [two.login, one.login];
  const { document, failures } = vault.decryptDocument([one, two]);
  assert.deepEqual(document, [one, two]);
  assert.deepEqual(failures, [{ siteId: 1, name: "n", code: "decrypt" }, { siteId: 2, name: "n", code: "decrypt" }]);
});

test("another vault's values are failures, and the rest still opens", () => {
  const [foreign] = Vault.fromKeys([crypto.getRandomValues(new Uint8Array(32))]).encryptDocument([site(1, "a")]);
  const [own] = vault.encryptDocument([site(2, "b")]);
  const { document, failures } = vault.decryptDocument({ sites: [foreign, own] });
  assert.deepEqual(document, { sites: [foreign, site(2, "b")] });
  assert.deepEqual(failures, [{ siteId: 1, name: "n", code: "no-key" }]);
});

test("site ids above 2^53 stay exact in text, and are refused where JavaScript has rounded them", () => {
  const clear = JSON.stringify(site(0, "secret")).replace('"id":0', '"id":9007199254740993');
  const sealed = vault.encryptDocument(clear);
  assert.ok(sealed.includes('"id":9007199254740993,'));
  const { value, type, name } = JSON.parse(sealed).login.inputs[0];
  for (const siteId of ["9007199254740993", 9007199254740993n]) assert.equal(vault.decryptValue(value, { siteId, type, name }), "secret");
  assert.throws(() => vault.decryptValue(value, { siteId: 2 ** 53, type, name }), coded("argument"));
  assert.throws(() => vault.decryptValue(value, { siteId: "9007199254740992", type, name }), coded("decrypt"));
  assert.throws(() => vault.encryptDocument(JSON.parse(clear)), coded("argument"));
  assert.throws(() => vault.encryptDocument({ sites: [JSON.parse(clear)] }), coded("argument"));
});

test("sealing is all or nothing", () => {
  const sealed = vault.encryptDocument([site(1, "a")]);
  assert.throws(() => vault.encryptDocument([site(2, "b"), sealed[0]]), coded("already-sealed"));
  assert.throws(() => vault.encryptDocument([site(2, "b"), site("x", "c")]), coded("no-context"));
  assert.deepEqual(vault.decryptDocument(vault.encryptDocument([site("x", "c")], { layout: "vendor" })).document, [site("x", "c")]);
  assert.throws(() => vault.encryptDocument([site(2, "x".repeat(2 ** 20 + 1))]), coded("too-long"));
});

test("half a surrogate pair is no text, and is not replaced silently", () => {
  const half = JSON.stringify([site(1, "a")]).replace('"A"', '"\ud800"');
  assert.throws(() => vault.decryptDocument(half), coded("not-text"));
  assert.throws(() => vault.encryptDocument(half), coded("not-text"));
  assert.throws(() => vault.encryptDocument([site(1, "\ud800")]), coded("malformed"));
  assert.deepEqual(vault.decryptDocument([site(1, "\ud800")]).failures, [{ siteId: 1, name: "n", code: "malformed" }]);
});

test("what is no document is refused", () => {
  for (const wrong of ["", " ", "x", "1", '"a"', "null", "{}", "[1]"]) assert.throws(() => vault.decryptDocument(wrong), coded("malformed"), wrong);
  for (const wrong of [undefined, null, 1, 1n, true, Symbol("a"), () => {}]) assert.throws(() => vault.decryptDocument(wrong), coded("argument"));
  const round = site(1, "a");
  round.self = round;
  assert.throws(() => vault.decryptDocument(round), coded("argument"));
  assert.throws(() => vault.decryptDocument({ ...site(1, "a"), id: 1n }), coded("argument"));
});

test("hostile sizes are refused before they cost memory", () => {
  const long = "x".repeat(2 ** 28 + 1);
  assert.throws(() => vault.decryptDocument(long), coded("too-long"));
  assert.throws(() => vault.encryptDocument("\u00e9".repeat(2 ** 27 + 1)), coded("too-long"));
  assert.throws(() => vault.decryptValue(long), coded("too-long"));
  assert.throws(() => vault.encryptValue(long, { siteId: 1, type: "a", name: "b" }), coded("too-long"));
  assert.throws(() => Vault.unlock(new Uint8Array(2 ** 25), new Uint8Array(8)), coded("too-long"));
  const deep = `[{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}]`;
  assert.throws(() => vault.decryptDocument(deep), coded("malformed"));
  const wide = `[{"a":"${"x".repeat(17 * 2 ** 20)}"}]`;
  assert.throws(() => vault.decryptDocument(wide), coded("malformed"));
  assert.equal(vault.decryptValue(vault.encryptValue("still here", undefined, { layout: "vendor" })), "still here");
});

test("a document of many sites comes back as it was", () => {
  const clear = JSON.stringify({ sites: Array.from({ length: 20_000 }, (_, id) => site(id, `secret ${id}`)) });
  const { document, failures } = vault.decryptDocument(vault.encryptDocument(clear));
  assert.ok(document === clear);
  assert.deepEqual(failures, []);
});
