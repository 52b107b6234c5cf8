// Activations in both directions: what independent code seals, zkv receives.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { fromBase64, fromHex, toBase64, toHex } from './lib/bytes.js';
import { openWithCode, readCode, readPayload, sealWithCode, writePayload } from './lib/activation.js';
import { fingerprint } from './lib/keyring.js';
import { Workplace } from './lib/zkv.js';

const vector = JSON.parse(fs.readFileSync(new URL('../vectors/activation.json', import.meta.url), 'utf8'));
const env = { ZKV_PASSPHRASE: 'a long passphrase of six words' };
const filled = (byte) => new Uint8Array(32).fill(byte);
const key = (byte, label, more) => ({ key: filled(byte), label, ...more });

test('the vector opens, and its payload is the specified one', async () => {
  const { keys } = await openWithCode(fromBase64(vector.activation), readCode(vector.code), vector.host, vector.user_id);
  assert.deepEqual(keys.map(({ label, retired, becomesDefault }) => [label, retired, becomesDefault]), [['team', true, false], ['team-2', false, true]]);
  assert.equal(toHex(keys[1].replaces), toHex(fingerprint(keys[0].key)));
  await assert.rejects(openWithCode(fromBase64(vector.activation), readCode(vector.code), vector.host, 43));
});

test('payloads that contradict themselves are refused', () => {
  const refused = (keys) => assert.throws(() => readPayload(writePayload({ issued: 1, expires: 2, keys })));
  refused([key(1, 'a', { retired: true, becomesDefault: true })]);
  refused([key(1, 'a', { becomesDefault: true }), key(2, 'b', { becomesDefault: true })]);
  refused([key(1, 'a', { replaces: fingerprint(filled(2)) }), key(2, 'b')]);
  refused([key(1, 'a'), key(1, 'b')]);
  const good = writePayload({ issued: 1, expires: 2, keys: [key(1, 'a')] });
  for (const flags of [4, 128]) {
    const odd = Uint8Array.from(good);
    odd[18] = flags;
    assert.throws(() => readPayload(odd));
  }
  assert.throws(() => readPayload(fromHex(`01${toHex(good).slice(2)}`)));
});

test('zkv receives a rotation: it asks, retires the key of before, and uses the new one', async (t) => {
  const work = new Workplace(t, filled(9));
  work.succeed(['init'], { env });
  work.write('one.key', filled(1));
  work.succeed(['key', 'import', work.path('one.key'), '--label', 'ours', '--default'], { env });
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    issued: now, expires: now + 600,
    keys: [key(1, 'team', { retired: true }), key(2, 'team-2', { becomesDefault: true, replaces: fingerprint(filled(1)) })],
  };
  const activation = await sealWithCode(payload, readCode(vector.code), vector.host, 42);
  work.write('a.txt', toBase64(activation));
  const args = ['activate', work.path('a.txt'), '--host', vector.host, '--user-id', '42'];
  const withCode = { env: { ...env, ZKV_ACTIVATION_CODE: vector.code } };
  assert.equal(work.run(args, withCode).status, 5, 'nobody can be asked');
  work.succeed([...args, '--yes'], withCode);
  const keys = JSON.parse(work.succeed(['key', 'list', '--json'], { env }).text);
  const shown = keys.map(({ label, state, default: isDefault, replaces }) => [label, state, isDefault, replaces]);
  assert.deepEqual(shown, [['vault', 'active', false, null], ['ours', 'retired', false, null], ['team-2', 'active', true, 'ours']]);
});
