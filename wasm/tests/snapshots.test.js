// Backups: the same as those of `zkv backup`, in both directions, and what a storage that lies must not get away with.

import assert from "node:assert/strict";
import test from "node:test";

import { Workplace } from "../../tests/interop/lib/zkv.js";
import { internal } from "./lib/paths.js";
import { logMeOnceOf, startSimulator } from "./lib/simulator.js";
import { coded, entry, utf8, zkvault } from "./lib/zkvault.js";

const { LogMeOnce, Vault, listSnapshots, pushSnapshot, restoreSnapshot, unlockSnapshot } = zkvault;
const { startWorker } = await entry("worker");
const CHEAP = { memoryKib: 19456, iterations: 2, lanes: 1 };
const PASSPHRASE = "correct horse battery staple";
const SITES = '{"sites":[ {"id":7, "name":"a"},{"id":18446744073709551615,"extra":1.50} ]}';
const HOST = "acme.example";
const KEY = crypto.getRandomValues(new Uint8Array(32));

/** A vault of a keyring with the key of the demo's values, the account's lists, and its pins. */
async function account(settings) {
  const client = await LogMeOnce.connect(logMeOnceOf(settings));
  const vault = Vault.create(utf8(PASSPHRASE), CHEAP);
  vault.importKey(settings.key, { label: "company" });
  const [sites, users, groups] = (await Promise.all([client.sites(), client.users(), client.groups()])).map(({ document }) => document);
  const trust = vault.trust(null, { host: client.host, firstUse: true });
  trust.assess(sites);
  return { client, vault, parts: { host: client.host, sites, users, groups, pins: trust.toBytes() } };
}

/** The storage as it could be changed by who runs it. */
function storageOf(sas) {
  const at = (blob) => sas.replace("?", `/${blob}?`);
  return {
    read: async (blob) => new Uint8Array(await (await fetch(at(blob))).arrayBuffer()),
    drop: (blob) => fetch(at(blob), { method: "DELETE", headers: { "x-ms-version": "2025-11-05" } }),
    put: (blob, body) => fetch(at(blob), { method: "PUT", headers: { "x-ms-version": "2025-11-05", "x-ms-blob-type": "BlockBlob" }, body }),
  };
}

/** A vault with a keyring: only such a one makes backups. */
const keyring = () => Vault.create(utf8(PASSPHRASE), CHEAP);
const open = (vault, sites) => vault.decryptDocument(sites);

test("what is pushed here, zkv lists, verifies and restores", async (t) => {
  const settings = await startSimulator(t);
  const { vault, parts } = await account(settings);
  const { ZKV_SAS } = settings;
  const pushed = await pushSnapshot(ZKV_SAS, { vault, ...parts, device: 'tab"let' });
  assert.match(pushed.head, /^1:[0-9a-f]{64}$/);
  assert.deepEqual([pushed.revision, pushed.gap], [1, false]);

  const work = new Workplace(t, KEY);
  const env = { ...settings, key: "", ZKV_PASSPHRASE: PASSPHRASE };
  const zkv = (...args) => JSON.parse(work.succeed([...args, "--json"], { env }).text);
  const restored = zkv("backup", "restore", "--expect", pushed.head);
  const listed = JSON.parse(parts.sites).sites;
  assert.deepEqual([restored.head, restored.account, restored.sites, restored.keyring], [pushed.head, parts.host, listed.length, true]);
  assert.deepEqual([restored.users, restored.groups], [JSON.parse(parts.users).users.length, JSON.parse(parts.groups).groups.length]);
  const [row] = zkv("backup", "list");
  assert.deepEqual([row.head, row.device, row.standing, row.blob], [pushed.head, 'tab"let', "ok", pushed.blob]);
  assert.deepEqual([zkv("backup", "verify").head, zkv("backup", "verify").authentic], [pushed.head, true]);
  // What was trusted is trusted again: the service's own sites are the pinned ones.
  work.succeed(["sync"], { env });
  assert.deepEqual(zkv("backup", "diff"), []);
});

