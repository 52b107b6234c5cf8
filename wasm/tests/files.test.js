// Files in a repository: the same bytes and names as those of `zkv repo`, in both directions.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { startSimulator } from "./lib/simulator.js";
import { coded, entry, zkvault } from "./lib/zkvault.js";

const { Vault, download, downloadStream, listFiles, upload } = zkvault;
const { startWorker } = await entry("worker");
const KEY = crypto.getRandomValues(new Uint8Array(32));
const vault = Vault.fromKeys([KEY]);
const BLOCK = 8 * 2 ** 20;

/** Bytes in which no two places look alike. */
function content(length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at += 1) words[at] = Math.imul(at, 2654435761);
  return new Uint8Array(words.buffer, 0, length);
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
const pieces = (bytes, length) => new ReadableStream({
  start(controller) {
    for (let at = 0; at < bytes.length; at += length) controller.enqueue(bytes.subarray(at, at + length));
    controller.close();
  },
});

test("what is uploaded here, zkv lists and downloads", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const work = new Workplace(t, KEY);
  const env = { ZKV_SAS };
  const large = content(BLOCK + 3);
  const stored = await upload(ZKV_SAS, new File([large], "x", { lastModified: 1_700_000_000_000 }), { vault, name: "Größe/large.bin" });
  assert.deepEqual([stored.name, stored.size, stored.modified], ["Größe/large.bin", large.length, 1_700_000_000]);
  await upload(ZKV_SAS, new Uint8Array(), { vault, name: "empty" });
  const listed = JSON.parse(work.succeed(["repo", "ls", "--key-file", work.keyFile, "--json"], { env }).text);
  assert.deepEqual(listed.map(({ name, size, blob }) => [name, size, blob]).sort(), [["Größe/large.bin", large.length, stored.blob], ["empty", 0, listed.find(({ name }) => name === "empty").blob]].sort());
  work.succeed(["repo", "download", "Größe/large.bin", "empty", "--to", ".", "--key-file", work.keyFile], { env });
  assert.ok(Buffer.from(work.read("Größe/large.bin")).equals(large));
  assert.equal(work.read("empty").length, 0);
});

test("what zkv uploads, opens here", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const work = new Workplace(t, KEY);
  for (const length of [0, 5, BLOCK, 2 * BLOCK + 16_384]) {
    const bytes = content(length);
    fs.writeFileSync(work.path("file"), bytes);
    work.succeed(["repo", "upload", "file", "--name", `f${length}`, "--key-file", work.keyFile], { env: { ZKV_SAS } });
    const seen = [];
    const blob = await download(ZKV_SAS, `f${length}`, { vault, onProgress: (progress) => seen.push(progress) });
    assert.ok(Buffer.from(await bytesOf(blob)).equals(bytes), `${length}`);
    assert.deepEqual(seen.at(-1), { done: length, total: length });
  }
  assert.deepEqual((await listFiles(ZKV_SAS, { vault })).map(({ size }) => size), [0, 2 * BLOCK + 16_384, 5, BLOCK].sort((a, b) => `f${a}`.localeCompare(`f${b}`)));
  assert.deepEqual(await listFiles(ZKV_SAS, { vault: Vault.fromKeys([new Uint8Array(32)]) }), []);
});

test("streams of unknown length, at every edge", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  for (const length of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK]) {
    const bytes = content(length);
    const stored = await upload(ZKV_SAS, pieces(bytes, 1_000_003), { vault, name: "stream", overwrite: true });
    assert.equal(stored.size, length);
    const { size, stream } = await downloadStream(ZKV_SAS, "stream", { vault });
    assert.equal(size, length);
    const parts = [];
    for await (const part of stream) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(bytes), `${length}`);
  }
});

test("a name is taken, unknown, or none; an address is none", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  await upload(ZKV_SAS, content(5), { vault, name: "a" });
  await assert.rejects(upload(ZKV_SAS, content(6), { vault, name: "a" }), coded("conflict"));
  await upload(ZKV_SAS, content(6), { vault, name: "a", overwrite: true });
  assert.equal((await download(ZKV_SAS, "a", { vault })).size, 6);
  await assert.rejects(download(ZKV_SAS, "b", { vault }), coded("not-found"));
  await assert.rejects(download(ZKV_SAS, "a", { vault: Vault.fromKeys([new Uint8Array(32)]) }), coded("not-found"));
  for (const name of ["../a", "/a", "", "a\\b"]) await assert.rejects(upload(ZKV_SAS, content(1), { vault, name }), coded("name"));
  await assert.rejects(upload("https://a.blob.core.windows.net/c", content(1), { vault, name: "a" }), coded("not-a-sas"));
  await assert.rejects(upload("http://a.example/c?sig=CANARY", content(1), { vault, name: "a" }), (error) => coded("not-a-sas")(error) && !error.message.includes("CANARY"));
  const forged = ZKV_SAS.replace(/sig=[^&]*/, "sig=CANARYCANARY");
  await assert.rejects(download(forged, "a", { vault }), (error) => coded("sas-refused")(error) && !error.message.includes("CANARY"));
  await assert.rejects(upload(ZKV_SAS, "text", { vault, name: "a" }), coded("argument"));
  await assert.rejects(upload(ZKV_SAS, content(1), { vault: {}, name: "a" }), coded("argument"));
});

