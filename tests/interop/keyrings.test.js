// Keyrings in both directions: what zkv writes is read by independent code, and the other way round.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fromBase64, toBase64, utf8 } from './lib/bytes.js';
import { fingerprint, openKeyring, sealKeyring } from './lib/keyring.js';
import { sealIn } from './lib/vendor-layout.js';
import { Workplace } from './lib/zkv.js';

const KEY = new Uint8Array(32).fill(9);
const PHRASE = 'a long passphrase of six words';
const env = { ZKV_PASSPHRASE: PHRASE };
const CHEAP = { memory_kib: 19456, iterations: 2, lanes: 1, salt: toBase64(new Uint8Array(16).fill(5)) };
const vector = (name = 'keyring.json') => new Uint8Array(fs.readFileSync(new URL(`../vectors/${name}`, import.meta.url)));

function keyring(work) {
  return work.read(path.join('default', 'keyring.json'));
}

function put(work, file) {
  fs.mkdirSync(work.path('default'), { recursive: true, mode: 0o700 });
  work.write(path.join('default', 'keyring.json'), file);
}

test('the vector opens, and not with another passphrase or as another version', async () => {
  const contents = await openKeyring(vector(), 'correct horse');
  assert.deepEqual([contents.serial, contents.personal.length, contents.accounts.length], [7, 2, 2]);
  await assert.rejects(openKeyring(vector(), 'correct horsf'));
  const first = utf8(Buffer.from(vector()).toString().replace('"version":2', '"version":1'));
  await assert.rejects(openKeyring(first, 'correct horse'));
});

test('a keyring of zkv: a key that was rotated is retired, and replaced by the new one', async (t) => {
  const work = new Workplace(t, KEY);
  work.succeed(['init'], { env });
  const before = await openKeyring(keyring(work), PHRASE);
  assert.deepEqual([before.serial, before.personal.length, before.accounts], [1, 1, []]);
  work.succeed(['key', 'rotate', '--yes'], { env });
  const after = await openKeyring(keyring(work), PHRASE);
  assert.equal(after.serial, 2);
  assert.deepEqual(after.personal, before.personal);
  const [old, fresh] = after.keys;
  assert.equal(old.state, 'retired');
  assert.ok(Math.abs(old.retired - Date.now() / 1000) < 600);
  assert.equal(fresh.replaces, toBase64(fingerprint(fromBase64(old.secret))));
  assert.equal(after.default, 1);
});

test('a keyring from outside opens in zkv, and its KDF is as strong as today\'s default after the first change', async (t) => {
  const work = new Workplace(t, KEY);
  const contents = await openKeyring(vector(), 'correct horse');
  put(work, await sealKeyring(contents, PHRASE, CHEAP));
  const listed = JSON.parse(work.succeed(['key', 'list', '--json'], { env }).text);
  assert.deepEqual(listed.map(({ label, state }) => [label, state]), [['vault', 'retired'], ['second "key" é', 'active']]);
  work.succeed(['key', 'import', work.keyFile, '--label', 'third'], { env });
  const { kdf } = JSON.parse(Buffer.from(keyring(work)).toString());
  assert.ok(kdf.memory_kib >= 65536 && kdf.iterations >= 3, JSON.stringify(kdf));
  const after = await openKeyring(keyring(work), PHRASE);
  assert.equal(after.serial, 8);
  assert.deepEqual(after.keys.map((key) => key.label), ['vault', 'second "key" é', 'third']);
});

