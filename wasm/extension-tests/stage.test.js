// What is uploaded to the stores: the same bytes from the same sources, whenever and wherever they are put together.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { PACKAGE, ROOT } from "./lib/paths.js";

const SCRIPT = path.join(ROOT, "wasm", "tools", "stage-extension.js");

/** The zip file and the manifest of the extension, put together from a package in `folder`. */
function stage(folder, packaged, browser = []) {
  const made = path.join(folder, "made");
  execFileSync(process.execPath, [SCRIPT, packaged, made, ...browser], { cwd: folder });
  return {
    made,
    zip: fs.readFileSync(`${made}.zip`),
    manifest: JSON.parse(fs.readFileSync(path.join(made, "manifest.json"), "utf8")),
  };
}

for (const browser of [[], ["firefox"]]) {
  test(`the zip file ${browser.join("")} depends on the files alone, not on their times or places`, (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-stage-"));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const elsewhere = path.join(folder, "elsewhere", "package");
    fs.cpSync(PACKAGE, elsewhere, { recursive: true });
    for (const name of fs.readdirSync(elsewhere)) fs.utimesSync(path.join(elsewhere, name), 1_000_000_000, 1_000_000_000);
    const [one, other] = [stage(folder, PACKAGE, browser), stage(path.join(folder, "elsewhere"), elsewhere, browser)];
    assert.ok(one.zip.length > 100_000);
    assert.ok(one.zip.equals(other.zip), "the bytes differ");
  });
}

for (const [browser, starts] of [[[], "background.js"], [["firefox"], "firefox/background.js"]]) {
  test(`what a page or worker of ${browser[0] ?? "Chromium"} runs is one script that people can read, and page scripts are the sources`, (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-stage-"));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const { made } = stage(folder, PACKAGE, browser);
    const text = (...name) => fs.readFileSync(path.join(made, ...name), "utf8");
    const scripts = fs.readdirSync(made, { recursive: true }).filter((name) => name.endsWith(".js"));
    const bundles = scripts.filter((name) => !name.startsWith("page"));
    assert.ok(bundles.includes(path.normalize(starts)) && bundles.length >= 4, bundles.join());
    for (const name of bundles) {
      assert.doesNotMatch(text(name), /^(?:import|export)\b.*["'][./]/m, `${name} imports another script`);
      assert.ok(Math.max(...text(name).split("\n").filter((line) => !line.includes("WORDS")).map((line) => line.length)) < 2000, `${name} is minified`);
    }
    // Each part says which file it comes from.
    for (const source of ["host/open-vault.js", "shared/answer.js", "zkvault/values.js"]) assert.ok(text("host", "worker.js").includes(`// ${source}\n`), source);
    const sources = path.join(ROOT, "wasm", "extension", "page");
    for (const name of fs.readdirSync(sources)) assert.equal(text("page", name), fs.readFileSync(path.join(sources, name), "utf8"), name);
  });
}

test("a source that is not there, code from strings, and a script that nothing loads are refused", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-stage-"));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const wasm = path.join(folder, "wasm");
  for (const name of ["extension", "tools"]) {
    fs.cpSync(path.join(ROOT, "wasm", name), path.join(wasm, name), { recursive: true, filter: (file) => path.basename(file) !== "node_modules" });
  }
  fs.symlinkSync(path.join(ROOT, "wasm", "tools", "node_modules"), path.join(wasm, "tools", "node_modules"));
  const told = () => spawnSync(process.execPath, [path.join(wasm, "tools", "stage-extension.js"), PACKAGE, path.join(folder, "made")], { encoding: "utf8" });
  assert.equal(told().status, 0);
  const refused = (name, change, says) => {
    const file = path.join(wasm, "extension", name);
    const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
    fs.writeFileSync(file, change(before ?? ""));
    const { status, stderr } = told();
    assert.notEqual(status, 0, name);
    assert.match(stderr, says);
    if (before === undefined) fs.rmSync(file);
    else fs.writeFileSync(file, before);
  };
  refused("popup/popup.js", (text) => `import "./nothing.js";\n${text}`, /nothing\.js/);
  refused("host/host.js", (text) => `${text}new Function("1");\n`, /host\/host\.js has .*new Function/);
  refused("page/more.js", () => "void 0;\n", /nothing loads page\/more\.js/);
  refused("popup/popup.html", (text) => text.replace("popup.css", "other.css"), /names popup\/other\.css/);
});

test("Chromium's and Firefox's manifests differ in what each needs, and ask for nothing more", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-stage-"));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const [chromium, firefox] = [stage(folder, PACKAGE).manifest, stage(folder, PACKAGE, ["firefox"]).manifest];
  assert.deepEqual(chromium.permissions.filter((one) => !firefox.permissions.includes(one)), ["offscreen"]);
  assert.deepEqual(firefox.permissions.filter((one) => !chromium.permissions.includes(one)), []);
  assert.equal(chromium.host_permissions, undefined);
  assert.equal(firefox.host_permissions, undefined);
  assert.equal(firefox.background.service_worker, undefined);
  assert.deepEqual(firefox.browser_specific_settings.gecko.data_collection_permissions, { required: ["none"] });
});
