// The same in Firefox: a part of the corpus, and what is different there. Left out where Firefox is not installed.

import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";

import { Corpus, cases } from "./lib/corpus.js";
import { FirefoxLanes, FirefoxWorld } from "./lib/firefox.js";
import { FIREFOX } from "./lib/paths.js";
import { pause } from "./lib/target.js";

const skip = fs.existsSync(FIREFOX) ? false : `${FIREFOX} is missing`;
/** One in so many pages, one after the other. */
const PART = Number(process.env.ZKV_FIREFOX_PART ?? 8);
const LEAST_RIGHT = 90;

let corpus;
let results = [];

before(async () => {
  if (skip) return;
  corpus = await Corpus.start(cases(PART), { World: FirefoxWorld, Lanes: FirefoxLanes });
  results = await corpus.run();
});
after(() => corpus?.stop());

const of = (verdict) => results.filter((one) => one.verdict === verdict);
const told = ({ id, steps }) => `${id}: ${steps.map(({ shown, said }) => `${JSON.stringify(shown)} ${said}`).join("; ")}`;

test("Firefox: no value goes where it does not belong", { skip }, () => {
  assert.ok(results.length > 30);
  assert.deepEqual(of("wrong").map(told), []);
});

test("Firefox: pages are filled as a person would", { skip }, (context) => {
  const counts = ["right", "partial", "wrong", "none"].map((verdict) => `${verdict} ${of(verdict).length}`).join(", ");
  const missed = results.filter(({ verdict }) => verdict !== "right").map(told);
  context.diagnostic(`${results.length} cases: ${counts}`);
  for (const line of missed) context.diagnostic(line);
  assert.ok(of("right").length * 100 >= results.length * LEAST_RIGHT, `only ${counts}:\n${missed.join("\n")}`);
});

test("Firefox: the vault stays open past the thirty seconds of an event page, and a lock ends that", { skip }, async () => {
  const page = await corpus.world.options();
  const status = () => page.evaluate(async () => (await chrome.runtime.sendMessage({ to: "background", op: "status", params: {} })).result);
  assert.equal((await status()).unlocked, true);
  await pause(35_000);
  assert.equal((await status()).unlocked, true);
  await page.evaluate(() => chrome.runtime.sendMessage({ to: "background", op: "lock", params: {} }));
  assert.equal((await status()).unlocked, false);
});
