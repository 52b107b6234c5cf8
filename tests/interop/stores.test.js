// Local stores of zkv, row by row, read by independent code.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { chainOf, sealBackup } from './lib/backup.js';
import { context, fromBase64, toBase64 } from './lib/bytes.js';
import { open } from './lib/cobblestone.js';
import { fingerprint, openKeyring, sealKeyring } from './lib/keyring.js';
import { checkOf, openStore } from './lib/store.js';
import { sealBound } from './lib/value.js';
import { Workplace } from './lib/zkv.js';

const PHRASE = 'a long passphrase of six words';
const env = { ZKV_PASSPHRASE: PHRASE };
const ACCOUNT = 'acme.example:8443/vault';
const CHEAP = { memory_kib: 19456, iterations: 2, lanes: 1, salt: toBase64(new Uint8Array(16).fill(5)) };
const USERS = [{ id: 1, username: 'ann', later: [null] }];
const GROUPS = [{ id: 3, name: 'Team' }];
const PINS = '{"format":"zkvault.pins","version":2,"sites":[]}';

/** An account in a store of zkv, restored from a backup that was made here. */
async function storeOf(t, work) {
  const other = new Workplace(t, new Uint8Array(32));
  other.succeed(['init'], { env });
  const made = await openKeyring(other.read(path.join('default', 'keyring.json')), PHRASE);
  const contents = { ...made, serial: made.serial + 1, accounts: [ACCOUNT] };
  const keyring = await sealKeyring(contents, PHRASE, CHEAP);
  const [personal, shared] = [contents.personal[0], contents.keys[0].secret].map(fromBase64);
  const input = { name: 'pw', type: 'password' };
  const value = await sealBound(shared, { siteId: 7, ...input }, 'hunter2');
  const sites = [
    { id: 7, name: 'a "site"', updated: 5, login: { Url: 'https://a.example/login', inputs: [{ ...input, value }] }, later: { a: 1.5 } },
    // More than a page of the database.
    { id: 9007199254740991, name: 'long', updated: 6, login: { Url: 'https://b.example', inputs: [] }, more: 'x'.repeat(20_000) },
  ];
  const { bytes, head } = await sealBackup(chainOf(personal, ACCOUNT), { keyring, serial: contents.serial, sites, users: USERS, groups: GROUPS, pins: PINS });
  const backup = work.write('first.zkvb', bytes);
  work.succeed(['backup', 'restore', '--file', backup, '--expect', head], { env });
  return { sites, personal, shared };
}

function readStore(work) {
  const found = fs.readdirSync(work.folder, { recursive: true }).find((name) => name.endsWith('store.db'));
  assert.ok(!fs.existsSync(work.path(`${found}-wal`)), 'all of it is in the database');
  return work.read(found);
}

test('every row of a store opens with the personal key, and to what was restored', async (t) => {
  const work = new Workplace(t, new Uint8Array(32));
  const { sites, personal, shared } = await storeOf(t, work);
  const before = await openStore(readStore(work), personal);
  assert.deepEqual([before.head.host, before.head.users, before.head.groups], [ACCOUNT, 1, 1]);
  assert.deepEqual([before.users, before.groups], [USERS, GROUPS]);
  assert.deepEqual(before.sites.map(({ id, standing, candidate, trusted, name }) => ({ id, standing, candidate, trusted, name })), sites.map((candidate) => ({
    id: candidate.id, standing: 'new', candidate, trusted: undefined, name: candidate.name,
  })));
  assert.deepEqual(before.sites.map(({ updated, origin, url }) => [updated, origin, url]), [
    [5, 'https://a.example', 'https://a.example/login'], [6, 'https://b.example', 'https://b.example'],
  ]);
  await assert.rejects(openStore(readStore(work), shared), 'the key of the team opens nothing');
  await assert.rejects(openStore(readStore(work), new Uint8Array(32)));

  work.succeed(['trust', '7', '--yes'], { env });
  const after = await openStore(readStore(work), personal);
  assert.equal(after.head.revision, before.head.revision + 1);
  const [site] = after.sites;
  assert.deepEqual([site.standing, site.trusted, site.candidate, site.followed], ['ok', sites[0], undefined, false]);
  assert.equal(checkOf(site.history), toBase64(fingerprint(shared)), 'the key that opened the value');
});

test('a record opens in its place and revision alone', async (t) => {
  const work = new Workplace(t, new Uint8Array(32));
  const { personal } = await storeOf(t, work);
  const { key, records, head } = await openStore(readStore(work), personal);
  const [, sealed] = [...records].find(([, bytes]) => bytes.length < 2000);
  const place = (kind, number, revision) => open(key, context('zkvault.store.record.v1', kind, number, revision), sealed);
  assert.ok((await place('site', 7, head.revision)).length > 0);
  for (const other of [['site', 8, head.revision], ['site', 7, head.revision + 1], ['findings', 7, head.revision], ['head', 0, 0]]) {
    await assert.rejects(place(...other), JSON.stringify(other));
  }
});