test("what zkv pushes is restored here, and the chain continues", async (t) => {
  const settings = await startSimulator(t);
  const { ZKV_SAS } = settings;
  const work = new Workplace(t, settings.key);
  const env = { ...settings, key: "", ZKV_PASSPHRASE: PASSPHRASE };
  const push = () => work.succeed(["backup", "push"], { env }).text.trim();
  work.succeed(["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"], { env });
  work.succeed(["key", "import", "vault.key", "--label", "company"], { env });
  work.succeed(["sync"], { env });
  const [first, head] = [push(), push()];

  const vault = await unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE));
  const seen = [];
  const restored = await restoreSnapshot(ZKV_SAS, { vault, expect: head, knownHere: first, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual([restored.head, restored.newest, restored.revision, restored.parent, restored.gap], [head, head, 2, first.split(":")[1], false]);
  assert.equal(seen.at(-1).done, seen.at(-1).total);
  assert.ok(open(vault, restored.sites).failures.length < JSON.parse(restored.sites).sites.length);
  const client = await LogMeOnce.connect(logMeOnceOf(settings));
  assert.deepEqual(JSON.parse(restored.users), JSON.parse((await client.users()).document));
  assert.deepEqual(JSON.parse(restored.groups), JSON.parse((await client.groups()).document));
  const trust = vault.trust(restored.pins, { host: restored.host });
  assert.equal(restored.host, client.host);
  assert.ok(trust.assess((await client.sites()).document).every(({ verdict }) => verdict === "ok"));

  const { host, sites, users, groups } = restored;
  const { head: next } = await pushSnapshot(ZKV_SAS, { vault, host, sites, users, groups, pins: trust.toBytes(), knownHere: head });
  assert.match(next, /^3:/);
  // The keyring was saved here meanwhile.
  work.succeed(["keyring", "pull"], { env });
  assert.match(push(), /^4:/);
  const rows = JSON.parse(work.succeed(["backup", "list", "--json"], { env }).text);
  assert.deepEqual(rows.map(({ revision, standing }) => [revision, standing]), [[4, "ok"], [3, "ok"], [2, "ok"], [1, "ok"]]);
  const older = await restoreSnapshot(ZKV_SAS, { vault, revision: 1 });
  assert.deepEqual([older.head, older.newest], [first, rows[0].head]);
});

test("everything comes back to the letter", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const vault = keyring();
  const { head } = await pushSnapshot(ZKV_SAS, { vault, host: "ACME.example.", sites: SITES, users: '{"users": [{"id": 1.0}] }', groups: null, synced: new Date(5000) });
  const restored = await restoreSnapshot(ZKV_SAS, { vault });
  assert.equal(restored.sites, '{"sites":[{"id":7, "name":"a"},{"id":18446744073709551615,"extra":1.50}]}');
  assert.deepEqual([restored.users, restored.groups], ['{"users":[{"id": 1.0}]}', null]);
  assert.deepEqual([restored.head, restored.host, restored.synced, restored.parent], [head, HOST, 5, null]);
  const trust = vault.trust(restored.pins, { host: HOST });
  assert.deepEqual([trust.revision, trust.unanchored], [1, true]);
  // Objects, lists alone, and as many sites as take several blocks.
  const many = { sites: Array.from({ length: 3000 }, (_, id) => ({ id, noise: Buffer.from(crypto.getRandomValues(new Uint8Array(6000))).toString("base64") })) };
  const large = await pushSnapshot(ZKV_SAS, { vault, host: HOST, sites: many, users: [], groups: { groups: [] } });
  assert.ok(large.size > 2 ** 24);
  const again = await restoreSnapshot(ZKV_SAS, { vault, knownHere: head });
  assert.deepEqual([JSON.parse(again.sites), again.users, again.groups], [many, '{"users":[]}', '{"groups":[]}']);
});

