// Pins: what a lying service changes is told, and nothing is trusted by itself.

import assert from "node:assert/strict";
import test from "node:test";

import { coded, zkvault } from "./lib/zkvault.js";

const { Vault, matchOrigin } = zkvault;
const KEY = new Uint8Array(32).fill(7);
const HOST = "acme.logmeonce.com";
const vault = Vault.fromKeys([KEY]);
const site = (id, name, url, more) => ({
  id, name, updated: 1000, login: { Url: url, regex: "^https://", inputs: [{ type: "password", name: "p", value: `secret ${id}` }], ...more },
});
const CLEAR = [site(1, "Mail", "https://mail.example/login"), site(2, "Bank", "https://bank.example:8443/"), site(3, "Plain", "http://plain.example/")];
const SITES = vault.encryptDocument(CLEAR);
const changed = (change) => JSON.stringify(JSON.parse(JSON.stringify(SITES)).map((one) => (change(one), one)));
const verdicts = (rows) => rows.map(({ siteId, verdict }) => `${siteId} ${verdict}`);

/** Pins of the sites as they are. */
function pinned() {
  const trust = vault.trust(null, { host: HOST, firstUse: true });
  trust.assess(SITES);
  return trust;
}

test("a first use is pinned, and the same again is fine", () => {
  const trust = vault.trust(null, { host: HOST, firstUse: true });
  const [row] = trust.assess(SITES);
  assert.deepEqual(row, {
    siteId: 1, name: "Mail", origin: "https://mail.example", verdict: "new", read: "warned", fill: "warned",
    changes: [{ kind: "new", what: "first-use", text: "seen for the first time, when the account was first synced", input: null }],
  });
  assert.deepEqual([trust.changed, trust.revision, trust.unanchored], [true, 0, false]);
  const bytes = trust.toBytes();
  assert.deepEqual([trust.changed, trust.revision], [false, 1]);
  const again = vault.trust(bytes, { host: HOST, atLeast: 1 });
  assert.deepEqual(verdicts(again.assess(SITES)), ["1 ok", "2 ok", "3 ok"]);
  assert.equal(again.changed, false);
  assert.equal(again.assess(SITES)[0].fill, "allowed");
});

test("without pins every site waits, however often it is seen", () => {
  const trust = vault.trust(null, { host: HOST });
  for (let time = 0; time < 2; time += 1) {
    const rows = trust.assess(SITES);
    assert.ok(rows.every(({ verdict, fill, changes: [{ what }] }) => verdict === "new" && fill === "refused" && what === "unanchored"));
    assert.deepEqual([trust.unanchored, trust.changed], [true, false]);
  }
  assert.deepEqual(trust.sitesForPage("https://mail.example/"), []);
  assert.equal(trust.accept(1).fill, "allowed");
  assert.deepEqual(trust.sitesForPage("https://mail.example/").map(({ siteId }) => siteId), [1]);
  assert.deepEqual(verdicts(trust.assess(SITES)), ["1 ok", "2 new", "3 new"]);
});

test("what was changed is told until a person accepts it", () => {
  const trust = pinned();
  const moved = changed((one) => one.id === 1 && (one.login.Url = "https://mail.example.evil.test/login"));
  const [row] = trust.assess(moved);
  assert.deepEqual([row.verdict, row.fill, row.read, row.origin], ["metadata-changed", "refused", "warned", "https://mail.example"]);
  assert.deepEqual(row.changes.find(({ what }) => what === "login-origin"), {
    kind: "changed", what: "login-origin", text: "the login page is at another place", input: null,
    before: "https://mail.example", after: "https://mail.example.evil.test",
  });
  assert.deepEqual(trust.sitesForPage("https://mail.example.evil.test/"), []);
  assert.equal(trust.sitesForPage("https://mail.example/")[0].fill, "refused");
  trust.accept(1);
  assert.equal(trust.sitesForPage("https://mail.example.evil.test/")[0].fill, "allowed");
});

