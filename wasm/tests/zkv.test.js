// Byte for byte what the zkv program gives on the same input, in both directions.

import assert from "node:assert/strict";
import test from "node:test";

import { fromHex, toHex } from "../../tests/interop/lib/bytes.js";
import { Workplace } from "../../tests/interop/lib/zkv.js";
import { EXAMPLE, EXAMPLE_KEY, coded, utf8, zkvault } from "./lib/zkvault.js";

const { Vault, inspect } = zkvault;
const KEY = crypto.getRandomValues(new Uint8Array(32));

/** Documents in which every spelling must survive. The values are clear. */
const CLEAR = [
  '{"sites":[{"id":18446744073709551615,"name":"\\u00e9é\\/","updated":1E3,"login":{"inputs":[{"type":"text","name":"[\\"a\\", \\"b\\"]","value":"x\\ty 😀 é"}]},"later":{"deep":[1.0,-0,1e400,null]}}],"next":9007199254740993}\n',
  ' [ {"id":9007199254740993 ,\r\n"login":{"inputs":[{"value":"","name":"","type":""},{"value":null},{"name":"none"}]}} , {} ]\n\n',
  '{"login":{"inputs":[{"type":"password","name":"p","value":"' + "z".repeat(100_000) + '","__proto__":{"a":1}}],"Url":""},"id":0}',
];

/** A document of `count` sites with whatever random members. */
function anyDocument(count) {
  let seed = 20260101;
  const below = (bound) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % bound;
  const text = () => String.fromCodePoint(...Array.from({ length: below(12) }, () => [below(0x80), below(0x800), 0x1f000 + below(0x400)][below(3)]));
  const anything = (depth) => [text, () => below(1e6) / 7, () => null, () => [anything(depth + 1)], () => ({ [text()]: anything(depth + 1) })][below(depth > 4 ? 3 : 5)]();
  const input = () => ({ [`x${text()}`]: anything(0), type: text(), name: text(), value: text(), [`y${text()}`]: anything(0) });
  const site = (number) => ({ id: number, [`x${text()}`]: anything(0), login: { inputs: Array.from({ length: below(4) }, input), [`x${text()}`]: anything(0) } });
  return { [`x${text()}`]: anything(0), sites: Array.from({ length: count }, (_, number) => site(number)), [`y${text()}`]: anything(0) };
}

const DOCUMENTS = [...CLEAR, JSON.stringify(anyDocument(200)), JSON.stringify(anyDocument(50), null, "\t")];

test("examples/sites.json opens to what zkv writes", (t) => {
  const work = new Workplace(t, EXAMPLE_KEY);
  work.write("sites.json", EXAMPLE);
  const { text } = work.succeed(["decrypt", "sites.json", "--key-file", work.keyFile, "--json"]);
  const { document, failures } = Vault.fromKeys([EXAMPLE_KEY]).decryptDocument(EXAMPLE);
  assert.equal(document, text);
  assert.deepEqual(failures, []);
  assert.notEqual(document, EXAMPLE);
});

for (const layout of ["bound", "vendor"]) {
  // The vendor's layouts take no text that ends in control characters, as random ones do.
  const documents = layout === "vendor" ? CLEAR : DOCUMENTS;
  test(`what is sealed here (${layout}), zkv opens to the same bytes`, (t) => {
    const work = new Workplace(t, KEY);
    const vault = Vault.fromKeys([KEY]);
    for (const clear of documents) {
      const sealed = vault.encryptDocument(clear, { layout });
      assert.notEqual(sealed, clear);
      work.write("sealed.json", sealed);
      assert.equal(work.succeed(["decrypt", "sealed.json", "--key-file", work.keyFile, "--json"]).text, clear);
      assert.deepEqual(vault.decryptDocument(sealed), { document: clear, failures: [] });
    }
  });

  test(`what zkv seals (${layout}), opens here to the same bytes`, (t) => {
    const work = new Workplace(t, KEY);
    for (const clear of documents) {
      work.write("clear.json", clear);
      const named = layout === "vendor" ? ["--unconfirmed", "vendor-gcm"] : [];
      const { text } = work.succeed(["encrypt", "clear.json", "--key-file", work.keyFile, "--layout", layout, ...named]);
      assert.deepEqual(Vault.fromKeys([KEY]).decryptDocument(text), { document: clear, failures: [] });
    }
  });
}

