// The vendor's key derivation: sjcl, Node's OpenSSL, docs/spec/vendor-kdf.md and zkv agree.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createHmac, pbkdf2Sync } from 'node:crypto';
import { toHex } from './lib/bytes.js';
import { currentProfile, oldProfile } from './lib/vendor-kdf.js';
import { Workplace } from './lib/zkv.js';

const PASSWORD = 'Pässword & more';
const USER = '  Maria@Example.COM ';
const SERVER_SALT = 'q83v_-8BI0VniavN7w';

function openssl({ serverSalt, iterations, hash = 'sha256' }) {
  const name = Buffer.from('maria@example.com');
  const salt = serverSalt ? createHmac('sha256', name).update(Buffer.from(serverSalt, 'base64url')).digest() : name;
  return toHex(pbkdf2Sync(PASSWORD, salt, iterations, 32, hash));
}

function zkv(t, ...flags) {
  const work = new Workplace(t, new Uint8Array(32));
  const args = ['key', 'derive', '--username', USER, ...flags, '--output', 'derived.key'];
  work.succeed(args, { env: { ZKV_MASTER_PASSWORD: PASSWORD } });
  return Buffer.from(work.read('derived.key')).toString().trim();
}

test('current profile, no server salt', (t) => {
  const profile = { iterations: 100000 };
  const derived = toHex(currentProfile(PASSWORD, USER, profile));
  assert.equal(derived, openssl(profile));
  assert.equal(zkv(t, '--iterations', '100000'), derived);
});

test('current profile with a server salt, at the usual number of iterations', (t) => {
  const profile = { serverSalt: SERVER_SALT, iterations: 600000 };
  const derived = toHex(currentProfile(PASSWORD, USER, { serverSalt: SERVER_SALT }));
  assert.equal(derived, openssl(profile));
  assert.equal(zkv(t, '--server-salt', SERVER_SALT), derived);
});

for (const [title, serverSalt] of [['no server salt', undefined], ['with a server salt', SERVER_SALT]]) {
  test(`old profile, ${title}`, (t) => {
    const derived = toHex(oldProfile(PASSWORD, USER, { serverSalt }));
    assert.equal(derived, openssl({ serverSalt, iterations: 10000, hash: 'sha1' }));
    assert.equal(zkv(t, '--legacy-sha1', ...(serverSalt ? ['--server-salt', serverSalt] : [])), derived);
  });
}

test('the vectors of the specification', () => {
  const [user, password, serverSalt] = [' Ann.Example@Example.COM\n', 'Pässword 1', 'AAECAwQFBgcICQoLDA0ODw'];
  const vectors = [
    [currentProfile, { serverSalt }, 'd9afb781eba629d3f44f6b13f9c2b380376a3d60328f95761eba36d1e33f6d20'],
    [currentProfile, { iterations: 100000 }, 'e32453be0468755e8d14208b6010648109c4637b2ad0218d47cdce4067b2354c'],
    [oldProfile, { serverSalt }, '020dcb0201b55de5f125037f58f125e4c71d335f53015d722b73762ce7c99853'],
  ];
  for (const [derive, options, key] of vectors) assert.equal(toHex(derive(password, user, options)), key);
});
