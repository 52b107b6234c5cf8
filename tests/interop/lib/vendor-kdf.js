// The vendor's key derivation from a master password, by the library that the vendor's web client is built on.

import sjcl from './sjcl.cjs';
import { bitsToBytes } from './value.js';

/** What sjcl.misc.pbkdf2 takes as its last argument: a keyed function with an `encrypt` method. */
class HmacSha1 {
  constructor(key) {
    this.mac = new sjcl.misc.hmac(key, sjcl.hash.sha1);
  }

  encrypt(data) {
    return this.mac.encrypt(data);
  }
}

/** `user` lower-cased and trimmed is the salt, or keys the HMAC of the base64url `serverSalt`. */
function vendorSalt(user, serverSalt) {
  const name = sjcl.codec.utf8String.toBits(user.trim().toLowerCase());
  if (serverSalt === undefined) return name;
  return new sjcl.misc.hmac(name, sjcl.hash.sha256).encrypt(sjcl.codec.base64url.toBits(serverSalt));
}

/** PBKDF2-HMAC-SHA-256, 600,000 iterations unless told otherwise. */
export function currentProfile(password, user, { serverSalt, iterations = 600000 } = {}) {
  return bitsToBytes(sjcl.misc.pbkdf2(password, vendorSalt(user, serverSalt), iterations, 256));
}

/** PBKDF2-HMAC-SHA-1, 10,000 iterations unless told otherwise. */
export function oldProfile(password, user, { serverSalt, iterations = 10000 } = {}) {
  return bitsToBytes(sjcl.misc.pbkdf2(password, vendorSalt(user, serverSalt), iterations, 256, HmacSha1));
}