test("the failures are those that zkv names", (t) => {
  const sealed = JSON.parse(Vault.fromKeys([KEY]).encryptDocument(DOCUMENTS[3]));
  sealed.sites[0].login.inputs = [{ name: "moved", type: "text", value: JSON.parse(EXAMPLE).sites[1].login.inputs[0].value }];
  sealed.sites[1].login.inputs = [{ name: "clear", value: "not sealed" }, { name: "number", value: 7 }];
  const moved = sealed.sites.find((site, number) => number > 2 && site.login.inputs.length);
  moved.id += 1000;
  const document = JSON.stringify(sealed).replace('"id":1,', '"id":9007199254740993,');

  const work = new Workplace(t, KEY);
  work.write("sealed.json", document);
  const told = work.run(["decrypt", "sealed.json", "--key-file", work.keyFile, "--json"]);
  assert.equal(told.status, 10);
  const opened = Vault.fromKeys([KEY]).decryptDocument(document);
  assert.equal(opened.document, told.text);
  // The numbers are read as text: JavaScript would round them.
  const theirs = [...told.stderr.matchAll(/"site_id":(\d+),"index":\d+,"name":("(?:[^"\\]|\\.)*"),"reason":"([a-z-]+)"/g)];
  assert.ok(theirs.length >= 4, told.stderr);
  const ours = opened.failures.map(({ siteId, name, code }) => [String(siteId), name, code]);
  assert.deepEqual(ours, theirs.map(([, id, name, reason]) => [id, JSON.parse(name), reason]));
  assert.ok(opened.failures.some(({ siteId }) => siteId === "9007199254740993"));
});

test("what zkv refuses is refused here", (t) => {
  const refused = [
    '{"sites":[{"id":1,"id":2}]}',
    '{"sites":[{"id":1,"login":{"inputs":[{"value":"a","value":"b"}]}}]}',
    '{"sites":[{"id":1,"login":{"inputs":[]},"login":{}}]}',
    '{"sites":[],"sites":[]}',
    '{"sites":[{"id":1}]',
    '{"sites":[{"id":1}]} x',
    '{"sites":{}}',
    '{"other":1}',
    '[1]',
    '[{"id":1,}]',
    '{"sites":[{"a":"\u0001"}]}',
    `{"sites":[{"a":${"[".repeat(2000)}${"]".repeat(2000)}}]}`,
    `{"sites":[{"login":{"inputs":[${"{},".repeat(5000)}{}]}}]}`,
  ];
  const work = new Workplace(t, KEY);
  const vault = Vault.fromKeys([KEY]);
  for (const document of refused) {
    work.write("refused.json", document);
    const { status, stderr } = work.run(["decrypt", "refused.json", "--key-file", work.keyFile, "--json"]);
    const { code } = JSON.parse(stderr);
    assert.equal(status, 1, stderr);
    assert.throws(() => vault.decryptDocument(document), coded(code), document.slice(0, 80));
    assert.throws(() => vault.encryptDocument(document), coded(code), document.slice(0, 80));
  }
});

test("a value goes from here to zkv and back", (t) => {
  const work = new Workplace(t, KEY);
  const vault = Vault.fromKeys([KEY]);
  const place = { siteId: "18446744073709551615", type: "password", name: '["p\u00e4ss"]' };
  const where = ["--site-id", place.siteId, "--type", place.type, "--name", place.name];
  for (const plaintext of ["", "hunter2", "p\u00e4ss \u{1f511}\n second line\n"]) {
    const sealed = vault.encryptValue(plaintext, place);
    assert.equal(work.succeed(["decrypt", "--key-file", work.keyFile, ...where], { input: sealed }).text.replace(/\n$/, ""), plaintext.replace(/\n$/, ""));
  }
  const theirs = work.succeed(["encrypt", "--key-file", work.keyFile, ...where], { input: "hunter2" }).text.trim();
  assert.equal(vault.decryptValue(theirs, { ...place, siteId: 18446744073709551615n }), "hunter2");
  assert.throws(() => vault.decryptValue(theirs, { ...place, siteId: 7 }), coded("decrypt"));

  const vendor = vault.encryptValue("hunter2", undefined, { layout: "vendor", vendorId: "d87f7e0c" });
  assert.equal(inspect(vendor).keyId, "d87f7e0c");
  assert.equal(work.succeed(["decrypt", "--key-file", work.keyFile], { input: vendor }).text.trim(), "hunter2");
});

test("a value is described as zkv describes it", (t) => {
  const work = new Workplace(t, KEY);
  for (const site of JSON.parse(EXAMPLE).sites) {
    for (const { value } of site.login.inputs) {
      const [{ version, key_id, sealed_len, layouts }] = JSON.parse(work.succeed(["inspect", "--json"], { input: value }).text);
      const theirs = { version, keyId: key_id, sealedLen: sealed_len, layouts: layouts.map(({ layout, plaintext_len }) => ({ layout, plaintextLen: plaintext_len })) };
      assert.deepEqual(inspect(value), theirs);
    }
  }
});

test("a keyring goes from zkv to here and back", (t) => {
  const work = new Workplace(t, KEY);
  const env = { ZKV_PASSPHRASE: "corr\u00e9ct horse battery staple" };
  work.succeed(["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"], { env });
  const file = "default/keyring.json";
  const vault = Vault.unlock(work.read(file), utf8(env.ZKV_PASSPHRASE.normalize("NFD")));
  const row = vault.importKey(KEY, { label: "imported here", vendorId: "d87f7e0c", makeDefault: true });
  assert.deepEqual(vault.keys().at(-1), row);
  work.write(file, vault.toKeyring());

  const theirs = JSON.parse(work.succeed(["key", "list", "--json"], { env }).text);
  const ours = vault.keys().map(({ id, vendorId, label, origin, state, default: isDefault }) => [id, vendorId, label, origin, state, isDefault]);
  assert.deepEqual(ours, theirs.map((key) => [key.id, key.vendor_id, key.label, key.origin, key.state, key.default]));
  assert.deepEqual(JSON.parse(work.succeed(["identity", "show", "--json"], { env }).text), vault.identity());

  const sealed = vault.encryptDocument(CLEAR[0], { layout: "vendor" });
  assert.equal(inspect(JSON.parse(sealed).sites[0].login.inputs[0].value).keyId, "d87f7e0c");
  work.write("sealed.json", sealed);
  assert.equal(work.succeed(["decrypt", "sealed.json", "--json"], { env }).text, CLEAR[0]);
});

test("a file that somebody keeps goes from zkv to here and back", async (t) => {
  const work = new Workplace(t, KEY);
  const { decryptFile, encryptFile } = zkvault;
  const passphrase = utf8("clamp juror onyx radiator");
  const vault = Vault.create(passphrase, { memoryKib: 19456, iterations: 2, lanes: 1 });
  vault.importKey(KEY, { label: "shared", makeDefault: true });
  // Nothing, one block, and several.
  for (const length of [0, 100_000, 9 * 2 ** 20]) {
    const content = new Uint8Array(length).map((_, at) => at % 251);
    const seen = [];
    const sealed = await encryptFile(new Blob([content]), { vault, name: "a.bin", modified: new Date(7000), onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen.at(-1), { done: length, total: length });
    work.write("sealed", new Uint8Array(await sealed.arrayBuffer()));
    work.succeed(["file", "decrypt", "sealed", "-o", `clear-${length}`, "--key-file", work.keyFile]);
    assert.ok(Buffer.from(work.read(`clear-${length}`)).equals(content));
    const { name, size, modified, content: back } = await decryptFile(sealed, { vault });
    assert.deepEqual([name, size, modified], ["a.bin", length, 7]);
    assert.ok(Buffer.from(await back.arrayBuffer()).equals(content));

    // Under the key, and for the identity.
    const { identity } = vault.identity();
    for (const [number, how] of [["--key-file", work.keyFile], ["--recipient", identity]].entries()) {
      work.succeed(["file", "encrypt", `clear-${length}`, "-o", `again-${length}-${number}`, ...how]);
      const opened = await decryptFile(work.read(`again-${length}-${number}`), { vault });
      assert.ok(Buffer.from(await opened.content.arrayBuffer()).equals(content), how[0]);
    }
  }
  const stream = new Blob(["streamed"]).stream();
  const sealed = await encryptFile(stream, { vault: Vault.fromKeys([KEY]) });
  assert.deepEqual([(await decryptFile(sealed, { vault })).name, await (await decryptFile(sealed, { vault })).content.text()], [null, "streamed"]);

  const whole = new Uint8Array(await sealed.arrayBuffer());
  for (const wrong of [whole.subarray(0, whole.length - 1), whole.with(whole.length - 1, whole.at(-1) ^ 1)]) {
    await assert.rejects(decryptFile(wrong, { vault }), ({ code }) => ["decrypt", "file"].includes(code));
  }
  await assert.rejects(decryptFile(whole, { vault: Vault.fromKeys([new Uint8Array(32)]) }), coded("no-key"));
  await assert.rejects(decryptFile(utf8("no file"), { vault }), coded("file"));
  await assert.rejects(decryptFile(stream, { vault }), coded("argument"));
  await assert.rejects(encryptFile(whole, { vault, name: "a/b" }), coded("name"));
  await assert.rejects(encryptFile(whole, { vault, signal: AbortSignal.abort() }), coded("aborted"));
});
