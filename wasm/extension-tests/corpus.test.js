// The corpus: login pages of many kinds, each with what belongs in its fields, and what else is not to be filled at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Corpus, cases } from "./lib/corpus.js";

/** So many of a hundred must be right; what is not is told, with the reason that a person is shown. */
const LEAST_RIGHT = 97;
/** One in so many pages is tried: all of them, unless a second browser only has to show that it is no different. */
const PART = Number(process.env.ZKV_CORPUS_PART ?? 1);

let corpus;
let results;

before(async () => {
  corpus = await Corpus.start(cases(PART));
  results = await corpus.run();
});
after(() => corpus?.stop());

const of = (verdict) => results.filter((one) => one.verdict === verdict);
const told = ({ id, steps }) => `${id}: ${steps.map(({ shown, said }) => `${JSON.stringify(shown)} ${said}`).join("; ")}`;

test("no value goes where it does not belong", () => {
  assert.deepEqual(of("wrong").map(told), []);
});

test("the corpus is filled as a person would", (context) => {
  const counts = ["right", "partial", "wrong", "none"].map((verdict) => `${verdict} ${of(verdict).length}`).join(", ");
  const missed = results.filter(({ verdict }) => verdict !== "right").map(told);
  context.diagnostic(`${results.length} cases: ${counts}`);
  for (const line of missed) context.diagnostic(line);
  assert.ok(of("right").length * 100 >= results.length * LEAST_RIGHT, `only ${counts}:\n${missed.join("\n")}`);
});

test("anyone who gets nothing, or not all, is told why", () => {
  const silent = results.flatMap(({ id, verdict, steps }) => (verdict !== "right" && steps.every(({ said }) => said === "") ? [id] : []));
  assert.deepEqual(silent, []);
});
