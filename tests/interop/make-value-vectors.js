// Writes tests/vectors/value: one fault per file, every byte fixed. Run by hand, never by a test: published
// vectors do not change. `--check` compares instead of writing and fails on the first difference.

import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { concat, context, toBase64, toHex, utf8 } from './lib/bytes.js';
import * as cobblestone from './lib/cobblestone.js';
import { keyId, pad, sealBoundPadded, sealVendorBytes } from './lib/value.js';

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'vectors', 'value');

/** Bytes that look random and are the same on every run. */
const fixed = (name, length) => new Uint8Array(createHash('shake256', { outputLength: length }).update(name).digest());

const KEY = fixed('zkvault vectors: key', 32);
const OTHER_KEY = fixed('zkvault vectors: other key', 32);
const ID = await keyId(KEY);
const VENDOR_ID = Uint8Array.of(0xd8, 0x7f, 0x7e, 0x0c);
const SALT = fixed('zkvault vectors: salt', 24);
const AT = { siteId: 1749398, type: 'password', name: '["password", "Passwd"]' };
const TEXT = 'correct horse battery staple';

const bound = (padded, key = KEY, salt = SALT) => sealBoundPadded(key, AT, padded, salt);
const iv = (length) => fixed(`zkvault vectors: iv of ${length}`, length);
const vendor = (layout, bytes, length) => sealVendorBytes(layout, KEY, VENDOR_ID, bytes, iv(length));
const flip = (bytes, at, bit = 1) => {
  const copy = Uint8Array.from(bytes);
  copy.set([copy.at(at) ^ bit], at < 0 ? copy.length + at : at);
  return copy;
};

const V2 = await bound(pad(utf8(TEXT)));
const V2_TWO_CHUNKS = await bound(pad(utf8('long '.repeat(3400))));
const GCM = await vendor('vendor-gcm', utf8(TEXT), 12);
const CCM = await vendor('vendor-sjcl-ccm', utf8(TEXT), 16);
const GCM_16 = await vendor('vendor-gcm-16', utf8(TEXT), 16);
const NOT_UTF8 = Uint8Array.of(0x70, 0x61, 0x73, 0x73, 0xff, 0xfe);
const OVERLONG = Uint8Array.of(0xc0, 0x80);
const SURROGATE = Uint8Array.of(0xed, 0xa0, 0x80);

const vectors = new Map();

/** One file. `fields` override the usual key and input; null leaves the line out. */
function vector(name, comment, expect, value, fields = {}) {
  if (vectors.has(name)) throw new Error(`two vectors named ${name}`);
  const text = typeof value === 'string' ? value : toBase64(value);
  const { key = [KEY], siteId = AT.siteId, type = AT.type, name: input = AT.name, ...rest } = fields;
  const lines = comment.split('\n').map((line) => `# ${line}`);
  const add = (field, content) => content === null || content === undefined || lines.push(`${field}: ${content}`);
  const json = (content) => (content === null || content === undefined ? null : JSON.stringify(content));
  add('expect', expect);
  add('layout', rest.layout);
  for (const one of key) add('key', toHex(one));
  add('site-id', siteId);
  add('type', json(type));
  add('name', json(input));
  add('value', json(text));
  add('value-repeat', rest.repeat);
  add('plaintext', json(rest.plaintext));
  vectors.set(`${name}.txt`, `${lines.join('\n')}\n`);
}

const NO_INPUT = { siteId: null, type: null, name: null };
const okBound = (name, comment, value, plaintext, fields) =>
  vector(name, comment, 'ok', value, { layout: 'bound', plaintext, ...fields });
const okVendor = (name, comment, layout, value, plaintext) =>
  vector(name, comment, 'ok', value, { ...NO_INPUT, layout, plaintext });

// --- Values that open -------------------------------------------------------------------------------------

okBound('v2_ok', 'No fault: a bound value.', V2, TEXT);
okBound('v2_ok_empty', 'No fault: the empty text, one block of padding.', await bound(pad(utf8(''))), '');
okBound('v2_ok_31_bytes', 'No fault: the longest text in one block.', await bound(pad(utf8('a'.repeat(31)))), 'a'.repeat(31));
okBound('v2_ok_32_bytes', 'No fault: the padding needs a block of its own.', await bound(pad(utf8('a'.repeat(32)))), 'a'.repeat(32));
okBound('v2_ok_unicode', 'No fault: text outside ASCII, with a NUL and a line end inside, not normalised.',
  await bound(pad(utf8('pa\u0308ss\u0000wo\nrd 🔑'))), 'pa\u0308ss\u0000wo\nrd 🔑');
