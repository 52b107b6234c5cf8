// The installed package in Chromium: in bare pages, and in its worker.

import assert from "node:assert/strict";
import test from "node:test";

import { POLICY, openPage } from "./lib/browser.js";
import { INSTALLED } from "./lib/paths.js";
import { startSimulator } from "./lib/simulator.js";
import { EXAMPLE, EXAMPLE_KEY, zkvault } from "./lib/zkvault.js";

const PACKAGE = { "/zkvault/": INSTALLED };
const expected = () => zkvault.Vault.fromKeys([EXAMPLE_KEY]).decryptDocument(EXAMPLE);

test("a bare page opens a document, and its worker the same one", async (t) => {
  const page = await openPage(t, PACKAGE);
  const [here, inWorker, inlined] = await page.evaluate(async ([example, key]) => {
    const { init, Vault } = await import("/zkvault/index.web.js");
    await init();
    const { startWorker } = await import("/zkvault/worker.web.js");
    const worker = startWorker();
    const vault = await worker.fromKeys([Uint8Array.from(key)]);
    const inline = await import("/zkvault/index.inline.js");
    inline.initSync();
    const results = [
      Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example),
      await vault.decryptDocument(example),
      inline.Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example),
    ];
    worker.terminate();
    return results;
  }, [EXAMPLE, [...EXAMPLE_KEY]]);
  assert.deepEqual([here, inWorker, inlined], [expected(), expected(), expected()]);
  assert.deepEqual(page.complaints, []);
});

test("a page lists an account, pins it, and moves files", async (t) => {
  const settings = await startSimulator(t, "--cors");
  const page = await openPage(t, PACKAGE);
  const seen = await page.evaluate(async ({ key, ...settings }) => {
    const { init, LogMeOnce, Vault, download, listFiles, upload } = await import("/zkvault/index.web.js");
    await init();
    const secret = new TextEncoder().encode(settings.ZKV_LOGMEONCE_SECRET);
    const client = await LogMeOnce.connect({ url: settings.ZKV_LOGMEONCE_URL, apiKey: settings.ZKV_LOGMEONCE_KEY, secret });
    const { document: sites } = await client.sites();
    const vault = Vault.fromKeys([Uint8Array.from(Object.values(key))]);
    const trust = vault.trust(null, { host: client.host, firstUse: true });
    const verdicts = trust.assess(sites).map(({ verdict }) => verdict);
    const content = new Uint8Array(9 * 2 ** 20).map((_, at) => at % 251);
    const sas = settings.ZKV_SAS;
    await upload(sas, new Blob([content]), { vault, name: "a/b.bin" });
    const back = new Uint8Array(await (await download(sas, "a/b.bin", { vault })).arrayBuffer());
    const { startWorker } = await import("/zkvault/worker.web.js");
    const worker = startWorker();
    const remote = await worker.fromKeys([Uint8Array.from(Object.values(key))]);
    const stream = new Blob([content]).stream();
    const stored = await remote.upload(sas, stream, { name: "c.bin" });
    worker.terminate();
    const same = back.length === content.length && back.every((byte, at) => byte === content[at]);
    return { sites: JSON.parse(sites).sites.length, verdicts, same, stored: stored.size, files: (await listFiles(sas, { vault })).map(({ name }) => name) };
  }, { ...settings, key: [...settings.key] });
  assert.ok(seen.sites > 3 && seen.verdicts.length === seen.sites && seen.verdicts.every((verdict) => verdict === "new"));
  assert.deepEqual([seen.same, seen.stored, seen.files], [true, 9 * 2 ** 20, ["a/b.bin", "c.bin"]]);
  assert.deepEqual(page.complaints, []);
});

