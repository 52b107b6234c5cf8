// The package as it is published: what is in it, what it says of itself, and what TypeScript makes of it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";

import { CONSUMER, INSTALLED, ROOT, TARBALL } from "./lib/paths.js";

const FILES = [
  "LICENSE-APACHE", "LICENSE-MIT", "NOTICE", "README.md", "abort.js", "api.js", "arguments.js", "blocks.js", "bundle.js", "bytes.js", "chain.js",
  "client-bindings.js", "client.js", "error.js", "files.d.cts", "files.d.ts", "files.js", "gzip.js", "host.js", "index.d.cts", "index.d.ts",
  "index.inline.js", "index.node.js", "index.web.js", "instance.js", "load.js", "local-files.js", "logmeonce.js", "loome.js", "module-file.js", "module.js",
  "package.json", "remote.js", "serve.js", "services.d.cts", "services.d.ts", "snapshots.d.cts", "snapshots.d.ts", "snapshots.js", "source.js", "storage.js",
  "task.js", "transfer.js", "trust.d.cts", "trust.d.ts", "trust.js", "upload.js", "values-api.js", "values-bindings.js", "values-bundle.js",
  "values-module.js", "values.d.cts", "values.d.ts", "values.js", "values.node.js", "values.web.js", "vault-bindings.js", "vault.js", "vite.d.ts", "vite.js", "words.js",
  "worker-thread.node.js", "worker-thread.web.js", "worker.d.cts", "worker.d.ts", "worker.node.js", "worker.web.js",
  "zkvault-client.wasm", "zkvault-client.wasm.js", "zkvault-values.wasm", "zkvault-values.wasm.js", "zkvault.wasm", "zkvault.wasm.js",
];
const installed = (name) => fs.readFileSync(path.join(INSTALLED, name));
const manifest = JSON.parse(installed("package.json"));

test("the tarball holds these files and no others", () => {
  const listed = execFileSync("tar", ["--list", "--file", TARBALL], { encoding: "utf8" }).trim().split("\n");
  assert.deepEqual(listed.map((name) => name.replace(/^package\//, "")).sort(), FILES);
});

test("nothing runs on installation, and nothing else is installed", () => {
  for (const member of ["scripts", "dependencies", "peerDependencies", "optionalDependencies", "bundledDependencies", "bin", "gypfile"]) {
    assert.equal(manifest[member], undefined, member);
  }
  assert.deepEqual(fs.readdirSync(path.join(CONSUMER, "node_modules")).filter((name) => !name.startsWith(".")), ["zkvault"]);
});

test("every export leads to a file, with types", () => {
  const leaves = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(leaves));
  for (const [entry, target] of Object.entries(manifest.exports)) {
    for (const file of leaves(target)) assert.ok(fs.existsSync(path.join(INSTALLED, file)), file);
    // What runs in a worker is imported by nobody.
    if (typeof target !== "string" && entry !== "./worker-thread") assert.equal(Object.keys(target)[0], "types", entry);
  }
});

test("the version is that of the crate", () => {
  const [, version] = fs.readFileSync(path.join(ROOT, "Cargo.toml"), "utf8").match(/^\[workspace\.package\]\nversion = "(.*)"$/m);
  assert.equal(manifest.version, version);
});

test("no path of the machine that built it is in the package", () => {
  for (const name of FILES) {
    for (const folder of [os.homedir(), ROOT]) assert.ok(!installed(name).includes(`${folder}/`), `${name}: ${folder}`);
  }
});

test("nothing in it needs unsafe-eval, and the inline modules are the same", () => {
  for (const name of FILES.filter((file) => file.endsWith(".js") && !file.endsWith(".wasm.js"))) {
    assert.doesNotMatch(installed(name).toString(), /\beval\(|new Function\(|\bFunction\(/, name);
  }
  for (const module of ["zkvault.wasm", "zkvault-client.wasm", "zkvault-values.wasm"]) {
    const [, base64] = installed(`${module}.js`).toString().match(/"([^"]+)"/);
    assert.ok(Buffer.from(base64, "base64").equals(installed(module)));
  }
});

test("every word that the JavaScript throws is in the types", () => {
  const types = installed("index.d.ts").toString().split("type ZkvErrorCode =")[1];
  const words = FILES.filter((file) => file.endsWith(".js")).flatMap((file) =>
    [...installed(file).toString().matchAll(/(?:new ZkvError|#fail)\(\s*"([^"]+)"/g)].map(([, word]) => word));
  assert.ok(words.length > 10);
  for (const word of words) assert.ok(types.includes(`| "${word}"`), word);
});

const COMMON = { noEmit: true, strict: true, target: "es2022", skipLibCheck: false };
const PROJECTS = {
  "Node (node16)": { module: "node16", moduleResolution: "node16", lib: ["es2023", "esnext.disposable"], types: ["node"] },
  "a bundler": { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom", "esnext.disposable"], types: [] },
  "a bundler, without the newest library": { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"], types: [] },
};

for (const [name, options] of Object.entries(PROJECTS)) {
  test(`TypeScript in ${name}`, () => {
    const tools = path.join(ROOT, "wasm", "tools", "node_modules");
    fs.copyFileSync(path.join(ROOT, "wasm", "tests", "types", "consumer.ts"), path.join(CONSUMER, "consumer.ts"));
    const config = { compilerOptions: { ...COMMON, ...options, typeRoots: [path.join(tools, "@types")] }, files: ["consumer.ts"] };
    fs.writeFileSync(path.join(CONSUMER, "tsconfig.json"), JSON.stringify(config));
    const { status, stdout } = spawnSync(process.execPath, [path.join(tools, "typescript", "bin", "tsc"), "--project", CONSUMER], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });
}

test("TypeScript and Node take it in CommonJS", (t) => {
  const tools = path.join(ROOT, "wasm", "tools", "node_modules");
  const program = `
    import { init, Vault, ZkvError } from "zkvault";
    import { Vault as ValueVault } from "zkvault/values";
    import { startWorker } from "zkvault/worker";
    void init().then((): void => {
      const vault: Vault = Vault.fromKeys([new Uint8Array(32)]);
      console.log(vault.keys().length, typeof startWorker, typeof ZkvError, typeof ValueVault.fromKeys);
    });
  `;
  fs.writeFileSync(path.join(CONSUMER, "consumer.cts"), program);
  const compilerOptions = { strict: true, target: "es2022", module: "node16", moduleResolution: "node16", lib: ["es2023", "esnext.disposable"], types: ["node"], typeRoots: [path.join(tools, "@types")] };
  fs.writeFileSync(path.join(CONSUMER, "tsconfig.cjs.json"), JSON.stringify({ compilerOptions, files: ["consumer.cts"] }));
  const tsc = spawnSync(process.execPath, [path.join(tools, "typescript", "bin", "tsc"), "--project", path.join(CONSUMER, "tsconfig.cjs.json")], { encoding: "utf8" });
  assert.equal(tsc.status, 0, tsc.stdout);
  if (!process.features.require_module) return t.diagnostic("this Node does not require modules of the other kind");
  const { stdout, stderr } = spawnSync(process.execPath, ["consumer.cjs"], { cwd: CONSUMER, encoding: "utf8" });
  assert.equal(stdout.trim(), "1 function function function", stderr);
});