okBound('v2_ok_byte_order_mark', 'No fault: a byte order mark is part of the text.', await bound(pad(utf8('\ufeffx'))), '\ufeffx');
okBound('v2_ok_exactly_one_chunk', 'No fault: 16,384 padded bytes, so the last chunk is empty.',
  await bound(pad(utf8('b'.repeat(16383)))), 'b'.repeat(16383));
okBound('v2_ok_two_chunks', 'No fault: a text over one chunk.', V2_TWO_CHUNKS, 'long '.repeat(3400));
okBound('v2_ok_second_key', 'No fault: the right key is not the first one at hand.', V2, TEXT, { key: [OTHER_KEY, KEY] });
{
  const at = { siteId: 18446744073709551615n, type: '', name: '' };
  okBound('v2_ok_extreme_input', 'No fault: the largest site id, an empty type and an empty name.',
    await sealBoundPadded(KEY, at, pad(utf8(TEXT)), SALT), TEXT, at);
}
okVendor('v1_gcm_ok', 'No fault: the first vendor layout.', 'vendor-gcm', GCM, TEXT);
okVendor('v1_gcm_ok_empty', 'No fault: the first vendor layout, empty text.', 'vendor-gcm',
  await vendor('vendor-gcm', utf8(''), 12), '');
okVendor('v1_sjcl_ccm_ok', 'No fault: the second vendor layout; sjcl cuts the 16-byte IV to 13.', 'vendor-sjcl-ccm', CCM, TEXT);
okVendor('v1_sjcl_ccm_ok_empty', 'No fault: the second vendor layout, empty text; the shortest value there is.',
  'vendor-sjcl-ccm', await vendor('vendor-sjcl-ccm', utf8(''), 16), '');
okVendor('v1_sjcl_ccm_ok_65535_bytes', 'No fault: the longest text whose IV sjcl cuts to 13 bytes.', 'vendor-sjcl-ccm',
  await vendor('vendor-sjcl-ccm', utf8('c'.repeat(65535)), 16), 'c'.repeat(65535));
okVendor('v1_sjcl_ccm_ok_65536_bytes', 'No fault: the shortest text whose IV sjcl cuts to 12 bytes.', 'vendor-sjcl-ccm',
  await vendor('vendor-sjcl-ccm', utf8('c'.repeat(65536)), 16), 'c'.repeat(65536));
okVendor('v1_gcm_16_ok', 'No fault: the third vendor layout.', 'vendor-gcm-16', GCM_16, TEXT);
vector('v1_gcm_ok_id_flipped', 'Not a fault: in version 1 the id is the vendor\'s number and not authenticated.',
  'ok', flip(GCM, 1), { layout: 'vendor-gcm', plaintext: TEXT });
vector('v1_gcm_ok_any_input', 'Not a fault: version 1 is bound to no input.', 'ok', GCM,
  { layout: 'vendor-gcm', siteId: 1, type: 'x', name: 'y', plaintext: TEXT });

// --- Not a value ------------------------------------------------------------------------------------------

const text = toBase64(V2);
vector('empty', 'No characters.', 'malformed', '');
vector('base64_url_alphabet', 'The URL alphabet, where the standard one has + and /.', 'malformed',
  text.replaceAll('+', '-').replaceAll('/', '_'));
vector('base64_without_padding', 'The padding characters are missing.', 'malformed', text.replace(/=+$/, ''));
vector('base64_with_more_padding', 'A whole group of padding too many.', 'malformed', `${text}====`);
vector('base64_padding_bits', 'The unused bits of the last group are not zero.', 'malformed',
  text.replace(/[A-Za-z0-9+/](=+)$/, (group, padding) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    return alphabet[alphabet.indexOf(group[0]) | 1] + padding;
  }));
