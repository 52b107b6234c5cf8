// The worker entry, and the entry with the module inside.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import test from "node:test";

import { CONSUMER, INSTALLED } from "./lib/paths.js";
import { EXAMPLE, EXAMPLE_KEY, coded, entry, namesOf, utf8, zkvault } from "./lib/zkvault.js";

const { startWorker } = await entry("worker");
const CHEAP = { memoryKib: 19456, iterations: 2, lanes: 1, allowWeakPassphrase: true };

test("a vault in a worker gives what a vault gives", async (t) => {
  const worker = startWorker();
  t.after(() => worker.terminate());
  const [here, there] = [zkvault.Vault.fromKeys([EXAMPLE_KEY]), await worker.fromKeys([EXAMPLE_KEY])];
  assert.deepEqual(await there.decryptDocument(EXAMPLE), here.decryptDocument(EXAMPLE));
  assert.deepEqual(await there.decryptDocument(JSON.parse(EXAMPLE)), here.decryptDocument(JSON.parse(EXAMPLE)));
  assert.deepEqual(await there.keys(), here.keys());
  const sealed = await there.encryptValue("secret", { siteId: 2n ** 60n, type: "t", name: "n" });
  assert.equal(here.decryptValue(sealed, { siteId: 2n ** 60n, type: "t", name: "n" }), "secret");
  await assert.rejects(there.decryptValue(sealed), coded("no-context"));
  await assert.rejects(there.importKey(EXAMPLE_KEY), coded("no-keyring"));
});

test("every method of a vault but the synchronous ones is there", async (t) => {
  const worker = startWorker();
  t.after(() => worker.terminate());
  const apart = ["free", "encryptFile", "decryptFile", "upload", "download", "listFiles", "pushSnapshot", "listSnapshots", "restoreSnapshot"];
  const names = (Class) => namesOf(Class).filter((name) => !apart.includes(name));
  const remote = await worker.fromKeys([EXAMPLE_KEY]);
  assert.deepEqual(names(remote.constructor), names(zkvault.Vault));
});

test("a keyring is created and unlocked while this thread continues", async (t) => {
  const worker = startWorker();
  t.after(() => worker.terminate());
  const passphrase = utf8("correct horse");
  await worker.fromKeys([EXAMPLE_KEY]); // loads the module
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 1);
  const made = await worker.create(passphrase, { ...CHEAP, iterations: 20 });
  clearInterval(ticking);
  assert.ok(ticks > 5, `${ticks} ticks`);
  assert.deepEqual(passphrase, utf8("correct horse"), "the caller's own bytes are left alone");
  const file = await made.toKeyring();
  assert.deepEqual(zkvault.Vault.unlock(file, passphrase).keys(), await made.keys());
  await assert.rejects(worker.unlock(file, utf8("wrong")), coded("wrong-passphrase"));
});

test("locked and terminated are told", async () => {
  const worker = startWorker();
  const [one, two] = [await worker.fromKeys([EXAMPLE_KEY]), await worker.fromKeys([EXAMPLE_KEY])];
  await one.lock();
  await one.lock();
  assert.equal(one.locked, true);
  await assert.rejects(one.keys(), coded("locked"));
  assert.equal((await two.keys()).length, 1, "the other vault is not touched");
  const waiting = worker.create(utf8("correct horse"), CHEAP);
  worker.terminate();
  await assert.rejects(waiting, coded("terminated"));
  await assert.rejects(two.keys(), coded("terminated"));
});

test("the inline entry is the same instance, and loads without a file", async () => {
  const inline = await entry("inline");
  assert.equal(inline.Vault, zkvault.Vault);
  const program = 'import { initSync, inspect } from "zkvault/inline"; initSync(); console.log(inspect("AQ3boR7zTHRW7LjBAf3LNb4lbV75H2o3x6lRqu3vlBGW6/2Ds2x3xoxR2duINEPPB4s=").keyId)';
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: CONSUMER, encoding: "utf8" });
  assert.equal(stdout.trim(), "0ddba11e", stderr);
});

