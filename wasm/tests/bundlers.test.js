// The table of the README: what each bundler makes of the package, in Chromium and in Node.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { POLICY, openAddress, openPage } from "./lib/browser.js";
import { CONSUMER, INSTALLED, ROOT } from "./lib/paths.js";
import { EXAMPLE, EXAMPLE_KEY, zkvault } from "./lib/zkvault.js";

const BUNDLERS = path.join(ROOT, "wasm", "bundlers", "node_modules");
const tool = createRequire(path.join(BUNDLERS, "..", "package.json"));
const vite = (folder) => import(pathToFileURL(path.join(folder, "dist", "node", "index.js")));
const VITES = Object.fromEntries([5, 6, 7].map((version) => [version, path.join(BUNDLERS, `vite${version}`)]));
VITES[8] = path.join(ROOT, "wasm", "tools", "node_modules", "vite");

const expected = () => zkvault.Vault.fromKeys([EXAMPLE_KEY]).decryptDocument(EXAMPLE);
const HERE = `
  import { init, Vault } from "zkvault";
  import * as values from "zkvault/values";
  globalThis.here = async (example, key) => {
    await init();
    return Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example);
  };
  globalThis.small = async (example, key) => {
    await values.init();
    return values.Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example);
  };
`;
const THERE = `
  import { startWorker } from "zkvault/worker";
  globalThis.there = async (example, key, thread) => {
    const worker = startWorker(thread);
    const opened = await (await worker.fromKeys([Uint8Array.from(key)])).decryptDocument(example);
    worker.terminate();
    return opened;
  };
`;
const PROGRAM = `
  import * as zkvault from "zkvault";
  import * as values from "zkvault/values";
  const opened = async ({ init, Vault }) => {
    await init();
    return Vault.fromKeys([Buffer.from("${Buffer.from(EXAMPLE_KEY).toString("hex")}", "hex")]).decryptDocument(${JSON.stringify(EXAMPLE)});
  };
  Promise.all([zkvault, values].map(opened)).then((all) => console.log(JSON.stringify(all)));
`;

/** A bundle that drops what it should keep waits for ever. */
const limit = { timeout: 120_000 };

/** A project beside the installed package, with these files. */
function project(name, files) {
  const root = path.join(CONSUMER, name);
  fs.rmSync(root, { recursive: true, force: true });
  fs.mkdirSync(root, { recursive: true });
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(root, file), text);
  return root;
}

const page = (script) => `<!doctype html><title>page</title><script type="module" src="${script}"></script>\n`;

/** What the page's own functions give. */
async function opened(shown, name, thread) {
  await shown.waitForFunction((wanted) => globalThis[wanted], name);
  return shown.evaluate(([wanted, ...given]) => globalThis[wanted](...given), [name, EXAMPLE, [...EXAMPLE_KEY], thread]);
}

for (const [version, folder] of Object.entries(VITES)) {
  test(`Vite ${version}, dev server: without configuration, and with the plugin in workers too`, limit, async (t) => {
    const { createServer } = await vite(folder);
    const root = project(`vite${version}-dev`, { "index.html": page("./main.js"), "main.js": HERE });
    const serve = async (plugins) => {
      const server = await createServer({ root, configFile: false, logLevel: "silent", plugins, server: { port: 0, host: "127.0.0.1", hmr: false } });
      t.after(() => server.close());
      await server.listen();
      return `http://127.0.0.1:${server.httpServer.address().port}/`;
    };
    const bare = await openAddress(t, await serve([]));
    assert.deepEqual([await opened(bare, "here"), await opened(bare, "small")], [expected(), expected()]);
    fs.writeFileSync(path.join(root, "main.js"), HERE + THERE);
    const { default: plugin } = await import(pathToFileURL(path.join(INSTALLED, "vite.js")));
    const shown = await openAddress(t, await serve([plugin()]));
    assert.deepEqual([await opened(shown, "here"), await opened(shown, "small"), await opened(shown, "there")], [expected(), expected(), expected()]);
  });

  test(`Vite ${version}, build: without configuration, in workers too`, limit, async (t) => {
    const { build } = await vite(folder);
    const root = project(`vite${version}-build`, { "index.html": page("./main.js"), "main.js": HERE + THERE });
    await build({ root, configFile: false, logLevel: "silent" });
    const shown = await openPage(t, { "/": path.join(root, "dist") }, "/");
    assert.deepEqual([await opened(shown, "here"), await opened(shown, "small"), await opened(shown, "there")], [expected(), expected(), expected()]);
    assert.deepEqual(shown.complaints, []);
  });
}