vector('base64_space_before', 'A space in front.', 'malformed', ` ${text}`);
vector('base64_line_end_after', 'A line end behind.', 'malformed', `${text}\n`);
vector('base64_line_end_inside', 'Broken over two lines, as MIME does.', 'malformed', `${text.slice(0, 76)}\n${text.slice(76)}`);
vector('base64_not_ascii', 'A full-width letter among the characters.', 'malformed', `Ａ${text.slice(1)}`);
vector('plain_text', 'A password that was never encrypted.', 'malformed', 'hunter2');
for (const version of [0, 3, 255]) {
  vector(`version_${version}`, `The version byte is ${version}.`, 'malformed', concat(Uint8Array.of(version), V2.slice(1)));
}
vector('huge', 'Far more characters than any value has.', 'malformed', 'AQEB', { repeat: 350_000 * 2 });
vector('v1_header_only', 'Version and key id, and nothing else.', 'malformed', GCM.slice(0, 5));
vector('v1_version_only', 'The version byte alone.', 'malformed', GCM.slice(0, 1));
vector('v1_header_cut', 'Four bytes: the key id is not whole.', 'malformed', GCM.slice(0, 4));
vector('v1_shorter_than_every_layout', 'One byte less than the shortest layout needs.', 'malformed', GCM.slice(0, 28));
vector('v2_header_only', 'Version and key id, and nothing else.', 'malformed', V2.slice(0, 5));
vector('v2_cut_after_salt', 'Ends with the salt.', 'malformed', V2.slice(0, 5 + 24));
vector('v2_cut_after_commitment', 'Ends with the commitment.', 'malformed', V2.slice(0, 5 + 24 + 32));
vector('v2_cut_before_tag', 'The tag of the only chunk is missing.', 'malformed', V2.slice(0, -16));
vector('v2_cut_by_one', 'The last byte is missing: not a whole number of padding blocks.', 'malformed', V2.slice(0, -1));
vector('v2_longer_by_one', 'One byte too many.', 'malformed', concat(V2, Uint8Array.of(0)));
vector('v2_no_block', 'A sealed message of nothing at all: padding always makes a block.', 'malformed', await bound(new Uint8Array()));
vector('v2_two_chunks_cut_after_first', 'Ends with the first chunk, so that none says it is the last.', 'malformed',
  V2_TWO_CHUNKS.slice(0, 5 + 56 + 16400));

// --- No key, no input -------------------------------------------------------------------------------------

vector('v2_without_input', 'A bound value, and nothing says which input it belongs to.', 'no-context', V2, NO_INPUT);
vector('v2_other_key_only', 'The key with this id is not at hand.', 'no-key', V2, { key: [OTHER_KEY] });
vector('v2_no_keys', 'No key is at hand.', 'no-key', V2, { key: [] });
vector('v1_no_keys', 'No key is at hand.', 'no-key', GCM, { key: [] });
vector('v2_id_flipped', 'Another key id: no key at hand has it.', 'no-key', flip(V2, 1));
{
  // The id of a key that is available, so that only the binding of the header and the commitment can refuse.
  const changed = concat(V2.slice(0, 1), await keyId(OTHER_KEY), V2.slice(5));
  vector('v2_id_of_other_key', 'The id of another key that is at hand.', 'decrypt', changed, { key: [KEY, OTHER_KEY] });
}
{
  // The same key under a foreign id in a header that was sealed consistently: still not this key's value.
  const header = concat(Uint8Array.of(2), VENDOR_ID);
  const sealed = await cobblestone.seal(KEY, context('zkvault.value.v2', header, AT.siteId, AT.type, AT.name), pad(utf8(TEXT)), SALT);
  vector('v2_sealed_under_foreign_id', 'Sealed consistently, but under an id that is not the key\'s.', 'no-key', concat(header, sealed));
}

// --- Refused by authentication ----------------------------------------------------------------------------

vector('v1_gcm_wrong_key', 'Another key.', 'decrypt', GCM, { key: [OTHER_KEY] });
vector('v1_sjcl_ccm_wrong_key', 'Another key.', 'decrypt', CCM, { key: [OTHER_KEY] });
vector('v1_gcm_nonce_flipped', 'A bit of the nonce.', 'decrypt', flip(GCM, 5));
vector('v1_gcm_ciphertext_flipped', 'A bit of the ciphertext.', 'decrypt', flip(GCM, 17));
vector('v1_gcm_tag_flipped', 'The last bit of the tag.', 'decrypt', flip(GCM, -1));
vector('v1_gcm_cut_by_one', 'The last byte is missing.', 'decrypt', GCM.slice(0, -1));
vector('v1_gcm_tag_cut', 'The tag is missing.', 'decrypt', GCM.slice(0, -16));
vector('v1_gcm_longer_by_one', 'One byte too many.', 'decrypt', concat(GCM, Uint8Array.of(0)));
vector('v1_sjcl_ccm_iv_flipped', 'A bit of the IV that sjcl uses.', 'decrypt', flip(CCM, 5));
vector('v1_sjcl_ccm_ok_unused_iv_flipped', 'Not seen by sjcl: the IV\'s last three bytes, which it cuts off.', 'ok', flip(CCM, 5 + 15),
  { layout: 'vendor-sjcl-ccm', plaintext: TEXT });