/** Runs a program that has loaded nothing yet. */
function fresh(body) {
  const program = `import * as web from ${JSON.stringify(path.join(INSTALLED, "index.web.js"))};\nimport * as node from "zkvault";\nimport fs from "node:fs";\nconst file = ${JSON.stringify(path.join(INSTALLED, "zkvault.wasm"))};\n${body}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: CONSUMER, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test("before init there is a clear word, and init may be called again and again", () => {
  assert.equal(fresh('try { node.Vault.fromKeys([new Uint8Array(32)]) } catch (error) { console.log(error.code) }'), "not-initialised");
  assert.equal(fresh("await Promise.all([node.init(), node.init()]); await node.init(); node.initSync(); console.log(node.generatePassword().text.length)"), "20");
});

test("the web entry takes bytes, a module, a response and a URL", () => {
  const server = `import http from "node:http"; const server = http.createServer((request, response) => { if (request.url === "/none") response.statusCode = 404; else if (request.url === "/typed") response.setHeader("content-type", "application/wasm"); response.end(fs.readFileSync(file)); }); await new Promise((done) => server.listen(0, "127.0.0.1", done)); const at = "http://127.0.0.1:" + server.address().port;`;
  const works = "console.log(web.generatePassword().text.length);";
  for (const source of ["fs.readFileSync(file)", "new WebAssembly.Module(fs.readFileSync(file))", 'at + "/typed"', 'new URL(at + "/untyped")', 'fetch(at + "/typed")', 'fetch(at + "/untyped")']) {
    assert.equal(fresh(`${server} await web.init(${source}); ${works} server.close();`), "20", source);
  }
  assert.equal(fresh(`${server} await web.init(at + "/none").catch((error) => console.log(error.code)); server.close();`), "module");
  assert.equal(fresh(`web.initSync(fs.readFileSync(file)); ${works}`), "20");
  assert.equal(fresh("try { web.initSync() } catch (error) { console.log(error.code) }"), "argument");
});

test("the clients' module is fetched when a client is first wanted, and can be tried again", () => {
  const seen = fresh(`
    import http from "node:http";
    const asked = []; let there = false;
    const server = http.createServer((request, response) => {
      asked.push(request.url);
      if (request.url === "/client" && !there) response.statusCode = 404;
      response.end(request.url === "/vault" ? fs.readFileSync(file) : fs.readFileSync(file.replace("zkvault.wasm", "zkvault-client.wasm")));
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const at = "http://127.0.0.1:" + server.address().port;
    const connect = () => web.LogMeOnce.connect({ url: "http://127.0.0.1:1", apiKey: "key", secret: new Uint8Array([65]), signal: AbortSignal.timeout(500) }).catch(({ code }) => (["aborted", "network"].includes(code) ? "asked" : code)); // nobody listens: it depends on the pauses between its tries which comes first
    const codes = [await connect()];
    await web.init(at + "/vault", at + "/client");
    web.generatePassword();
    codes.push(asked.join(), await connect());
    there = true;
    codes.push(await connect(), await connect(), asked.join());
    console.log(codes.join(" ")); server.close();`);
  assert.equal(seen, "not-initialised /vault module asked asked /vault,/client,/client");
});

test("a failed load can be tried again", () => {
  assert.equal(fresh('await web.init(new Uint8Array(8)).catch((error) => console.log(error.name, error.code, error.cause.name)); await web.init(fs.readFileSync(file)); console.log("loaded")'), "ZkvError module CompileError\nloaded");
});

test("the clients' module that fails inside does not take the vault along", () => {
  const bindings = JSON.stringify(path.join(INSTALLED, "client-bindings.js"));
  const seen = fresh(`
    const bindings = await import(${bindings});
    await node.init();
    const vault = node.Vault.fromKeys([new Uint8Array(32)]);
    await node.listFiles("https://a.example/container?sig=x", { vault, signal: AbortSignal.abort() }).catch(() => {});
    bindings.Container.prototype.list = () => { throw new WebAssembly.RuntimeError("unreachable"); };
    const list = () => node.listFiles("https://a.example/container?sig=x", { vault }).catch((error) => error.code);
    console.log([await list(), await list(), vault.decryptValue(vault.encryptValue("open", undefined, { layout: "vendor" }))].join(" "));`);
  assert.equal(seen, "internal internal open");
});

test("a module that fails inside is wiped and refuses everything", async () => {
  const program = `
    import { init, Vault } from "zkvault";
    import * as bindings from ${JSON.stringify(path.join(INSTALLED, "vault-bindings.js"))};
    await init();
    const key = crypto.getRandomValues(new Uint8Array(32));
    const vault = Vault.fromKeys([key]);
    const { memory } = bindings.initSync();
    console.log(Buffer.from(memory.buffer).includes(key));
    bindings.Vault.prototype.keys = () => { throw new WebAssembly.RuntimeError("unreachable"); };
    for (const call of [() => vault.keys(), () => vault.identity(), () => Vault.fromKeys([new Uint8Array(32)])]) {
      try { call(); } catch (error) { console.log(error.code); }
    }
    console.log(Buffer.from(memory.buffer).includes(key));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: CONSUMER, encoding: "utf8" });
  assert.deepEqual(stdout.trim().split("\n"), ["true", "internal", "internal", "internal", "false"], stderr);
});
