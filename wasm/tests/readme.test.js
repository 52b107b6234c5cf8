// The README's examples, each as a program of its own in the project with the tarball installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { CONSUMER, INSTALLED, ROOT } from "./lib/paths.js";

const readme = fs.readFileSync(path.join(INSTALLED, "README.md"), "utf8");
const examples = [...readme.matchAll(/^## (.*)\n(?:(?!^## )[^])*?^```js\n([^]*?)^```/gm)];
const allBlocks = readme.match(/^```js\n/gm).length;

for (const name of ["example.key", "sites.json"]) fs.copyFileSync(path.join(ROOT, "examples", name), path.join(CONSUMER, name));

test("every example is found", () => {
  assert.ok(examples.length >= 5);
  assert.equal(examples.length, allBlocks);
});

for (const [, heading, code] of examples) {
  test(`${heading}: prints what its comments say`, () => {
    const file = path.join(CONSUMER, `readme-${heading.replaceAll(/\W+/g, "-")}.js`);
    fs.writeFileSync(file, code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: CONSUMER, encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 0, stderr);
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed]) => printed);
    assert.equal(code.match(/console\.log/g).length, expected.length, "an example prints what no comment shows");
    assert.deepEqual(stdout.trimEnd().split("\n"), expected);
  });
}