vector('v1_sjcl_ccm_ciphertext_flipped', 'A bit of the ciphertext.', 'decrypt', flip(CCM, 21));
vector('v1_sjcl_ccm_tag_flipped', 'The last bit of the 8-byte tag.', 'decrypt', flip(CCM, -1));
vector('v1_gcm_16_iv_flipped', 'The last bit of the 16-byte IV: all of it counts.', 'decrypt', flip(GCM_16, 5 + 15));
vector('v1_gcm_16_tag_flipped', 'The last bit of the tag.', 'decrypt', flip(GCM_16, -1));
vector('v1_as_v2', 'A vendor value whose version byte says 2.', 'malformed', concat(Uint8Array.of(2), GCM.slice(1)));
vector('v2_as_v1', 'A bound value whose version byte says 1.', 'decrypt', concat(Uint8Array.of(1), V2.slice(1)));
vector('v2_salt_flipped', 'The first bit of the salt.', 'decrypt', flip(V2, 5, 0x80));
vector('v2_commitment_flipped', 'The first bit of the commitment.', 'decrypt', flip(V2, 29, 0x80));
vector('v2_commitment_end_flipped', 'The last bit of the commitment, from the second HKDF block.', 'decrypt', flip(V2, 60));
vector('v2_ciphertext_flipped', 'A bit of the chunk.', 'decrypt', flip(V2, 61));
vector('v2_tag_flipped', 'The last bit of the chunk\'s tag.', 'decrypt', flip(V2, -1));
vector('v2_block_cut', 'A whole padding block is missing from the ciphertext.', 'decrypt',
  await bound(pad(utf8('d'.repeat(40)))).then((long) => concat(long.slice(0, -48), long.slice(-16))));
vector('v2_two_chunks_first_tag_flipped', 'The tag of the first of two chunks.', 'decrypt', flip(V2_TWO_CHUNKS, 5 + 56 + 16399));
vector('v2_two_chunks_last_tag_flipped', 'The tag of the last of two chunks.', 'decrypt', flip(V2_TWO_CHUNKS, -1));
{
  const three = await bound(pad(utf8('e'.repeat(2 * 16384))));
  const chunk = (index) => three.slice(61 + index * 16400, 61 + (index + 1) * 16400);
  vector('v2_chunks_swapped', 'The first two of three chunks have changed places.', 'decrypt',
    concat(three.slice(0, 61), chunk(1), chunk(0), chunk(2)));
  vector('v2_chunk_removed', 'The first of three chunks is missing.', 'decrypt', concat(three.slice(0, 61), chunk(1), chunk(2)));
}
vector('v2_other_site', 'Moved to another site.', 'decrypt', V2, { siteId: AT.siteId + 1 });
vector('v2_other_type', 'Moved to an input of another type.', 'decrypt', V2, { type: 'text' });
vector('v2_other_name', 'Moved to an input of another name.', 'decrypt', V2, { name: '["password", "passwd"]' });
vector('v2_name_spaced_otherwise', 'The same JSON list in the name, spaced otherwise: names count byte for byte.', 'decrypt', V2,
  { name: '["password","Passwd"]' });
vector('v2_boundary_moved', 'A letter has moved from the name to the type.', 'decrypt', V2, { type: 'password[', name: '"password", "Passwd"]' });
vector('v2_other_salt_same_body', 'Header of one sealing, body of another of the same text.', 'decrypt',
  concat(V2.slice(0, 61), (await bound(pad(utf8(TEXT)), KEY, fixed('zkvault vectors: second salt', 24))).slice(61)));
{
  // A ciphertext of one key behind the commitment of another: what a plain AEAD cannot rule out.
  const at = boundContext(ID);
  const mine = await cobblestone.derive(KEY, SALT, at);
  const theirs = await cobblestone.seal(OTHER_KEY, at, pad(utf8(TEXT)), SALT);
  vector('v2_foreign_body_own_commitment', 'Commitment of our key, chunk of another.', 'decrypt',
    concat(V2.slice(0, 5), SALT, mine.commitment, theirs.slice(56)), { key: [KEY, OTHER_KEY] });
  const own = await cobblestone.seal(KEY, at, pad(utf8(TEXT)), SALT);
  vector('v2_own_body_foreign_commitment', 'Chunk of our key, which authenticates, under the commitment of another.', 'decrypt',
    concat(V2.slice(0, 5), SALT, theirs.slice(24, 56), own.slice(56)), { key: [KEY, OTHER_KEY] });
}

