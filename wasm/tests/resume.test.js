// Uploads that are cut off, whose blocks the storage loses, or that are not what the storage has at the end.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { startSimulator } from "./lib/simulator.js";
import { coded, entry, utf8, zkvault } from "./lib/zkvault.js";

const { Vault, download, pushSnapshot, upload } = zkvault;
const { startWorker } = await entry("worker");
const KEY = crypto.getRandomValues(new Uint8Array(32));
const vault = Vault.fromKeys([KEY]);
const BLOCK = 8 * 2 ** 20;
/** Four blocks; with the one in front five parts. */
const LENGTH = 3 * BLOCK + 5;

/** Bytes in which no two places look alike. */
function content(length, seed = 2654435761) {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at += 1) words[at] = Math.imul(at, seed);
  return new Uint8Array(words.buffer, 0, length);
}

const stream = (bytes) => new Blob([bytes]).stream();
const bytesOf = async (blob) => Buffer.from(await blob.arrayBuffer());

/** What is asked of the storage from now on, by kind. `act` may answer in its place, with a `Response`. */
function watch(t, act = () => undefined) {
  const [real, seen] = [globalThis.fetch, []];
  globalThis.fetch = async (url, init) => {
    const [{ searchParams }, method] = [new URL(url), init?.method ?? "GET"];
    const kind = `${method} ${searchParams.get("comp") ?? ""}`.trim();
    seen.push(kind);
    return (await act({ kind, url, nth: seen.filter((other) => other === kind).length, signal: init?.signal })) ?? real(url, init);
  };
  t.after(() => (globalThis.fetch = real));
  return { count: (kind) => seen.filter((other) => other === kind).length, off: () => (globalThis.fetch = real) };
}

const PUT_BLOCK = "PUT block";
const COMMIT = "PUT blocklist";
const TAKEN = () => new Response(null, { status: 201, headers: { etag: '"0x1"', "x-ms-version": "2025-11-05" } });

/** Uploads until so many blocks are there, and gives the token. */
async function cutOff(t, sas, bytes, { blocks = 3, ...options } = {}) {
  const control = new AbortController();
  let token;
  const { off } = watch(t, ({ kind, nth, signal }) => {
    if (kind !== PUT_BLOCK || nth <= blocks) return undefined;
    setTimeout(() => control.abort(), 200); // those under way get there
    // As a real request: while it waits its timer keeps the process alive.
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  });
  const cut = upload(sas, bytes, { vault, name: "f", onResumable: (given) => { token = given; }, signal: control.signal, ...options });
  await assert.rejects(cut, coded("aborted"));
  off();
  assert.ok(token instanceof Uint8Array);
  return token;
}

test("an upload whose worker was killed sends only what is missing", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const worker = startWorker();
  const there = await worker.fromKeys([KEY]);
  let token;
  const killed = there.upload(ZKV_SAS, new Blob([bytes]), {
    name: "f",
    onResumable: (given) => { token = given; },
    onProgress: ({ done }) => done >= BLOCK && worker.terminate(),
  });
  await assert.rejects(killed, coded("terminated"));
  await assert.rejects(download(ZKV_SAS, "f", { vault }), coded("not-found"));

  const seen = watch(t);
  const progress = [];
  const { resumedBlocks, size } = await upload(ZKV_SAS, new Blob([bytes]), { vault, name: "f", resume: token, onProgress: ({ done }) => progress.push(done) });
  assert.ok(resumedBlocks >= 2, `${resumedBlocks}`);
  assert.equal(seen.count(PUT_BLOCK), 5 - resumedBlocks);
  assert.deepEqual([size, progress.at(-1)], [LENGTH, LENGTH]);
  seen.off();
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(bytes));
  const work = new Workplace(t, KEY);
  work.succeed(["repo", "download", "f", "--to", ".", "--key-file", work.keyFile], { env: { ZKV_SAS } });
  assert.ok(fs.readFileSync(work.path("f")).equals(bytes));
});

test("a worker resumes, also from a stream", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const token = await cutOff(t, ZKV_SAS, stream(bytes));
  const worker = startWorker();
  t.after(() => worker.terminate());
  const there = await worker.fromKeys([KEY]);
  const { resumedBlocks } = await there.upload(ZKV_SAS, stream(bytes), { name: "f", resume: token });
  assert.equal(resumedBlocks, 3);
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(bytes));
});

test("blocks of a content that changed are sent again", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const token = await cutOff(t, ZKV_SAS, bytes);
  for (let block = 0; block < 4; block += 1) bytes[block * BLOCK] ^= 1;
  const { resumedBlocks } = await upload(ZKV_SAS, bytes, { vault, name: "f", resume: token });
  assert.equal(resumedBlocks, 1, "the one in front");
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(bytes));
});

