// What is left in the module's memory: nothing of a key, passphrase or plaintext after it was used or locked away.

import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";

import { EXAMPLE, EXAMPLE_KEY, coded, utf8, zkvault } from "./lib/zkvault.js";
import { internal } from "./lib/paths.js";

const { Vault } = zkvault;
// The bindings give the instance that is there already.
const { memory } = (await internal("vault-bindings.js")).initSync();

const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
/** ASCII that is nowhere by chance. */
const randomText = (length) => Array.from(randomBytes(length), (byte) => String.fromCharCode(0x61 + (byte % 26))).join("");

/** How often any eight bytes in a row of the secret are in the memory, in one pass over it. */
function traces(secret, { buffer } = memory) {
  const everything = Buffer.from(buffer);
  const pair = (bytes, at) => bytes[at] | (bytes[at + 1] << 8);
  const starts = new Map();
  for (let from = 0; from + 8 <= secret.length; from += 1) {
    const key = pair(secret, from);
    starts.set(key, [...(starts.get(key) ?? []), from]);
  }
  const wanted = new Uint8Array(2 ** 16);
  for (const key of starts.keys()) wanted[key] = 1;
  let found = 0;
  for (let at = 0; at + 8 <= everything.length; at += 1) {
    const key = pair(everything, at);
    if (wanted[key] === 0) continue;
    found += starts.get(key).filter((from) => everything.compare(secret, from, from + 8, at, at + 8) === 0).length;
  }
  return found;
}

test("z30 the scan finds eight bytes out of the middle of a key", () => {
  // Without zeros: beside the leak there are some, and would be taken for the key's next byte.
  const key = randomBytes(32).map((byte) => byte || 1);
  assert.equal(traces(key), 0);
  // The low end of the stack, which no call gets to.
  const leak = new Uint8Array(memory.buffer, 4096, 8);
  leak.set(key.subarray(11, 19));
  assert.equal(traces(key), 1);
  leak.fill(0);
  assert.equal(traces(key), 0);
});

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

test("z30 the keys of a vault are in memory until it is locked", () => {
  const keys = [randomBytes(32), randomBytes(32)];
  const vault = Vault.fromKeys(keys);
  use(vault, "whatever");
  for (const key of keys) assert.ok(traces(key) > 0, "nothing is found even before: the scan is blind");
  vault.lock();
  for (const key of keys) assert.equal(traces(key), 0);
});

test("z30 a keyring's keys are in memory until it is locked, its passphrase never", () => {
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

test("z30 a passphrase that has to be normalised does not outlive its call either", () => {
  const text = `${randomText(30)} a\u0308 ${randomText(30)} e\u0301 ${randomText(30)}`;
  Vault.create(utf8(text), { memoryKib: 19456, iterations: 2, lanes: 1 }).lock();
  assert.equal(traces(utf8(text)), 0);
  assert.equal(traces(utf8(text.normalize("NFC"))), 0);
});

test("z30 no plaintext outlives its call", () => {
  const vault = Vault.fromKeys([EXAMPLE_KEY]);
  for (const plaintext of [randomText(24), `${randomText(400)} \u00e4 \u{1f511} ${randomText(40)}`]) {
    use(vault, plaintext);
    assert.equal(traces(utf8(plaintext)), 0);
  }
  const { document } = vault.decryptDocument(EXAMPLE);
  for (const { login } of JSON.parse(document).sites) {
    // Eight letters of a language are in other texts as well, such as a company's name or a message; twelve are not.
    for (const { value } of login.inputs.filter((input) => input.value.length >= 12)) {
      for (let from = 0; from + 12 <= value.length; from += 1) {
        const part = value.slice(from, from + 12);
        if (!EXAMPLE.includes(part)) assert.ok(!Buffer.from(memory.buffer).includes(part), part);
      }
    }
  }
});

test("z30 no call leaves anything on the stack", () => {
  // The linker puts the stack first, and it grows down from 1 MiB. A few bytes are the last call's own.
  const used = () => new Uint8Array(memory.buffer, 0, 2 ** 20).reduce((count, byte) => count + (byte !== 0), 0);
  const vault = Vault.create(utf8("clamp juror onyx radiator"), { memoryKib: 19456, iterations: 2, lanes: 1 });
  Vault.unlock(vault.toKeyring(), utf8("clamp juror onyx radiator")).lock();
  use(vault, "whatever");
  assert.ok(used() < 64, `${used()} bytes are left`);
});

test("z30 a plaintext in a document that is refused does not outlive its call", () => {
  const vault = Vault.fromKeys([EXAMPLE_KEY]);
  const plaintext = randomText(40);
  const refused = JSON.stringify([{ id: 1, login: { inputs: [{ name: "a", type: "b", value: plaintext }] } }, 1]);
  assert.throws(() => vault.encryptDocument(refused), coded("malformed"));
  assert.throws(() => vault.decryptDocument(refused), coded("malformed"));
  assert.equal(traces(utf8(plaintext)), 0);
});

test("the secret and token of a client are gone when it is closed", async (t) => {
  const [secret, token] = [randomText(40), randomText(40)];
  let sent = "";
  const server = http.createServer((request, response) => request.on("data", (piece) => (sent += piece)).on("end", () => {
    const answer = request.url === "/oauth2/token" ? { access_token: token, token_type: "Bearer", expires_in: 3600 } : { sites: [] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const given = utf8(secret);
  const connecting = zkvault.LogMeOnce.connect({ url: `http://127.0.0.1:${server.address().port}`, apiKey: "key", secret: given });
  given.fill(0); // a caller may wipe its own at once
  const client = await connecting;
  assert.ok(sent.includes(secret));
  await client.sites();
  const { memory: clients } = (await internal("client-bindings.js")).initSync();
  for (const held of [secret, token]) {
    assert.ok(traces(utf8(held), clients) > 0, "nothing is found even before: the scan is blind");
    assert.equal(traces(utf8(held)), 0, "it is none of the vault's business");
  }
  client.free();
  assert.deepEqual([secret, token].map((held) => traces(utf8(held), clients)), [0, 0]);
});
