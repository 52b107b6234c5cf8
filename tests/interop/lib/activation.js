// Activations under a one-time code, written from docs/spec/activation.md.

import { hkdfSync } from 'node:crypto';
import { concat, context, equal, fromUtf8, u64be, utf8 } from './bytes.js';
import { open, seal } from './cobblestone.js';
import { fingerprint } from './keyring.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U';
const SYMBOLS = 27;
const NOTHING = new Uint8Array(16);
const RETIRED = 1;
const BECOMES_DEFAULT = 2;

/** The 16 bytes of a code as a person types it. */
export function readCode(text) {
  const symbols = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (symbols.length !== SYMBOLS) throw new Error('a code has 27 symbols');
  const values = [...symbols].map((symbol) => ALPHABET.indexOf(symbol));
  const digits = values.slice(0, -1);
  if (digits.some((value) => value < 0 || value > 31)) throw new Error('no symbol of a code');
  const number = digits.reduce((sum, value) => sum * 32n + BigInt(value), 0n);
  if (number >> 128n || number % 37n !== BigInt(values.at(-1))) throw new Error('not a code');
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(32, '0'), 'hex'));
}

function codeKey(code, salt, info) {
  return new Uint8Array(hkdfSync('sha512', code, salt, info, 32));
}

export async function sealWithCode(payload, code, account, user, { salt = crypto.getRandomValues(new Uint8Array(16)), inner } = {}) {
  const info = context('zkvault.activation.v1', account, BigInt(user));
  return concat(Uint8Array.of(2), salt, await seal(codeKey(code, salt, info), info, writePayload(payload), inner));
}

export async function openWithCode(activation, code, account, user) {
  if (activation[0] !== 2) throw new Error('not under a code');
  const info = context('zkvault.activation.v1', account, BigInt(user));
  return readPayload(await open(codeKey(code, activation.slice(1, 17), info), info, activation.slice(17)));
}

export function writePayload({ issued, expires, keys }) {
  const entries = keys.map(({ key, label, retired = false, becomesDefault = false, replaces = null }) => {
    const flags = (retired ? RETIRED : 0) | (becomesDefault ? BECOMES_DEFAULT : 0);
    const name = utf8(label);
    return concat(Uint8Array.of(flags), replaces ?? NOTHING, Uint8Array.of(name.length), name, key);
  });
  return concat(Uint8Array.of(2), u64be(issued), u64be(expires), Uint8Array.of(keys.length), ...entries);
}

export function readPayload(bytes) {
  let at = 0;
  const take = (length) => {
    const part = bytes.slice(at, (at += length));
    if (part.length !== length) throw new Error('the payload ends early');
    return part;
  };
  const number = () => Number(new DataView(take(8).buffer).getBigUint64(0));
  if (take(1)[0] !== 2) throw new Error('not version 2');
  const [issued, expires, count] = [number(), number(), take(1)[0]];
  if (expires <= issued || count < 1 || count > 64) throw new Error('no times or no keys');
  const keys = Array.from({ length: count }, () => {
    const flags = take(1)[0];
    if (flags > 3) throw new Error('unknown flags');
    const replaces = take(16);
    const label = fromUtf8(take(take(1)[0]));
    if (label === '' || utf8(label).length > 128 || /\p{Cc}/u.test(label)) throw new Error('no label');
    return {
      key: take(32), label, retired: (flags & RETIRED) !== 0, becomesDefault: (flags & BECOMES_DEFAULT) !== 0,
      replaces: equal(replaces, NOTHING) ? null : replaces,
    };
  });
  if (at !== bytes.length) throw new Error('the payload ends late');
  requireConsistent(keys);
  return { issued, expires, keys };
}

function requireConsistent(keys) {
  const prints = keys.map(({ key }) => fingerprint(key));
  const place = (wanted) => prints.findIndex((print) => equal(print, wanted));
  keys.forEach(({ replaces }, index) => {
    if (place(prints[index]) !== index) throw new Error('a key is there twice');
    if (replaces && place(replaces) >= index) throw new Error('a key replaces a later one');
  });
  const defaults = keys.filter(({ becomesDefault }) => becomesDefault);
  if (defaults.length > 1 || defaults.some(({ retired }) => retired)) throw new Error('more than one default, or a retired one');
}