test("a site that is gone goes without its copy, or with it", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const vault = keyring();
  const trust = vault.trust(null, { host: HOST, firstUse: true });
  trust.assess(SITES);
  const rest = '{"sites":[{"id":7, "name":"a"}]}';
  const options = () => ({ vault, host: HOST, pins: trust.toBytes() });
  trust.assess(rest);
  await assert.rejects(pushSnapshot(ZKV_SAS, { ...options(), sites: rest }), coded("backup-malformed"));
  trust.accept(2n ** 64n - 1n);
  await pushSnapshot(ZKV_SAS, { ...options(), sites: rest });
  assert.equal(JSON.parse((await restoreSnapshot(ZKV_SAS, { vault })).sites).sites.length, 1);
  await pushSnapshot(ZKV_SAS, { ...options(), sites: SITES });
  const { pins, sites } = await restoreSnapshot(ZKV_SAS, { vault });
  assert.deepEqual(vault.trust(pins, { host: HOST }).assess(rest).map(({ verdict }) => verdict), ["ok"]);
  assert.equal(JSON.parse(sites).sites.length, 2);
});

test("what contradicts itself is not pushed", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const vault = keyring();
  const trust = vault.trust(null, { host: HOST, firstUse: true });
  trust.assess(SITES);
  const pins = trust.toBytes();
  const push = (options) => pushSnapshot(ZKV_SAS, { vault, host: HOST, sites: SITES, ...options });
  await assert.rejects(push({ pins, sites: SITES.replace('"a"', '"b"') }), coded("backup-malformed"));
  await assert.rejects(push({ sites: '[{"id":1},{"id":1}]' }), coded("backup-malformed"));
  await assert.rejects(push({ users: '{"groups":[]}' }), coded("backup-malformed"));
  await assert.rejects(push({ users: '{"users":[],"more":[]}' }), coded("malformed"));
  await assert.rejects(push({ groups: "[" }), coded("malformed"));
  await assert.rejects(push({ sites: "[1]" }), coded("malformed"));
  await assert.rejects(push({ sites: { sites: [{ id: 2 ** 60 }] } }), coded("argument"));
  await assert.rejects(push({ pins, host: "other.example" }), coded("decrypt"));
  await assert.rejects(push({ host: "https://a" }), coded("host"));
  await assert.rejects(push({ pins: new Uint8Array() }), coded("pins"));
  await assert.rejects(push({ device: "x".repeat(129) }), coded("too-long"));
  const loose = Vault.fromKeys([KEY]);
  for (const ask of [pushSnapshot, listSnapshots, restoreSnapshot]) await assert.rejects(ask(ZKV_SAS, { vault: loose, host: HOST, sites: SITES }), coded("no-keyring"));
  await assert.rejects(push({ knownHere: "1:abc" }), coded("argument"));
  for (const options of [{ vault: {} }, { vault: null }, { accept: 1 }, { host: 1 }, { onProgress: 1 }]) await assert.rejects(push(options), coded("argument"));
  assert.deepEqual(await listSnapshots(ZKV_SAS, { vault }), { head: null, gap: false, behind: false, newPlace: false, snapshots: [] });
});

test("two devices meet: one goes first, and a fork is found out", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [storage, vault] = [storageOf(ZKV_SAS), keyring()];
  const push = (device, options) => pushSnapshot(ZKV_SAS, { vault, host: HOST, sites: SITES, device, ...options });
  const race = await Promise.allSettled([push("a"), push("b")]);
  assert.deepEqual(race.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  coded("conflict")(race.find(({ status }) => status === "rejected").reason);
  const ours = race.find(({ status }) => status === "fulfilled").value;
  // The storage shows the other device nothing of it.
  const kept = await storage.read(ours.blob);
  await storage.drop(ours.blob);
  const theirs = await push("c");
  assert.deepEqual([theirs.revision, theirs.blob], [1, ours.blob]);
  for (const ask of [listSnapshots, restoreSnapshot, () => push("a", { knownHere: ours.head })]) {
    await assert.rejects(ask(ZKV_SAS, { vault, knownHere: ours.head }), coded("backup-forked"));
  }
  await assert.rejects(restoreSnapshot(ZKV_SAS, { vault, expect: ours.head, accept: true }), coded("backup-forked"));
  // A person looks, and continues.
  assert.deepEqual((await listSnapshots(ZKV_SAS, { vault, knownHere: ours.head, accept: true })).snapshots.map(({ standing }) => standing), ["forked"]);
  const decided = await push("a", { knownHere: ours.head, accept: true });
  assert.deepEqual([decided.revision, decided.gap], [2, true]);
  const { snapshots, head } = await listSnapshots(ZKV_SAS, { vault, knownHere: theirs.head });
  assert.deepEqual([head, snapshots.map(({ parent, standing }) => [parent, standing])], [decided.head, [[theirs.head.slice(2), "ok"], [null, "ok"]]]);
  // Under another name it is not of the chain.
  await storage.put(`${ours.blob.slice(0, -37)}${"a".repeat(32)}.zkvb`, kept);
  assert.deepEqual((await listSnapshots(ZKV_SAS, { vault })).snapshots.map(({ standing }) => standing), ["ok", "ok"]);
});