// --- Opened, but refused ----------------------------------------------------------------------------------

const zeros = (length) => new Uint8Array(length);
vector('v2_padding_all_zero', 'Properly sealed; the padded text is all zeros.', 'decrypt', await bound(zeros(32)));
vector('v2_padding_no_marker', 'Properly sealed; the padded text ends without 0x80.', 'decrypt', await bound(utf8('a'.repeat(32))));
vector('v2_padding_wrong_marker', 'Properly sealed; 0x81 instead of 0x80.', 'decrypt',
  await bound(concat(utf8('a'.repeat(20)), Uint8Array.of(0x81), zeros(11))));
vector('v2_padding_over_a_block', 'Properly sealed; 33 bytes of padding where one would do.', 'decrypt',
  await bound(concat(utf8('a'.repeat(31)), Uint8Array.of(0x80), zeros(32))));
vector('v2_padding_not_whole', 'Properly sealed; the padded text is 31 bytes.', 'malformed',
  await bound(concat(utf8('a'.repeat(30)), Uint8Array.of(0x80))));
vector('v2_without_header_in_context', 'Properly sealed, but the header is not in the context.', 'decrypt',
  concat(V2.slice(0, 5), await cobblestone.seal(KEY, context('zkvault.value.v2', AT.siteId, AT.type, AT.name), pad(utf8(TEXT)), SALT)));
vector('v2_other_label', 'Properly sealed as another kind of object.', 'decrypt',
  concat(V2.slice(0, 5), await cobblestone.seal(KEY, context('zkvault.file.meta.v1', V2.slice(0, 5), AT.siteId, AT.type, AT.name), pad(utf8(TEXT)), SALT)));
vector('v2_not_utf8', 'Properly sealed; the text is not UTF-8.', 'not-text', await bound(pad(NOT_UTF8)));
vector('v2_utf8_overlong', 'Properly sealed; an overlong NUL.', 'not-text', await bound(pad(OVERLONG)));
vector('v2_utf8_surrogate', 'Properly sealed; half a surrogate pair.', 'not-text', await bound(pad(SURROGATE)));
vector('v1_gcm_not_utf8', 'Properly sealed; the text is not UTF-8.', 'not-text', await vendor('vendor-gcm', NOT_UTF8, 12), NO_INPUT);
vector('v1_sjcl_ccm_not_utf8', 'Properly sealed; the text is not UTF-8.', 'not-text', await vendor('vendor-sjcl-ccm', NOT_UTF8, 16), NO_INPUT);
vector('v1_gcm_16_not_utf8', 'Properly sealed; the text is not UTF-8.', 'not-text', await vendor('vendor-gcm-16', NOT_UTF8, 16), NO_INPUT);

function boundContext(id) {
  return context('zkvault.value.v2', concat(Uint8Array.of(2), id), AT.siteId, AT.type, AT.name);
}

const names = [...vectors.keys()].sort();
const digest = (content) => createHash('sha256').update(content).digest('hex');
vectors.set('SHA256SUMS', names.map((name) => `${digest(vectors.get(name))}  ${name}\n`).join(''));

const check = process.argv.includes('--check');
fs.mkdirSync(FOLDER, { recursive: true });
const onDisk = new Set(fs.readdirSync(FOLDER).filter((name) => name !== 'README.md'));
for (const [name, content] of vectors) {
  const file = path.join(FOLDER, name);
  if (!check) fs.writeFileSync(file, content);
  else if (!onDisk.has(name) || fs.readFileSync(file, 'utf8') !== content) throw new Error(`${name} differs`);
  onDisk.delete(name);
}
if (onDisk.size > 0) throw new Error(`not made by this script: ${[...onDisk].join(', ')}`);
console.log(`${names.length} vectors ${check ? 'checked' : 'written'}`);