test('a keyring with one fault is refused by both', async (t) => {
  const work = new Workplace(t, KEY);
  const good = await openKeyring(vector(), 'correct horse');
  const faults = {
    serial: { serial: 0 },
    noPersonal: { personal: [] },
    samePersonal: { personal: [good.personal[0], good.personal[0]] },
    accountTwice: { accounts: ['a.example', 'a.example'] },
    order: { keys: [good.keys[1], good.keys[0]], default: 0 },
    retiredWithoutTime: { keys: [{ ...good.keys[0], retired: undefined }, good.keys[1]] },
    layoutsOfNoAccount: { layouts: [] },
    activeWithTime: { keys: [good.keys[0], { ...good.keys[1], retired: 5 }] },
  };
  for (const [name, fault] of Object.entries(faults)) {
    put(work, await sealKeyring({ ...good, ...fault }, PHRASE, CHEAP));
    await assert.rejects(openKeyring(keyring(work), PHRASE), name);
    assert.notEqual(work.run(['key', 'list'], { env }).status, 0, name);
  }
});

test('layouts in a keyring are read by both, and one fault of them is refused by both', async (t) => {
  const work = new Workplace(t, KEY);
  const good = await openKeyring(vector('keyring-layouts.json'), 'correct horse');
  put(work, await sealKeyring(good, PHRASE, CHEAP));
  const shown = JSON.parse(work.succeed(['vendor', 'show', '--stored', '--json'], { env }).text);
  const expected = good.layouts.flatMap(({ account, layouts }) =>
    layouts.map(({ layout, digest, ...said }) => ({ account: account ?? null, layout: layout.name, ...said })));
  const ordered = (rows) => rows.map((row) => Object.entries(row).sort());
  assert.deepEqual(ordered(shown), ordered(expected));
  const [of, none] = good.layouts;
  const [first, second] = of.layouts;
  const withFirst = (change) => ({ layouts: [{ ...of, layouts: [{ ...first, ...change }, second] }, none] });
  const faults = {
    digest: withFirst({ digest: second.digest }),
    trust: withFirst({ trust: 'unauthenticated' }),
    kdf: withFirst({ kdf: 'pbkdf2-sha256:0600000:server-salt' }),
    neverOpened: withFirst({ opened: 0, kdf: 'given' }),
    weakKey: withFirst({ kdf: 'pbkdf2-sha1:10000:user-name' }),
    allowed: withFirst({ allowed: true }),
    twice: { layouts: [of, of] },
    sameName: { layouts: [{ ...of, layouts: [first, first] }] },
    order: { layouts: [{ layouts: [none.layouts[0], first] }] },
    five: { layouts: [{ layouts: Array.from({ length: 5 }, () => second) }] },
  };
  for (const [name, fault] of Object.entries(faults)) {
    put(work, await sealKeyring({ ...good, ...fault }, PHRASE, CHEAP));
    await assert.rejects(openKeyring(keyring(work), PHRASE), name);
    assert.notEqual(work.run(['key', 'list'], { env }).status, 0, name);
  }
});

test('a search keeps what it found for the account, and every command opens with it from then on', async (t) => {
  const work = new Workplace(t, KEY);
  work.succeed(['init'], { env });
  const [own] = (await openKeyring(keyring(work), PHRASE)).keys;
  const [layout] = JSON.parse(work.succeed(['vendor', 'show', 'vendor-cbc-hmac-128', '--json']).text).layouts;
  const texts = ['hunter2', 'ann@example.com'];
  const sealed = await Promise.all(texts.map((text) => sealIn(layout, fromBase64(own.secret), new Uint8Array(4), text)));
  const inputs = sealed.map((value) => ({ flags: 5, name: 'p', type: 'password', value }));
  work.write('sites.json', JSON.stringify({ id: 7, login: { inputs } }));
  assert.equal(work.run(['decrypt', 'sites.json', '--json'], { env }).status, 10);
  work.succeed(['vendor', 'discover', 'sites.json'], { env });
  const { text } = work.succeed(['decrypt', 'sites.json', '--json'], { env });
  assert.deepEqual(JSON.parse(text).login.inputs.map(({ value }) => value), texts);
  const { layouts } = await openKeyring(keyring(work), PHRASE);
  assert.deepEqual(layouts.map(({ account, layouts }) => [account, layouts.map(({ layout, opened }) => [layout.name, opened])]), [[undefined, [['vendor-cbc-hmac-128', 2]]]]);
});