test("an old state, and backups that are left out", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [storage, vault] = [storageOf(ZKV_SAS), keyring()];
  const push = (options) => pushSnapshot(ZKV_SAS, { vault, host: HOST, sites: SITES, ...options });
  const [one, two, three] = [await push(), await push(), await push()];
  const copies = new Map();
  for (const { blob } of [one, two, three]) copies.set(blob, await storage.read(blob));
  assert.deepEqual((await listSnapshots(ZKV_SAS, { vault, knownHere: one.head })).gap, false);
  await assert.rejects(restoreSnapshot(ZKV_SAS, { vault, revision: 2, expect: three.head }), coded("backup-older"));
  await assert.rejects(restoreSnapshot(ZKV_SAS, { vault, revision: 4 }), coded("not-found"));

  await storage.drop(two.blob);
  const { gap, snapshots } = await listSnapshots(ZKV_SAS, { vault, knownHere: one.head });
  assert.deepEqual([gap, snapshots.map(({ standing }) => standing)], [true, ["parent-missing", "ok"]]);
  assert.equal((await restoreSnapshot(ZKV_SAS, { vault, expect: one.head })).gap, true);

  await storage.drop(three.blob);
  // An old one under the name of the newest is still the old one.
  await storage.put(three.blob, copies.get(one.blob));
  for (const ask of [listSnapshots, restoreSnapshot, () => push({ knownHere: three.head })]) {
    await assert.rejects(ask(ZKV_SAS, { vault, knownHere: three.head }), coded("backup-older"));
  }
  await storage.drop(three.blob);
  await storage.drop(one.blob);
  await assert.rejects(listSnapshots(ZKV_SAS, { vault, knownHere: three.head }), coded("backup-older"));
  await assert.rejects(restoreSnapshot(ZKV_SAS, { vault, knownHere: three.head }), coded("backup-older"));
  const next = await push({ knownHere: three.head, accept: true });
  assert.deepEqual([next.revision, next.gap], [4, true]);
});

test("a backup that was changed, cut, or put together", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [storage, vault] = [storageOf(ZKV_SAS), Vault.create(utf8(PASSPHRASE), CHEAP)];
  const { blob } = await pushSnapshot(ZKV_SAS, { vault, host: HOST, sites: SITES });
  const whole = await storage.read(blob);
  const restore = () => restoreSnapshot(ZKV_SAS, { vault });
  const start = Buffer.from(whole).indexOf("ZKVAULT");
  const block = whole.length - 100;
  // Magic, version, record, keyring, prelude: there is no such backup. A block: it does not open.
  for (const [at, code] of [[0, "not-found"], [7, "not-found"], [60, "not-found"], [start - 50, "not-found"], [start + 20, "not-found"], [block, "decrypt"]]) {
    await storage.put(blob, whole.with(at, whole[at] ^ 1));
    await assert.rejects(restore(), coded(code), `byte ${at}`);
  }
  for (const [length, code] of [[whole.length - 1, "file"], [start + 100, "not-found"], [3, "not-found"], [0, "not-found"]]) {
    await storage.put(blob, whole.subarray(0, length));
    await assert.rejects(restore(), coded(code), `length ${length}`);
  }
  // A length that nothing follows.
  const endless = whole.slice();
  new DataView(endless.buffer).setUint32(18, 0xffffffff);
  await storage.put(blob, endless);
  await assert.rejects(restore(), coded("not-found"));
  await storage.put(blob, whole);
  assert.equal((await restore()).revision, 1);
});

