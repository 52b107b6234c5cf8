// The package's example programs, as somebody runs them in a project of their own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { CONSUMER, ROOT } from "./lib/paths.js";
import { startSimulator } from "./lib/simulator.js";
import { utf8, zkvault } from "./lib/zkvault.js";

const EXAMPLES = path.join(ROOT, "wasm", "js", "examples");
const KEY = crypto.getRandomValues(new Uint8Array(32));

/** An example, in a project with the package installed. */
function run(name, parameters, env) {
  const file = path.join(CONSUMER, name);
  fs.copyFileSync(path.join(EXAMPLES, name), file);
  const options = { cwd: CONSUMER, encoding: "utf8", env: { ...process.env, ...env }, timeout: 60_000 };
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...parameters], options);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("a folder is uploaded and comes back", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const work = new Workplace(t, KEY);
  const vault = zkvault.Vault.create(utf8("correct horse battery staple"), { memoryKib: 19_456, iterations: 2 });
  vault.importKey(KEY, { label: "shared" });
  fs.writeFileSync(work.path("keyring"), vault.toKeyring());
  fs.mkdirSync(work.path("docs/inner"), { recursive: true });
  const large = Buffer.alloc(2 ** 23 + 5, "large");
  fs.writeFileSync(work.path("docs/large"), large);
  fs.writeFileSync(work.path("docs/inner/ä.txt"), "small");
  const env = { ZKV_PASSPHRASE: "correct horse battery staple", ZKV_SAS };
  const printed = run("upload-folder.js", [work.path("keyring"), work.path("docs")], env);
  assert.deepEqual(printed.trimEnd().split("\n").sort(), ["5 bytes, docs/inner/ä.txt", `${large.length} bytes, docs/large`]);
  const files = await zkvault.listFiles(ZKV_SAS, { vault });
  assert.deepEqual(files.map(({ name }) => name), ["docs/inner/ä.txt", "docs/large"]);
  const stored = Buffer.from(await (await zkvault.download(ZKV_SAS, "docs/large", { vault })).arrayBuffer());
  assert.ok(stored.equals(large));
});

test("examples have fifteen statements at most", () => {
  for (const name of fs.readdirSync(EXAMPLES)) {
    const statements = fs.readFileSync(path.join(EXAMPLES, name), "utf8").match(/^(?!import ).*[;{]$/gm).length;
    assert.ok(statements >= 1 && statements <= 15, `${name}: ${statements}`);
  }
});
