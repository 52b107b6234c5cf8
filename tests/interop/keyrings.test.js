// Keyrings in both directions: what zkv writes is read by independent code, and the other way round.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fromBase64, toBase64, utf8 } from './lib/bytes.js';
import { fingerprint, openKeyring, sealKeyring } from './lib/keyring.js';
import { Workplace } from './lib/zkv.js';

const KEY = new Uint8Array(32).fill(9);
const PHRASE = 'a long passphrase of six words';
const env = { ZKV_PASSPHRASE: PHRASE };
const CHEAP = { memory_kib: 19456, iterations: 2, lanes: 1, salt: toBase64(new Uint8Array(16).fill(5)) };
const vector = () => new Uint8Array(fs.readFileSync(new URL('../vectors/keyring.json', import.meta.url)));

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
  const listed = JSON.parse(work.succeed(['key', 'list', '--json'], { env }).text).keys;
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
    activeWithTime: { keys: [good.keys[0], { ...good.keys[1], retired: 5 }] },
  };
  for (const [name, fault] of Object.entries(faults)) {
    put(work, await sealKeyring({ ...good, ...fault }, PHRASE, CHEAP));
    await assert.rejects(openKeyring(keyring(work), PHRASE), name);
    assert.notEqual(work.run(['key', 'list'], { env }).status, 0, name);
  }
});