test("the storage cannot put one file in the place of another, or change one", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [one, two] = [await upload(ZKV_SAS, content(50_000), { vault, name: "one" }), await upload(ZKV_SAS, content(50_000), { vault, name: "two" })];
  const at = (blob) => ZKV_SAS.replace("?", `/${blob}?`);
  const response = await fetch(at(one.blob));
  const [bytes, entryOfOne] = [new Uint8Array(await response.arrayBuffer()), response.headers.get("x-ms-meta-zkv")];
  const put = async (blob, body, entry) => {
    const headers = { "x-ms-version": "2025-11-05", "x-ms-blob-type": "BlockBlob", "x-ms-meta-zkv": entry };
    assert.equal((await fetch(at(blob), { method: "PUT", headers, body })).status, 201);
  };
  await put(two.blob, bytes, entryOfOne);
  await assert.rejects(download(ZKV_SAS, "two", { vault }), coded("decrypt"));
  const entryOfTwo = (await fetch(at(two.blob))).headers.get("x-ms-meta-zkv");
  assert.equal(entryOfTwo, entryOfOne);
  for (const place of [bytes.length - 1, bytes.length - 49_000, bytes.length - 50_100]) {
    await put(one.blob, bytes.with(place, bytes[place] ^ 1), entryOfOne);
    await assert.rejects(download(ZKV_SAS, "one", { vault }), coded("decrypt"), `byte ${place}`);
  }
  await put(one.blob, bytes.subarray(0, -20), entryOfOne);
  await assert.rejects(download(ZKV_SAS, "one", { vault }), coded("file"));
  await put(one.blob, bytes, entryOfOne);
  assert.equal((await download(ZKV_SAS, "one", { vault })).size, 50_000);
});

test("given up by its signal, or with its vault", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const control = new AbortController();
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  const waiting = upload(ZKV_SAS, endless, { vault, name: "never", signal: control.signal });
  setTimeout(() => control.abort(), 50);
  await assert.rejects(waiting, coded("aborted"));
  const mine = Vault.fromKeys([KEY]);
  const other = upload(ZKV_SAS, new ReadableStream({ pull: () => new Promise(() => {}) }), { vault: mine, name: "never" });
  setTimeout(() => mine.lock(), 50);
  await assert.rejects(other, coded("locked"));
  await assert.rejects(download(ZKV_SAS, "never", { vault }), coded("not-found"));
  const torn = new ReadableStream({ pull: (controller) => controller.error(new Error("disk")) });
  await assert.rejects(upload(ZKV_SAS, torn, { vault, name: "never" }), /disk/);
});

test("in a worker, with progress and a stream", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const worker = startWorker();
  t.after(() => worker.terminate());
  const there = await worker.fromKeys([KEY]);
  const [bytes, seen] = [content(BLOCK + 7), []];
  await there.upload(ZKV_SAS, pieces(bytes, 2 ** 20), { name: "w", onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen.at(-1), { done: bytes.length, total: null });
  assert.ok(Buffer.from(await bytesOf(await there.download(ZKV_SAS, "w"))).equals(bytes));
  assert.equal((await there.listFiles(ZKV_SAS)).length, 1);
  await assert.rejects(there.upload(ZKV_SAS, content(1), { name: "w" }), coded("conflict"));
});

test("without WebCrypto the module's own cipher does the same", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const subtle = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(crypto), "subtle");
  const bytes = content(BLOCK + 5);
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    await upload(ZKV_SAS, bytes, { vault, name: "own" });
  } finally {
    delete crypto.subtle;
  }
  assert.ok(subtle && crypto.subtle);
  assert.ok(Buffer.from(await bytesOf(await download(ZKV_SAS, "own", { vault }))).equals(bytes));
});