/** A backup with another content under a true record: who can open a file could make it. */
async function pushContent(sas, vault, change) {
  const [{ Chain }, { Transfer }, { openContainer }, { store }, { use }, { vaults }, { compress }] =
    await Promise.all(["chain.js", "transfer.js", "storage.js", "upload.js", "vault.js", "module.js", "gzip.js"].map(internal));
  return new Transfer(vault).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const parts = use(vault, (handle) => handle.backupParts(HOST, utf8(SITES), new Uint8Array()));
    const draft = new Chain(transfer, vault, HOST, {}).next(parts, "", 0n, 0n);
    const content = await change(vaults.call(() => draft.document), compress);
    const sealing = use(vault, (handle) => handle.sealBackup(draft, BigInt(content.length), false));
    await store(transfer, container, sealing, content, { replaces: true });
  });
}

test("content that is cut, continues, is far too long, or is different", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const vault = keyring();
  const joined = (...parts) => new Uint8Array(Buffer.concat(parts));
  const cases = {
    "backup-not-opened": [
      (document) => document,
      async (document, compress) => (await compress(document)).subarray(0, -1),
      async (document, compress) => (await compress(document)).subarray(0, 20),
      async (document, compress) => joined(await compress(document), new Uint8Array(1)),
      async (document, compress) => joined(await compress(document), new Uint8Array(8)),
      async (document, compress) => joined(await compress(document), utf8("more")),
      async (document, compress) => joined(await compress(document), await compress(new Uint8Array())),
      async (document, compress) => joined(await compress(document.subarray(0, 9)), await compress(document.subarray(9))),
      async (document, compress) => compress(utf8(Buffer.from(document).toString().replace('"a"', '"b"'))),
      async (document, compress) => compress(utf8(`${Buffer.from(document)} `)),
    ],
    "too-large": [(_, compress) => compress(new Uint8Array(2 ** 28 + 1))],
  };
  for (const [code, changes] of Object.entries(cases)) {
    for (const change of changes) {
      await pushContent(ZKV_SAS, vault, change);
      await assert.rejects(restoreSnapshot(ZKV_SAS, { vault }), coded(code), String(change));
    }
  }
  await pushContent(ZKV_SAS, vault, (document, compress) => compress(document));
  assert.equal((await restoreSnapshot(ZKV_SAS, { vault })).host, HOST);
});

/** A backup with another text in place of its keyring. */
function withKeyring(backup, change) {
  const view = new DataView(backup.buffer, backup.byteOffset);
  const at = 22 + view.getUint32(18);
  const end = at + 4 + view.getUint32(at);
  const text = Buffer.from(change(Buffer.from(backup.subarray(at + 4, end)).toString()));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([backup.subarray(0, at), length, text, backup.subarray(end)]);
}

test("other keys, another passphrase, and keyrings that the storage made up", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [storage, vault] = [storageOf(ZKV_SAS), keyring()];
  const options = { host: HOST, sites: SITES };
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE)), coded("not-found"));
  await pushSnapshot(ZKV_SAS, { vault, ...options, keyring: false });
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE)), coded("not-found"));
  const stranger = keyring();
  assert.deepEqual((await listSnapshots(ZKV_SAS, { vault: stranger })).snapshots, []);
  await assert.rejects(restoreSnapshot(ZKV_SAS, { vault: stranger, host: HOST }), coded("not-found"));
  const { blob } = await pushSnapshot(ZKV_SAS, { vault, ...options });
  const { chain } = (await listSnapshots(ZKV_SAS, { vault })).snapshots[0];
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8("wrong")), coded("wrong-passphrase"));
  await assert.rejects(unlockSnapshot(ZKV_SAS, "text"), coded("argument"));
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE), { revision: 9 }), coded("not-found"));
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE), { chain: "a".repeat(16) }), coded("not-found"));
  const again = await unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE), { chain });
  assert.deepEqual(again.identity(), vault.identity());
  assert.equal((await restoreSnapshot(ZKV_SAS, { vault: again })).revision, 2);

  // Keyrings of other salts stand in front of the true one; one of them would take all memory.
  const whole = await storage.read(blob);
  const salted = (number) => (text) => text.replace(/"salt":"[^"]*"/, `"salt":"${Buffer.alloc(16, number).toString("base64")}"`);
  await storage.put(blob.replace(/[^/]+$/, "a.zkvb"), withKeyring(whole, salted(1)));
  await storage.put(blob.replace(/[^/]+$/, "b.zkvb"), withKeyring(whole, (text) => salted(2)(text).replace(/"memory_kib":\d+/, '"memory_kib":4194304')));
  const asked = [];
  const onQuestion = (question) => void asked.push(question);
  assert.deepEqual((await unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE), { onQuestion })).identity(), vault.identity());
  assert.deepEqual(asked, [{ kind: "cost", chain, memoryKib: 4194304, iterations: 2 }]);
});