test("webpack 5: without configuration, in workers too", limit, async (t) => {
  const root = project("webpack", { "main.js": HERE + THERE });
  const compiler = tool("webpack")({ mode: "production", context: root, entry: "./main.js", output: { path: path.join(root, "dist"), publicPath: "/" } });
  const stats = await new Promise((resolve, reject) => compiler.run((error, result) => (error ? reject(error) : resolve(result))));
  await new Promise((resolve) => compiler.close(resolve));
  assert.equal(stats.hasErrors(), false, stats.toString());
  fs.writeFileSync(path.join(root, "dist", "index.html"), page("./main.js"));
  const shown = await openPage(t, { "/": path.join(root, "dist") }, "/");
  assert.deepEqual([await opened(shown, "here"), await opened(shown, "small"), await opened(shown, "there")], [expected(), expected(), expected()]);
  assert.deepEqual(shown.complaints, []);
});

test("esbuild, for pages: without configuration, with a worker that is an entry of its own", limit, async (t) => {
  const root = project("esbuild", { "main.js": HERE + THERE, "thread.js": 'import "zkvault/worker-thread";\n' });
  await tool("esbuild").build({
    absWorkingDir: root, entryPoints: ["main.js", "thread.js"], bundle: true, splitting: true, format: "esm", outdir: "dist", target: "es2022", logLevel: "error",
  });
  // The worker's modules are files beside it.
  for (const name of ["zkvault.wasm", "zkvault-client.wasm"]) fs.copyFileSync(path.join(INSTALLED, name), path.join(root, "dist", name));
  fs.writeFileSync(path.join(root, "dist", "index.html"), page("./main.js"));
  const shown = await openPage(t, { "/": path.join(root, "dist") }, "/");
  assert.deepEqual(await opened(shown, "there", "/thread.js"), expected());
  for (const name of ["zkvault.wasm", "zkvault-client.wasm"]) fs.rmSync(path.join(root, "dist", name));
  assert.deepEqual([await opened(shown, "here"), await opened(shown, "small")], [expected(), expected()]);
});

for (const [format, extension] of [["esm", "mjs"], ["cjs", "cjs"]]) {
  test(`esbuild, for Node as ${format}: one file without configuration`, limit, async () => {
    const root = project(`esbuild-${format}`, { "main.js": PROGRAM });
    const outfile = path.join(root, "alone", `main.${extension}`);
    await tool("esbuild").build({ absWorkingDir: root, entryPoints: ["main.js"], bundle: true, platform: "node", format, outfile, logLevel: "error", logOverride: { "empty-import-meta": "silent" } });
    assert.deepEqual(fs.readdirSync(path.dirname(outfile)), [`main.${extension}`]);
    assert.deepEqual(JSON.parse(execFileSync(process.execPath, [outfile], { encoding: "utf8" })), [expected(), expected()]);
  });
}

for (const [name, bundle, module] of [["here", "bundle.js", "zkvault.wasm"], ["small", "values-bundle.js", "zkvault-values.wasm"]]) {
  test(`no bundler: ${bundle} and its module`, limit, async (t) => {
    const program = `
      import { init, Vault } from "./${bundle}";
      globalThis.${name} = async (example, key) => (await init(), Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example));
    `;
    const root = project("bundle", { "index.html": page("./main.js"), "main.js": program });
    for (const file of [bundle, module]) fs.copyFileSync(path.join(INSTALLED, file), path.join(root, file));
    const shown = await openPage(t, { "/": root }, "/", POLICY);
    const asked = [];
    shown.on("request", (request) => asked.push(path.basename(request.url())));
    assert.deepEqual(await opened(shown, name), expected());
    assert.deepEqual(asked, [module]);
  });
}