test("a page makes a backup, which a fresh worker restores from the passphrase", async (t) => {
  const settings = await startSimulator(t, "--cors");
  const page = await openPage(t, PACKAGE);
  const seen = await page.evaluate(async (sas) => {
    const { init, Vault, listSnapshots, pushSnapshot, restoreSnapshot } = await import("/zkvault/index.web.js");
    await init();
    const passphrase = new TextEncoder().encode("correct horse battery staple");
    const vault = Vault.create(passphrase, { memoryKib: 19456, iterations: 2, lanes: 1 });
    const pushed = await pushSnapshot(sas, { vault, host: "acme.example", sites: '[{"id":7,"name":"a"}]' });
    const { startWorker } = await import("/zkvault/worker.web.js");
    const worker = startWorker();
    const fresh = await worker.unlockSnapshot(sas, passphrase);
    const { sites, head } = await fresh.restoreSnapshot(sas, { expect: pushed.head });
    worker.terminate();
    // One byte follows the gzip member: the host itself refuses that.
    const { compress, decompress } = await import("/zkvault/gzip.js");
    const member = await compress(new Uint8Array(9));
    const codes = [[member, new Uint8Array(1)], [member.subarray(1)], [await compress(new Uint8Array(1001))]].map((pieces) =>
      decompress(pieces, 1000).then(() => "", ({ code }) => code));
    const { gap } = await listSnapshots(sas, { vault, known: head });
    return { sites, gap, same: head === pushed.head, there: (await restoreSnapshot(sas, { vault })).host, codes: await Promise.all(codes) };
  }, settings.ZKV_SAS);
  const codes = ["backup-not-opened", "backup-not-opened", "too-large"];
  assert.deepEqual(seen, { sites: '{"sites":[{"id":7,"name":"a"}]}', gap: false, same: true, there: "acme.example", codes });
  assert.deepEqual(page.complaints, []);
});

test("a redirect, and a service that does not let the page ask, are told apart", async (t) => {
  const closed = await startSimulator(t);
  const page = await openPage(t, PACKAGE);
  const code = await page.evaluate(async (url) => {
    const { init, LogMeOnce } = await import("/zkvault/index.web.js");
    await init();
    const signal = AbortSignal.timeout(20_000);
    return LogMeOnce.connect({ url, apiKey: "k", secret: new Uint8Array(8).fill(65), signal }).then(() => "", (error) => `${error.code}: ${error.message}`);
  }, closed.ZKV_LOGMEONCE_URL);
  assert.match(code, /^network: .*\(CORS\)/);
});

test("a page that demands trusted types opens documents, and passes its worker a trusted address", async (t) => {
  const page = await openPage(t, PACKAGE, "/empty", `${POLICY}; require-trusted-types-for 'script'; trusted-types page`);
  const [refused, bundled, inWorker] = await page.evaluate(async ([example, key]) => {
    const { init, Vault } = await import("/zkvault/bundle.js");
    await init();
    const bundled = Vault.fromKeys([Uint8Array.from(key)]).decryptDocument(example);
    const { startWorker } = await import("/zkvault/worker.web.js");
    let refused;
    try {
      startWorker();
    } catch (error) {
      refused = error.code;
    }
    const policy = trustedTypes.createPolicy("page", { createScriptURL: (address) => address });
    const address = policy.createScriptURL("/zkvault/worker-thread.web.js");
    const results = [];
    for (const given of [address, new Worker(address, { type: "module" })]) {
      const worker = startWorker(given);
      results.push(await (await worker.fromKeys([Uint8Array.from(key)])).decryptDocument(example));
      worker.terminate();
    }
    return [refused, bundled, results];
  }, [EXAMPLE, [...EXAMPLE_KEY]]);
  assert.deepEqual([refused, bundled, inWorker], ["worker", expected(), [expected(), expected()]]);
  // The one complaint is the browser's own, of the worker that had no trusted address.
  assert.equal(page.complaints.filter((complaint) => !/TrustedScriptURL/.test(complaint)).length, 0, page.complaints.join());
});

test("what keeps a module from being loaded is told by a ZkvError", async (t) => {
  const page = await openPage(t, PACKAGE, "/empty", POLICY.replace(" 'wasm-unsafe-eval'", ""));
  const told = await page.evaluate(async () => {
    const { init, initSync, ZkvError } = await import("/zkvault/index.web.js");
    const outcome = (given) => init(given).then(() => "loaded", (error) => `${error instanceof ZkvError} ${error.code}`);
    const outcomes = [await outcome(undefined), await outcome("/zkvault/nothing.wasm"), await outcome(7), await outcome("http://127.0.0.1:1/")];
    for (const given of [new Uint8Array(8), undefined, {}]) {
      try {
        initSync(given);
      } catch (error) {
        outcomes.push(`${error instanceof ZkvError} ${error.code}`);
      }
    }
    return outcomes;
  });
  assert.deepEqual(told, ["true module", "true module", "true argument", "true module", "true module", "true argument", "true module"]);
});
