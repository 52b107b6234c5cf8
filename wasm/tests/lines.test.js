// One path is one file within a line of keys: what `zkv key rotate` leaves under the earlier key is the same file, for the package
// and for `zkv repo`.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { startSimulator } from "./lib/simulator.js";
import { coded, utf8, zkvault } from "./lib/zkvault.js";

const { Vault, download, downloadStream, listFiles, upload } = zkvault;
const BLOCK = 8 * 2 ** 20;
const content = (length) => new Uint8Array(length).map((_, at) => at % 251);

/** A keyring of zkv, and what its commands are run with. */
function keyringOf(t, ZKV_SAS) {
  const work = new Workplace(t, new Uint8Array(32));
  const env = { ZKV_SAS, ZKV_PASSPHRASE: "clamp juror onyx radiator" };
  const zkv = (...args) => work.succeed(args, { env }).text;
  zkv("init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1");
  return { work, zkv, unlock: () => Vault.unlock(work.read("default/keyring.json"), utf8(env.ZKV_PASSPHRASE)) };
}

test("one path is one file in a line of keys, here and in zkv, both ways", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const { work, zkv, unlock } = keyringOf(t, ZKV_SAS);
  const before = unlock();
  const large = content(BLOCK + 5);
  for (const [name, bytes] of [["small", content(5)], ["large", large], ["theirs", content(6)], ["kept", content(7)]]) {
    await upload(ZKV_SAS, bytes, { vault: before, name });
  }
  zkv("key", "rotate", "--yes");
  const after = unlock();
  const text = async (name) => new Uint8Array(await (await download(ZKV_SAS, name, { vault: after })).arrayBuffer());

  // What is there under the earlier key is the same file.
  for (const name of ["small", "large"]) {
    await assert.rejects(upload(ZKV_SAS, content(9), { vault: after, name }), coded("conflict"));
    const stored = await upload(ZKV_SAS, name === "small" ? content(9) : content(BLOCK + 9), { vault: after, name, overwrite: true });
    assert.equal(stored.earlierLeft, false);
  }
  assert.equal((await text("small")).length, 9);
  assert.equal((await text("large")).length, BLOCK + 9);
  await assert.rejects(download(ZKV_SAS, "small", { vault: before }), coded("not-found"), "the earlier entry is gone");
  fs.writeFileSync(work.path("theirs"), content(11));
  zkv("repo", "upload", "theirs", "--overwrite");
  assert.equal((await text("theirs")).length, 11);
  await assert.rejects(download(ZKV_SAS, "theirs", { vault: before }), coded("not-found"));

  // Both versions are there, as after a run that was cut off: both programs show and fetch the one under the newest key.
  await upload(ZKV_SAS, content(3), { vault: before, name: "small" });
  const ours = (await listFiles(ZKV_SAS, { vault: after })).map(({ name, size, blob, openedBy }) => [name, size, blob, openedBy.keyId, openedBy.state]);
  const theirs = JSON.parse(zkv("repo", "ls", "--json")).map(({ name, size, blob, key }) => [name, size, blob, key.key_id, key.state]);
  assert.deepEqual(ours, theirs);
  assert.deepEqual(ours.map(([name, size, , , state]) => [name, size, state]), [["kept", 7, "retired"], ["large", BLOCK + 9, "active"], ["small", 9, "active"], ["theirs", 11, "active"]]);
  zkv("repo", "download", "small", "--to", "fetched");
  assert.equal(work.read("fetched/small").length, 9);
  assert.equal((await text("small")).length, 9);
  const { openedBy } = await downloadStream(ZKV_SAS, "kept", { vault: after });
  assert.equal(openedBy.state, "retired");

  // A new upload of the same content, and deleting in zkv, leave nothing of the line.
  await upload(ZKV_SAS, content(9), { vault: after, name: "small", overwrite: true });
  await assert.rejects(download(ZKV_SAS, "small", { vault: before }), coded("not-found"));
  zkv("repo", "delete", "small", "--yes");
  await assert.rejects(download(ZKV_SAS, "small", { vault: after }), coded("not-found"));
});

test("a token that may not read or delete leaves the earlier version, and that is said", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const { zkv, unlock } = keyringOf(t, ZKV_SAS);
  const before = unlock();
  await upload(ZKV_SAS, content(5), { vault: before, name: "a" });
  zkv("key", "rotate", "--yes");
  const after = unlock();
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  for (const forbidden of ["HEAD", "DELETE"]) {
    const refused = () => new Response(null, { status: 403, headers: { "x-ms-error-code": "AuthorizationPermissionMismatch", "x-ms-version": "2025-11-05" } });
    globalThis.fetch = async (url, init) => (init?.method === forbidden ? refused() : real(url, init));
    const stored = await upload(ZKV_SAS, content(9), { vault: after, name: "a", overwrite: true });
    assert.equal(stored.earlierLeft, true, forbidden);
    globalThis.fetch = real;
    assert.equal((await download(ZKV_SAS, "a", { vault: after })).size, 9);
    assert.equal((await download(ZKV_SAS, "a", { vault: before })).size, 5);
  }
});

test("a file under a key of another line is another file", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const { work, zkv, unlock } = keyringOf(t, ZKV_SAS);
  zkv("key", "import", work.keyFile, "--label", "team");
  const vault = unlock();
  await upload(ZKV_SAS, content(5), { vault, name: "a", key: "team" });
  const stored = await upload(ZKV_SAS, content(9), { vault, name: "a" });
  assert.equal(stored.earlierLeft, false);
  assert.deepEqual((await listFiles(ZKV_SAS, { vault })).map(({ name, size }) => [name, size]), [["a", 9], ["a", 5]]);
  await upload(ZKV_SAS, content(10), { vault, name: "a", overwrite: true });
  assert.deepEqual((await listFiles(ZKV_SAS, { vault })).map(({ size }) => size), [10, 5]);
  assert.equal((await download(ZKV_SAS, "a", { vault })).size, 10);
});
