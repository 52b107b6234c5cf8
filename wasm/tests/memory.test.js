// What is left in the module's memory: nothing of a key, passphrase or plaintext after it was used or locked away.

import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";

import { EXAMPLE, EXAMPLE_KEY, coded, utf8, zkvault } from "./lib/zkvault.js";
import { internal } from "./lib/paths.js";

const { Vault } = zkvault;
// The bindings give the instance that is there already.
const { memory } = (await internal("bindings.js")).initSync();

const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
/** ASCII that is nowhere by chance. */
const randomText = (length) => Array.from(randomBytes(length), (byte) => String.fromCharCode(0x61 + (byte % 26))).join("");

/** How often the bytes, or any quarter of them, are in the memory. A quarter of a key is 64 bits. */
function traces(secret) {
  const everything = Buffer.from(memory.buffer);
  const quarter = Math.ceil(secret.length / 4);
  let found = 0;
  for (let from = 0; from < secret.length; from += quarter) {
    const part = secret.subarray(from, from + quarter);
    if (part.length < 8) continue;
    for (let at = everything.indexOf(part); at >= 0; at = everything.indexOf(part, at + 1)) found += 1;
  }
  return found;
}

/** Work of every kind with a vault. */
function use(vault, plaintext) {
  const place = { siteId: 1, type: "password", name: "pw" };
  const document = { sites: [{ id: 1, login: { inputs: [{ ...place, value: plaintext }] } }] };
  for (const layout of ["bound", "vendor"]) {
    assert.equal(vault.decryptValue(vault.encryptValue(plaintext, place, { layout }), place), plaintext);
    assert.deepEqual(vault.decryptDocument(vault.encryptDocument(document, { layout })).document, document);
  }
  vault.decryptDocument(EXAMPLE);
}

test("the keys of a vault are in memory until it is locked", () => {
  const keys = [randomBytes(32), randomBytes(32)];
  const vault = Vault.fromKeys(keys);
  use(vault, "whatever");
  for (const key of keys) assert.ok(traces(key) > 0, "nothing is found even before: the scan is blind");
  vault.lock();
  for (const key of keys) assert.equal(traces(key), 0);
});

test("a keyring's keys are in memory until it is locked, its passphrase never", () => {
  const passphrase = utf8(randomText(40));
  const imported = randomBytes(32);
  const made = Vault.create(passphrase, { memoryKib: 19456, iterations: 2, lanes: 1 });
  made.importKey(imported, { label: "imported", makeDefault: true });
  const file = made.toKeyring();
  made.lock();
  assert.equal(traces(passphrase), 0);
  assert.equal(traces(imported), 0);

  const vault = Vault.unlock(file, passphrase);
  use(vault, "whatever");
  assert.ok(traces(imported) > 0, "nothing is found even before: the scan is blind");
  assert.equal(traces(passphrase), 0);
  vault.free();
  assert.equal(traces(imported), 0);
  assert.throws(() => Vault.unlock(file, utf8("another passphrase")), coded("wrong-passphrase"));
});

test("no plaintext outlives its call", () => {
  const vault = Vault.fromKeys([EXAMPLE_KEY]);
  for (const plaintext of [randomText(24), `${randomText(400)} \u00e4 \u{1f511} ${randomText(40)}`]) {
    use(vault, plaintext);
    assert.equal(traces(utf8(plaintext)), 0);
  }
  const { document } = vault.decryptDocument(EXAMPLE);
  for (const { login } of JSON.parse(document).sites) {
    for (const { value } of login.inputs.filter((input) => input.value.length >= 12)) assert.equal(traces(utf8(value)), 0, value);
  }
});

test("no call leaves anything on the stack", () => {
  // The linker puts the stack first, and it grows down from 1 MiB. A few bytes are the last call's own.
  const used = () => new Uint8Array(memory.buffer, 0, 2 ** 20).reduce((count, byte) => count + (byte !== 0), 0);
  const vault = Vault.create(utf8("correct horse"), { memoryKib: 19456, iterations: 2, lanes: 1 });
  Vault.unlock(vault.toKeyring(), utf8("correct horse")).lock();
  use(vault, "whatever");
  assert.ok(used() < 64, `${used()} bytes are left`);
});

test("a plaintext in a document that is refused does not outlive its call", () => {
  const vault = Vault.fromKeys([EXAMPLE_KEY]);
  const plaintext = randomText(40);
  const refused = JSON.stringify([{ id: 1, login: { inputs: [{ name: "a", type: "b", value: plaintext }] } }, 1]);
  assert.throws(() => vault.encryptDocument(refused), coded("malformed"));
  assert.throws(() => vault.decryptDocument(refused), coded("malformed"));
  assert.equal(traces(utf8(plaintext)), 0);
});

test("the secret and token of a client are gone when it is closed", async (t) => {
  const [secret, token] = [randomText(40), randomText(40)];
  const server = http.createServer((request, response) => request.resume().on("end", () => {
    const answer = request.url === "/oauth2/token" ? { access_token: token, token_type: "Bearer", expires_in: 3600 } : { sites: [] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const client = await zkvault.LogMeOnce.connect({ url: `http://127.0.0.1:${server.address().port}`, apiKey: "key", secret: utf8(secret) });
  await client.sites();
  for (const held of [secret, token]) assert.ok(traces(utf8(held)) > 0, "nothing is found even before: the scan is blind");
  client.free();
  assert.deepEqual([secret, token].map((held) => traces(utf8(held))), [0, 0]);
});
