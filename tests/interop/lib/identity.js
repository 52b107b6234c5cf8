// Public identities: X25519 keys as bech32m text (BIP 350), with a checksum of 6 characters (docs/spec/identity.md).

const PREFIX = 'zkv';
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32M = 0x2bc830a3;

function polymod(values) {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, bit) => { if ((top >>> bit) & 1) check ^= term; });
  }
  return check >>> 0;
}

const expanded = [...PREFIX].map((c) => c.charCodeAt(0) >> 5).concat(0, [...PREFIX].map((c) => c.charCodeAt(0) & 31));

/** Regroups bits; what is left over is filled with zeros, or must be zeros. */
function regroup(values, from, to, fill) {
  let [buffer, bits] = [0, 0];
  const groups = [];
  for (const value of values) {
    buffer = ((buffer << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) groups.push((buffer >> (bits -= to)) & ((1 << to) - 1));
  }
  const rest = buffer & ((1 << bits) - 1);
  if (fill && bits > 0) groups.push(rest << (to - bits));
  else if (!fill && (bits >= from || rest !== 0)) throw new Error('stray bits in an identity');
  return groups;
}

export function encodeIdentity(publicKey) {
  const data = regroup(publicKey, 8, 5, true);
  const check = polymod([...expanded, ...data, 0, 0, 0, 0, 0, 0]) ^ BECH32M;
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => (check >>> shift) & 31);
  return `${PREFIX}1${[...data, ...checksum].map((value) => ALPHABET[value]).join('')}`;
}

export function decodeIdentity(text) {
  if (!text.startsWith(`${PREFIX}1`)) throw new Error('not an identity');
  const values = [...text.slice(PREFIX.length + 1)].map((c) => ALPHABET.indexOf(c));
  if (values.includes(-1) || polymod([...expanded, ...values]) !== BECH32M) throw new Error('a mistyped identity');
  return Uint8Array.from(regroup(values.slice(0, -6), 5, 8, false));
}