test("Z46: another person's keyring has the same vault keys, and other chains", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const [mine, theirs] = [keyring(), keyring()];
  for (const vault of [mine, theirs]) vault.importKey(KEY, { label: "shared" });
  const { head } = await pushSnapshot(ZKV_SAS, { vault: mine, host: HOST, sites: SITES });
  await pushSnapshot(ZKV_SAS, { vault: theirs, host: HOST, sites: [] });
  await pushSnapshot(ZKV_SAS, { vault: theirs, host: HOST, sites: [] });
  assert.deepEqual((await listSnapshots(ZKV_SAS, { vault: mine })).snapshots.map((row) => row.head), [head]);
  const pins = mine.trust(null, { host: HOST, firstUse: true });
  pins.assess(SITES);
  assert.throws(() => theirs.trust(pins.toBytes(), { host: HOST }), coded("decrypt"));
  // With the shared key as a file they make pins, which no keyring believes.
  const forged = Vault.fromKeys([KEY]).trust(null, { host: HOST, firstUse: true });
  forged.assess(SITES);
  assert.throws(() => mine.trust(forged.toBytes(), { host: HOST }), coded("no-key"));
});

test("given up by its signal, or with its vault", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const vault = keyring();
  const options = { vault, host: HOST, sites: SITES };
  const signal = AbortSignal.abort();
  for (const ask of [pushSnapshot, listSnapshots, restoreSnapshot]) await assert.rejects(ask(ZKV_SAS, { ...options, signal }), coded("aborted"));
  await assert.rejects(unlockSnapshot(ZKV_SAS, utf8(PASSPHRASE), { signal }), coded("aborted"));
  const control = new AbortController();
  const pushing = pushSnapshot(ZKV_SAS, { ...options, signal: control.signal });
  setTimeout(() => control.abort(), 0);
  await assert.rejects(pushing, coded("aborted"));
  await pushSnapshot(ZKV_SAS, options);
  const mine = Vault.unlock(vault.toKeyring(), utf8(PASSPHRASE));
  const restoring = restoreSnapshot(ZKV_SAS, { vault: mine });
  mine.lock();
  await assert.rejects(restoring, coded("locked"));
  assert.equal((await listSnapshots(ZKV_SAS, { vault })).snapshots.length, 1);
});

test("in a worker, too", async (t) => {
  const { ZKV_SAS } = await startSimulator(t);
  const worker = startWorker();
  t.after(() => worker.terminate());
  const there = await worker.create(utf8(PASSPHRASE), CHEAP);
  const seen = [];
  const pushed = await there.pushSnapshot(ZKV_SAS, { host: HOST, sites: SITES, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen.at(-1), { done: pushed.size, total: pushed.size });
  assert.equal((await there.listSnapshots(ZKV_SAS, { knownHere: pushed.head })).head, pushed.head);
  const passphrase = utf8(PASSPHRASE);
  const fresh = await worker.unlockSnapshot(ZKV_SAS, passphrase);
  assert.deepEqual([await fresh.identity(), passphrase], [await there.identity(), utf8(PASSPHRASE)]);
  const restored = await fresh.restoreSnapshot(ZKV_SAS, { expect: pushed.head });
  assert.deepEqual(JSON.parse(restored.sites).sites.length, 2);
  assert.equal((await fresh.trust(restored.pins, { host: restored.host })).revision, 1);
  await assert.rejects(there.restoreSnapshot(ZKV_SAS, { signal: AbortSignal.abort() }), coded("aborted"));
  await assert.rejects(worker.unlockSnapshot(ZKV_SAS, utf8("wrong")), coded("wrong-passphrase"));
});
