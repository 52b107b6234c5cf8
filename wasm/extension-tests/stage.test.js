// What is uploaded to the stores: the same bytes from the same sources, whenever and wherever they are put together.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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
  return { zip: fs.readFileSync(`${made}.zip`), manifest: JSON.parse(fs.readFileSync(path.join(made, "manifest.json"), "utf8")) };
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
