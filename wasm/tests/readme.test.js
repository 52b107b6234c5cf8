// The README's examples, each as a program of its own in the project with the tarball installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { CONSUMER, INSTALLED, ROOT } from "./lib/paths.js";
import { startSimulator } from "./lib/simulator.js";
import { zkvault } from "./lib/zkvault.js";

const readme = fs.readFileSync(path.join(INSTALLED, "README.md"), "utf8");
const examples = [...readme.matchAll(/^## (.*)\n(?:(?!^## )[^])*?^```js\n([^]*?)^```/gm)];
const allBlocks = readme.match(/^```js\n/gm).length;
// These need an account: services.test.js and files.test.js do what they show. Here they must at least be JavaScript.
const unrun = [...readme.matchAll(/^```js no-run\n([^]*?)^```/gm)];

for (const name of ["example.key", "sites.json"]) fs.copyFileSync(path.join(ROOT, "examples", name), path.join(CONSUMER, name));

test("every example is found", () => {
  assert.ok(examples.length >= 5);
  assert.equal(examples.length, allBlocks);
});

for (const [number, [, code]] of unrun.entries()) {
  test(`example ${number + 1} that needs an account imports what there is`, () => {
    const file = path.join(CONSUMER, `readme-unrun-${number}.mjs`);
    fs.writeFileSync(file, code);
    assert.equal(spawnSync(process.execPath, ["--check", file]).status, 0);
    const [, names] = code.match(/^import \{ (.*) \} from "zkvault";/m);
    for (const name of names.split(", ")) assert.equal(typeof zkvault[name], "function", name);
  });
}

for (const [, heading, code] of examples) {
  test(`${heading}: prints what its comments say`, async (t) => {
    const file = path.join(CONSUMER, `readme-${heading.replaceAll(/\W+/g, "-")}.js`);
    fs.writeFileSync(file, code);
    const { ZKV_SAS } = code.includes("ZKV_SAS") ? await startSimulator(t) : {};
    const env = { ...process.env, ZKV_SAS };
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: CONSUMER, encoding: "utf8", env, timeout: 60_000 });
    assert.equal(status, 0, stderr);
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed]) => printed);
    assert.equal(code.match(/console\.log/g).length, expected.length, "an example prints what no comment shows");
    assert.deepEqual(stdout.trimEnd().split("\n"), expected);
  });
}

/** What the examples that need an account take for given. */
const GIVEN = `
  declare const vault: import("zkvault").Vault;
  declare const apiKey: string;
  declare const sas: string;
  declare const secret: Uint8Array;
  declare const keyring: Uint8Array;
  declare const passphrase: Uint8Array;
  declare const savedPins: Uint8Array | null;
  declare const signal: AbortSignal;
  declare const file: Blob;
  declare function save(...given: [Uint8Array] | [string, Uint8Array]): void;
  declare function saved(name: string): Promise<Uint8Array>;
  declare function show(done: number, total: number | null): void;
`;

test("TypeScript takes every example, strictly", () => {
  const folder = path.join(CONSUMER, "readme-types");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  const codes = [...examples.map(([, , code]) => code), ...unrun.map(([, code]) => code)];
  for (const [number, code] of codes.entries()) fs.writeFileSync(path.join(folder, `${number}.mts`), code);
  fs.writeFileSync(path.join(folder, "given.d.ts"), GIVEN);
  const tools = path.join(ROOT, "wasm", "tools", "node_modules");
  const compilerOptions = {
    noEmit: true, strict: true, target: "es2022", module: "node16", moduleResolution: "node16", lib: ["es2023", "esnext.disposable"],
    types: ["node"], typeRoots: [path.join(tools, "@types")],
  };
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
  const { status, stdout } = spawnSync(process.execPath, [path.join(tools, "typescript", "bin", "tsc"), "--project", folder], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
