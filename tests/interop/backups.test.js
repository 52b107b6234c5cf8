// Backups in both directions: what zkv makes is read by independent code, and the other way round.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { base32, chainOf, openBackup, sealBackup, subkey } from './lib/backup.js';
import { concat, fromBase64, toBase64, toHex } from './lib/bytes.js';
import { openKeyring, sealKeyring } from './lib/keyring.js';
import { Workplace } from './lib/zkv.js';

const KEY = new Uint8Array(32).fill(9);
const PHRASE = 'a long passphrase of six words';
const env = { ZKV_PASSPHRASE: PHRASE };
const ACCOUNT = 'acme.example:8443/vault';
const CHEAP = { memory_kib: 19456, iterations: 2, lanes: 1, salt: toBase64(new Uint8Array(16).fill(5)) };
const SITES = [{ id: 7, name: 'a "site"', updated: 5, login: { Url: 'https://a.example/', inputs: [] } }];
const PINS = '{"format":"zkvault.pins","version":2,"sites":[]}';

/** A keyring of zkv that names an account, as it would be in a backup. */
async function keyringOf(t) {
  const work = new Workplace(t, KEY);
  work.succeed(['init'], { env });
  const contents = await openKeyring(work.read(path.join('default', 'keyring.json')), PHRASE);
  const named = { ...contents, serial: contents.serial + 1, accounts: [ACCOUNT] };
  return { contents: named, file: await sealKeyring(named, PHRASE, CHEAP) };
}

test('the examples of the specification', () => {
  const ones = new Uint8Array(32).fill(1);
  assert.equal(toHex(subkey(ones, 'zkvault.personal.store.v1', new Uint8Array(16).fill(5))), '7f1ca33897cefb889529a472ab90cd7a9b573f5fc20f934f071f8bb7fa1c938f');
  const chain = chainOf(ones, 'acme.logmeonce.com');
  assert.equal(base32(chain.tag), 'enngyl6bu3nlp4yq');
  assert.equal(chain.blob(7), 'zkv-backup/enngyl6bu3nlp4yq/brdsgudimwbft2i4pojjrbg62vfk52nl.zkvb');
});

test('a backup from outside is verified and restored by zkv, and its next one is read here', async (t) => {
  const { contents, file } = await keyringOf(t);
  const chain = chainOf(fromBase64(contents.personal[0]), ACCOUNT);
  const { bytes, head } = await sealBackup(chain, { keyring: file, serial: contents.serial, sites: SITES, pins: PINS });
  assert.equal((await openBackup(bytes, chain)).record.account, ACCOUNT);

  const work = new Workplace(t, KEY);
  const backup = work.write('first.zkvb', bytes);
  const verified = JSON.parse(work.succeed(['backup', 'verify', '--file', backup, '--json'], { env }).text);
  assert.deepEqual([verified.head, verified.authentic, verified.keyring], [head, true, true]);
  const restored = JSON.parse(work.succeed(['backup', 'restore', '--file', backup, '--expect', head, '--json'], { env }).text);
  assert.deepEqual([restored.head, restored.account, restored.sites], [head, ACCOUNT, 1]);

  const pushed = JSON.parse(work.succeed(['backup', 'push', '-o', 'next.zkvb', '--json'], { env }).text);
  assert.deepEqual([pushed.revision, pushed.chain], [2, base32(chain.tag)]);
  const next = await openBackup(work.read('next.zkvb'), chain);
  assert.deepEqual([next.record.manifest.parent, next.record.follows], [head.slice(2), null]);
  assert.deepEqual(next.snapshot.sites, SITES);
  const inside = await openKeyring(next.keyring, PHRASE);
  assert.deepEqual([inside.serial, inside.personal, inside.accounts], [next.record.keyring.serial, contents.personal, [ACCOUNT]]);
});

test('what zkv refuses of a backup from outside', async (t) => {
  const { contents, file } = await keyringOf(t);
  const [chain, other] = [ACCOUNT, 'other.example'].map((account) => chainOf(fromBase64(contents.personal[0]), account));
  const options = { keyring: file, serial: contents.serial, sites: SITES, pins: PINS };
  const { bytes } = await sealBackup(chain, options);
  const work = new Workplace(t, KEY);
  const refused = (name, backup) => {
    const { status } = work.run(['backup', 'restore', '--file', work.write('bad.zkvb', backup)], { env });
    assert.equal(status, 10, name);
  };
  refused('version 1', bytes.with(7, 1));
  refused('the tag of another chain', concat(bytes.slice(0, 8), other.tag, bytes.slice(18)));
  refused('a record of another account', (await sealBackup({ ...chain, account: 'other.example' }, options)).bytes);
  refused('a first one that has a parent', (await sealBackup(chain, { ...options, parent: '00'.repeat(32) })).bytes);
  refused('a later one that has none', (await sealBackup(chain, { ...options, revision: 2 })).bytes);
  refused('under a vault key', (await sealBackup({ ...chain, key: fromBase64(contents.keys[0].secret) }, options)).bytes);
  work.succeed(['backup', 'restore', '--file', work.write('good.zkvb', bytes)], { env });
});
