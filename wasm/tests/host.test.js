// In wasm the host reads addresses and normalises texts. It must do so as the crates do that native programs have:
// host/addresses.json and host/normal-forms.json are checked by all of them.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { openPage } from "./lib/browser.js";
import { INSTALLED, ROOT } from "./lib/paths.js";
import { utf8, zkvault } from "./lib/zkvault.js";

const vectors = (name) => JSON.parse(fs.readFileSync(path.join(ROOT, "host", name), "utf8"));
const [ADDRESSES, NORMAL_FORMS] = [vectors("addresses.json"), vectors("normal-forms.json")];

/** Where Chromium leaves the standard: it takes these hosts, of which core refuses the first, and nobody can register the others. */
const CHROMIUM = { "https://a b/": "https://a%20b/", "https://xn--a/": "https://xn--a/", "https://xn--0.example/": "https://xn--0.example/" };

const readAll = (texts) => texts.map((text) => (URL.canParse(text) ? new URL(text).href : null));
const normaliseAll = (texts) => texts.map((text) => text.normalize("NFC"));
const textsOf = (list) => list.map(([text]) => text);
const disagreements = (list, read) => list.map(([text, expected], at) => [text, expected, read[at]]).filter(([, expected, actual]) => actual !== expected);

test("Node reads addresses and normalises texts as native programs do", () => {
  assert.deepEqual(disagreements(ADDRESSES, readAll(textsOf(ADDRESSES))), []);
  assert.deepEqual(disagreements(NORMAL_FORMS, normaliseAll(textsOf(NORMAL_FORMS))), []);
});

test("Chromium reads addresses and normalises texts as native programs do", async (t) => {
  const page = await openPage(t, { "/zkvault/": INSTALLED });
  const inPage = (work, list) => page.evaluate(`(${work})(${JSON.stringify(textsOf(list))})`);
  const known = Object.entries(CHROMIUM).map(([text, actual]) => [text, null, actual]);
  assert.deepEqual(disagreements(ADDRESSES, await inPage(readAll, ADDRESSES)), known);
  assert.deepEqual(disagreements(NORMAL_FORMS, await inPage(normaliseAll, NORMAL_FORMS)), []);
});

test("a passphrase is the same however its accents are composed", () => {
  const keyring = zkvault.Vault.create(utf8("Stra\u00dfe \u1e69 \uac01"), { memoryKib: 19456, iterations: 2, lanes: 1, allowWeakPassphrase: true }).toKeyring();
  for (const passphrase of ["Stra\u00dfe s\u0307\u0323 \u1100\u1161\u11a8", "Stra\u00dfe s\u0323\u0307 \uac00\u11a8"]) {
    zkvault.Vault.unlock(keyring, utf8(passphrase)).lock();
  }
  assert.throws(() => zkvault.Vault.unlock(keyring, utf8("Strasse \u1e69 \uac01")), { code: "wrong-passphrase" });
});

test("an international host is the same in both spellings, and its lookalike is a different one", () => {
  const match = (pinnedLogin, pageUrl) => zkvault.matchOrigin({ pinnedLogin, pageUrl });
  assert.equal(match("https://bücher.example/", "https://xn--bcher-kva.example/login"), true);
  assert.equal(match("https://paypal.example/", "https://pаypal.example/"), false);
  assert.equal(match("https://a.example/", "https://a。example/"), true);
});
