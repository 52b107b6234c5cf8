// The journal of changes, and what is remembered of people who left, read by independent code.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fromBase64 } from './lib/bytes.js';
import { digestOf, leavingName, passwordOf, readHead, readJournal, readLeaving } from './lib/journal.js';
import { openKeyring } from './lib/keyring.js';
import { startSimulator } from './lib/simulator.js';
import { Workplace } from './lib/zkv.js';

const PHRASE = 'a long passphrase of six words';
const USER = 1917;

/** A person who is logged in to a service and has its sites. */
async function person(t) {
  const service = await startSimulator(t);
  const work = new Workplace(t, service.key);
  work.write('secret.txt', service.ZKV_LOGMEONCE_SECRET);
  const env = { ZKV_PASSPHRASE: PHRASE, ZKV_DATA_DIR: work.path('data') };
  const run = (...args) => work.succeed(args, { env });
  run('init');
  run('key', 'import', work.keyFile, '--default');
  run('auth', 'login', '--url', service.ZKV_LOGMEONCE_URL, '--api-key', service.ZKV_LOGMEONCE_KEY, '--secret-file', 'secret.txt');
  run('sync');
  const keyring = await openKeyring(work.read('default/keyring.json'), PHRASE);
  return { work, run, service, personal: fromBase64(keyring.personal[0]) };
}

test('the digest of a line is the one of the specification', () => {
  assert.equal(digestOf('abc'), '5rHiTHhVhXGKOSmWlK9qjbRzkXim/Ba2E4vUlxaR/7g=');
});

test('the journal and the record of a leaving open with the personal key, and say what was done', async (t) => {
  const { work, run, service, personal } = await person(t);
  run('group', 'create', 'Sales', '--description', 'sells');
  run('offboard', String(USER), '--yes');

  const { records, last } = await readJournal(personal, work.read('default/journal.zkvj'));
  const head = await readHead(personal, work.read('data/default/journal-head.zkvj'));
  assert.deepEqual(head, { number: records.length, digest: last, first: 1 });
  const [created, outcome] = records;
  assert.deepEqual([created.intent.change, outcome.outcome], [{ do: 'create-group', name: 'Sales' }, { of: 1, result: 'confirmed' }]);
  const account = new URL(service.ZKV_LOGMEONCE_URL).host;
  assert.equal(created.intent.account, account);
  const done = records.flatMap(({ intent }) => intent?.change ?? []);
  assert.ok(done.some((change) => change.do === 'deactivate-user' && change.id === USER));
  assert.ok(done.some((change) => change.do === 'unassign' && change.tie === 'user-sites' && change.owner === USER));
  await assert.rejects(readJournal(new Uint8Array(32), work.read('default/journal.zkvj')));

  const leaving = await readLeaving(personal, work.read(`default/leavings/${leavingName(account, USER)}`));
  assert.deepEqual([leaving.account, leaving.user, typeof leaving.left], [account, USER, 'number']);
  const github = leaving.sites.find((site) => site.name === 'GitHub');
  const site = JSON.parse(run('site', 'get', String(github.id), '--json').text);
  const { value } = site.login.inputs.find((input) => input.type === 'password');
  const text = run('read', 'zkv://GitHub/password').text.trimEnd();
  assert.deepEqual(github.passwords, [passwordOf(leaving, value, text)]);
  assert.ok(github.paths.includes('direct'));
});
