// The vendor's key derivation: sjcl, Node's OpenSSL and zkv agree.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createHmac, pbkdf2Sync } from 'node:crypto';
import { toHex } from './lib/bytes.js';
import { currentProfile, oldProfile } from './lib/vendor-kdf.js';
import { Workplace } from './lib/zkv.js';

const PASSWORD = 'Pässword & more';
const USER = '  Maria@Example.COM ';
const SERVER_SALT = 'q83v_-8BI0VniavN7w';
const CASES = {
  'current profile, no server salt': { flags: [], sjcl: currentProfile, hash: 'sha256', usual: 600000 },
  'current profile with a server salt': { flags: [], sjcl: currentProfile, hash: 'sha256', serverSalt: SERVER_SALT, usual: 600000 },
  'old profile, no server salt': { flags: ['--legacy-sha1'], sjcl: oldProfile, hash: 'sha1', usual: 10000 },
};

function openssl({ hash, serverSalt }, iterations) {
  const name = Buffer.from('maria@example.com');
  const salt = serverSalt ? createHmac('sha256', name).update(Buffer.from(serverSalt, 'base64url')).digest() : name;
  return pbkdf2Sync(PASSWORD, salt, iterations, 32, hash);
}

for (const [title, profile] of Object.entries(CASES)) {
  test(title, (t) => {
    const work = new Workplace(t, new Uint8Array(32));
    const derive = (output, ...more) => {
      const salt = profile.serverSalt ? ['--server-salt', profile.serverSalt] : [];
      const args = ['key', 'derive', '--username', USER, ...salt, ...profile.flags, ...more, '--output', output];
      work.succeed(args, { env: { ZKV_MASTER_PASSWORD: PASSWORD } });
      return Buffer.from(work.read(output)).toString().trim();
    };
    const few = profile.sjcl(PASSWORD, USER, { serverSalt: profile.serverSalt, iterations: 5000 });
    assert.equal(toHex(few), toHex(openssl(profile, 5000)));
    assert.equal(derive('few.key', '--iterations', '5000'), toHex(few));
    assert.equal(derive('usual.key'), toHex(openssl(profile, profile.usual)));
  });
}

test('sjcl agrees at the usual number of iterations', () => {
  const { serverSalt } = CASES['current profile with a server salt'];
  const derived = currentProfile(PASSWORD, USER, { serverSalt });
  assert.equal(toHex(derived), toHex(openssl({ hash: 'sha256', serverSalt }, 600000)));
});
