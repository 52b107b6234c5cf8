// In wasm the host reads addresses. It must read them as the crate does that native programs have: address/vectors.json is
// checked by both.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { openPage } from "./lib/browser.js";
import { INSTALLED, ROOT } from "./lib/paths.js";
import { zkvault } from "./lib/zkvault.js";

const VECTORS = JSON.parse(fs.readFileSync(path.join(ROOT, "address", "vectors.json"), "utf8"));

/** Where Chromium leaves the standard: it takes these hosts, of which core refuses the first, and nobody can register the others. */
const CHROMIUM = { "https://a b/": "https://a%20b/", "https://xn--a/": "https://xn--a/", "https://xn--0.example/": "https://xn--0.example/" };

const readAll = (texts) => texts.map((text) => (URL.canParse(text) ? new URL(text).href : null));
const disagreements = (read) => VECTORS.map(([text, canonical], at) => [text, canonical, read[at]]).filter(([, canonical, actual]) => actual !== canonical);

test("Node reads addresses as native programs do", () => {
  assert.deepEqual(disagreements(readAll(VECTORS.map(([text]) => text))), []);
});

test("Chromium reads addresses as native programs do", async (t) => {
  const page = await openPage(t, { "/zkvault/": INSTALLED });
  const read = await page.evaluate(`(${readAll})(${JSON.stringify(VECTORS.map(([text]) => text))})`);
  assert.deepEqual(disagreements(read), Object.entries(CHROMIUM).map(([text, actual]) => [text, null, actual]));
});

test("an international host is the same in both spellings, and its lookalike is another one", () => {
  const match = (pinnedLogin, pageUrl) => zkvault.matchOrigin({ pinnedLogin, pageUrl });
  assert.equal(match("https://bücher.example/", "https://xn--bcher-kva.example/login"), true);
  assert.equal(match("https://paypal.example/", "https://pаypal.example/"), false);
  assert.equal(match("https://a.example/", "https://a。example/"), true);
});