test("swapped, lowered, rolled back, twice, and missing", () => {
  const value = (document, id) => document.find((one) => one.id === id).login.inputs[0].value;
  const swapped = changed((one) => one.id < 3 && (one.login.inputs[0].value = value(SITES, 3 - one.id)));
  assert.deepEqual(verdicts(pinned().assess(swapped)), ["1 tampered", "2 tampered", "3 ok"]);
  const older = changed((one) => one.id === 2 && (one.updated = 999));
  assert.deepEqual(verdicts(pinned().assess(older)), ["1 ok", "2 rolled-back", "3 ok"]);
  const twice = JSON.stringify([...SITES, { ...SITES[0], used: 7 }]);
  const trust = pinned();
  assert.deepEqual(verdicts(trust.assess([...SITES, SITES[0]])), ["1 ok", "2 ok", "3 ok"], "the same record twice is one site");
  assert.equal(trust.assess(twice)[0].verdict, "tampered");
  assert.throws(() => trust.accept(1), coded("site-twice"));
  const fewer = JSON.stringify(SITES.slice(1));
  assert.deepEqual(verdicts(trust.assess(fewer)), ["2 ok", "3 ok", "1 missing"]);
  assert.equal(trust.assess(fewer, { part: true }).length, 2, "of a part, none is missing");
  trust.assess(fewer);
  trust.accept(1);
  assert.deepEqual(verdicts(trust.assess(fewer)), ["2 ok", "3 ok"]);
  assert.equal(trust.assess(SITES)[0].verdict, "rolled-back", "it is back");
});

test("a first use is that of the whole account", () => {
  const trust = vault.trust(null, { host: HOST, firstUse: true });
  trust.assess(SITES.slice(0, 1), { part: true });
  assert.equal(trust.changed, false);
  assert.equal(trust.assess(SITES)[2].changes[0].what, "first-use");
});

test("pins open for their account, their keys and their revision alone", () => {
  const trust = pinned();
  const bytes = trust.toBytes();
  const open = (options, with_ = vault, record = bytes) => with_.trust(record, { host: HOST, ...options });
  assert.throws(() => open({ host: "other.example" }), coded("decrypt"));
  assert.throws(() => open({ host: "a b" }), coded("host"));
  assert.throws(() => open({ atLeast: 2 }), coded("rolled-back"));
  assert.throws(() => open({}, Vault.fromKeys([new Uint8Array(32)])), coded("no-key"));
  assert.throws(() => open({}, vault, new Uint8Array(9)), coded("pins"));
  assert.throws(() => open({ firstUse: true }, vault, new Uint8Array()), coded("pins"), "what lost all its bytes is not a first use");
  for (const at of [8, 12, 19, 40, bytes.length - 1]) {
    assert.throws(() => open({}, vault, bytes.with(at, bytes[at] ^ 1)), (error) => ["decrypt", "no-key"].includes(error.code), `byte ${at}`);
  }
  assert.equal(open({ firstUse: true }).assess(JSON.stringify([...SITES, { ...SITES[0], id: 9 }])).at(-1).fill, "refused", "a first use is over");
});

test("nothing is said before an assessment, and nothing after the vault is locked", () => {
  const mine = Vault.fromKeys([KEY]);
  const trust = mine.trust(null, { host: HOST });
  assert.throws(() => trust.sitesForPage("https://mail.example"), coded("not-assessed"));
  assert.throws(() => trust.accept(1), coded("not-assessed"));
  trust.assess(SITES);
  assert.throws(() => trust.accept(99), coded("not-assessed"));
  mine.lock();
  assert.throws(() => trust.assess(SITES), coded("locked"));
  assert.throws(() => trust.toBytes(), coded("locked"));
});

test("which login belongs on a page", () => {
  const pinnedLogin = "https://mail.example/login";
  const match = (pageUrl, serverRegex) => matchOrigin({ pinnedLogin, serverRegex, pageUrl });
  assert.equal(match("https://mail.example/inbox?x"), true);
  assert.equal(match("https://mail.example/inbox", "^https://([^/]+\\.)?mail.example.*"), true);
  assert.equal(match("https://mail.example/inbox", "/login$"), false);
  for (const page of ["http://mail.example/login", "https://mail.example.evil.test/", "https://mail.example:444/", "https://x.mail.example/", "javascript:1", "", null, undefined, 7, "\ud800"]) {
    assert.equal(match(page, ".*"), false, String(page));
  }
  assert.equal(match("https://mail.example/", "(a+)+$("), false);
  assert.equal(match(`https://mail.example/${"a".repeat(8000)}!`, "(a+)+$"), false, "and it ends");
  assert.deepEqual(pinned().sitesForPage("http://plain.example/"), [], "http is no place for a password");
});