test("a token of something else begins anew, and one that is none is refused", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const token = await cutOff(t, ZKV_SAS, bytes);
  const other = Vault.fromKeys([new Uint8Array(32).fill(1)]);
  for (const [what, given, options] of [
    ["another length", content(LENGTH + 1), {}],
    ["another name", bytes, { name: "g" }],
    ["another time", bytes, { name: "h", modified: new Date() }],
    ["another key", bytes, { vault: other }],
  ]) {
    let fresh;
    const stored = await upload(ZKV_SAS, given, { vault, name: "f", overwrite: true, resume: token, onResumable: (made) => { fresh = made; }, ...options });
    assert.equal(stored.resumedBlocks, 0, what);
    assert.ok(fresh && !Buffer.from(fresh).equals(token), what);
  }
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "k", resume: new Uint8Array(100) }), coded("file"));
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "k", resume: token.subarray(0, 50) }), coded("file"));
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "k", resume: "token" }), coded("argument"));
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "k", onResumable: 1 }), coded("argument"));
});

test("an upload waits until the token is saved, and a small one has none", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const seen = watch(t);
  await upload(ZKV_SAS, content(5), { vault, name: "small", onResumable: () => assert.fail("one block") });
  const full = new Error("the disk is full");
  const failed = upload(ZKV_SAS, content(LENGTH), { vault, name: "f", onResumable: () => Promise.reject(full) });
  await assert.rejects(failed, full);
  assert.equal(seen.count(PUT_BLOCK), 0);
});

test("an upload whose end was not seen is found to be done", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  let token;
  await upload(ZKV_SAS, bytes, { vault, name: "f", onResumable: (given) => { token = given; } });
  const seen = watch(t);
  assert.equal((await upload(ZKV_SAS, bytes, { vault, name: "f", resume: token })).resumedBlocks, 5);
  assert.deepEqual([seen.count(PUT_BLOCK), seen.count(COMMIT)], [0, 0]);
  seen.off();
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "f" }), coded("conflict"));
  // The same name and length with another content is not this file.
  const other = content(LENGTH, 40503);
  await assert.rejects(upload(ZKV_SAS, other, { vault, name: "f", resume: token }), coded("conflict"));
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(bytes));
  await upload(ZKV_SAS, other, { vault, name: "f", resume: token, overwrite: true });
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(other));
});

test("a block that the storage lost before the commit is sent again", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const seen = watch(t, ({ kind, nth }) => (kind === PUT_BLOCK && nth === 2 ? TAKEN() : undefined));
  const progress = [];
  await upload(ZKV_SAS, new Blob([bytes]), { vault, name: "f", onProgress: ({ done }) => progress.push(done) });
  assert.deepEqual([seen.count(PUT_BLOCK), seen.count(COMMIT)], [6, 2]);
  assert.deepEqual([progress.length, progress.at(-1)], [4, LENGTH], "nothing counts twice");
  seen.off();
  assert.ok((await bytesOf(await download(ZKV_SAS, "f", { vault }))).equals(bytes));
  // A stream cannot be read again.
  const again = watch(t, ({ kind, nth }) => (kind === PUT_BLOCK && nth === 2 ? TAKEN() : undefined));
  await assert.rejects(upload(ZKV_SAS, stream(bytes), { vault, name: "s" }), coded("blocks-lost"));
  assert.equal(again.count(COMMIT), 1);
});

test("a storage that loses blocks forever is given up", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const seen = watch(t, ({ kind, url }) => (kind === PUT_BLOCK && !url.includes("AAAAAA") ? TAKEN() : undefined));
  await assert.rejects(upload(ZKV_SAS, content(LENGTH), { vault, name: "f" }), coded("blocks-lost"));
  assert.equal(seen.count(COMMIT), 3);
});

test("what was committed is compared with what was sent", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const bytes = content(LENGTH);
  const listOf = async (url, change) => {
    const real = await fetch(url);
    return new Response(change(await real.text()), { headers: real.headers });
  };
  const isCommitted = (url) => url.includes("blocklisttype=committed");
  const drop = (text) => text.replace(/<Block>(?:(?!<\/Block>).)*<\/Block>(?!.*<Block>)/s, "");
  let inside = false;
  const lying = watch(t, async ({ kind, url }) => {
    if (inside || kind !== "GET blocklist" || !isCommitted(url)) return undefined;
    inside = true;
    return listOf(url, drop).finally(() => (inside = false));
  });
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "f" }), coded("incomplete"));
  lying.off();
  // Another device replaces it between the commit and the look.
  const raced = watch(t, async ({ kind, nth }) => {
    if (inside || kind !== "HEAD" || nth !== 2) return undefined;
    inside = true;
    raced.off();
    await upload(ZKV_SAS, content(5), { vault, name: "f", overwrite: true });
    return undefined;
  });
  await assert.rejects(upload(ZKV_SAS, bytes, { vault, name: "f", overwrite: true }), coded("conflict"));
});

test("a backup of several blocks is looked at too", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const note = () => Buffer.concat(Array.from({ length: 12 }, () => crypto.getRandomValues(new Uint8Array(2 ** 16)))).toString("base64");
  const sites = JSON.stringify({ sites: Array.from({ length: 12 }, (_, at) => ({ id: at + 1, name: `${at}`, note: note() })) });
  const seen = watch(t);
  const own = Vault.create(utf8("correct horse battery staple"), { memoryKib: 19456, iterations: 2, lanes: 1 });
  const { size } = await pushSnapshot(ZKV_SAS, { vault: own, host: "a.test", sites, keyring: false });
  assert.ok(size > BLOCK, `${size}`);
  assert.deepEqual([seen.count(PUT_BLOCK), seen.count("GET blocklist")], [3, 1]);
});
