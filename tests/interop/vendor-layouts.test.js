// Every layout of the catalogue, and variations of it, both ways: what independent code seals, zkv finds and opens.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fromBase64, fromHex, toBase64 } from './lib/bytes.js';
import { openIn, sealIn, trustOf } from './lib/vendor-layout.js';
import { Workplace } from './lib/zkv.js';

const KEY = crypto.getRandomValues(new Uint8Array(32));
const NUMBER = fromHex('d87f7e0c');
const TEXTS = Array.from({ length: 17 }, (_, index) => `value number ${index}, ${'é'.repeat(index)}`);

const site = (value, index) => ({
  id: 1749398 + index,
  login: { inputs: [{ flags: 5, name: '["password"]', type: 'password', value }] },
});
const documentOf = (values) => JSON.stringify({ sites: values.map(site) });
const valuesOf = (text) => JSON.parse(text).sites.map(({ login }) => login.inputs[0].value);

const FILE = { format: 'zkvault.vendor-layouts', version: 1 };
const writeLayout = (work, layout) => work.write('given.json', JSON.stringify({ ...FILE, layouts: [layout] }));

/** The catalogue as zkv prints it, and layouts that are none of its entries. */
function layouts(work) {
  const catalog = JSON.parse(work.succeed(['vendor', 'show', '--json']).text).layouts;
  const named = (name) => catalog.find((layout) => layout.name === name);
  const gcm = named('vendor-gcm-16+pkcs7');
  const mac = named('vendor-cbc-hmac-128');
  return [
    ...catalog,
    { ...gcm, name: 'gcm-header-aad', aad: 'header' },
    { ...gcm, name: 'gcm-tag-first', order: 'tag-iv-ciphertext' },
    { ...gcm, name: 'gcm-iso', padding: 'iso7816' },
    { ...gcm, name: 'gcm-length', padding: 'length-prefixed' },
    { ...gcm, name: 'gcm-utf16', text: 'utf16-le' },
    { ...gcm, name: 'gcm-sha256', key: 'sha256' },
    { ...gcm, name: 'gcm-tag12', tag: 12 },
    { ...gcm, name: 'gcm-128', cipher: 'aes-128-gcm', key: 'first16' },
    { ...gcm, name: 'gcm-check', check: { key: { hash: 'sha256', end: 'first' } } },
    { ...gcm, name: 'gcm-crc', check: { key: { hash: 'crc32', end: 'first' } } },
    { ...gcm, name: 'gcm-zero-block', check: { key: { hash: 'aes-zero', end: 'last' } } },
    { ...mac, name: 'mac-sha1', mac: { ...mac.mac, hash: 'sha1' } },
    { ...mac, name: 'mac-sha512', mac: { ...mac.mac, hash: 'sha512' }, tag: 32 },
    { ...mac, name: 'mac-ctr', cipher: 'aes-256-ctr', padding: 'none' },
    { ...mac, name: 'mac-iso', padding: 'iso7816' },
  ];
}

const withoutName = ({ name, ...rest }) => rest;

test('zkv opens and finds every layout that independent code seals in', async (t) => {
  const work = new Workplace(t, KEY);
  const all = layouts(work);
  assert.ok(all.length >= 12 + 15, `${all.length} layouts`);
  for (const layout of all) {
    const given = writeLayout(work, layout);
    const sealed = await Promise.all(TEXTS.map((text) => sealIn(layout, KEY, NUMBER, text)));
    assert.deepEqual(await Promise.all(sealed.map((value) => openIn(layout, KEY, value))), TEXTS, layout.name);
    const sites = work.write('sealed.json', documentOf(sealed));
    const key = ['--key-file', work.keyFile];
    const { text } = work.succeed(['decrypt', sites, ...key, '--layouts', given, '--json']);
    assert.deepEqual(valuesOf(text), TEXTS, layout.name);

    const found = work.path('found.json');
    const { text: json } = work.succeed(['vendor', 'discover', sites, ...key, '--json', '-o', found, '--force']);
    const best = JSON.parse(json);
    assert.deepEqual(Object.keys(best), ['layout', 'kdf', 'trust', 'values', 'tried']);
    assert.equal(best.values, TEXTS.length, layout.name);
    const described = JSON.parse(new TextDecoder().decode(work.read('found.json'))).layouts[0];
    assert.deepEqual(withoutName(described), withoutName(layout), layout.name);
  }
});

test('what zkv seals in a layout, independent code opens', async (t) => {
  const work = new Workplace(t, KEY);
  work.write('plain.json', documentOf(TEXTS));
  for (const layout of layouts(work).filter(({ cipher }) => cipher !== 'aes-256-ocb2')) {
    const given = writeLayout(work, layout);
    const { text } = work.succeed([
      'encrypt', 'plain.json', '--key-file', work.keyFile, '--layout', 'vendor', '--key-id', 'd87f7e0c',
      '--unconfirmed', layout.name, '--layouts', given,
    ]);
    const opened = await Promise.all(valuesOf(text).map((value) => openIn(layout, KEY, value)));
    assert.deepEqual(opened, TEXTS, layout.name);
  }
});

test('a password that is wrong finds nothing in ten thousand values', async (t) => {
  const work = new Workplace(t, crypto.getRandomValues(new Uint8Array(32)));
  const [layout] = JSON.parse(work.succeed(['vendor', 'show', 'vendor-cbc', '--json']).text).layouts;
  const texts = Array.from({ length: 10_000 }, (_, index) => `value number ${index}`);
  const sealed = await Promise.all(texts.map((text) => sealIn(layout, KEY, NUMBER, text)));
  const sites = work.write('sealed.json', documentOf(sealed));
  const result = work.run(['vendor', 'discover', sites, '--key-file', work.keyFile, '--json']);
  assert.equal(result.status, 3, result.stderr);
  assert.equal(JSON.parse(result.stderr).code, 'no-layout');
});

/** One value, and the same with one fault in each of its parts. */
function faultsOf(value, layout) {
  const bytes = fromBase64(value);
  const flipped = (place) => bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));
  const faults = { short: bytes.slice(0, -1), long: new Uint8Array([...bytes, 0]), empty: bytes.slice(0, 5 + layout.iv + layout.tag) };
  for (const place of [0, 5, 5 + layout.iv, bytes.length >> 1, bytes.length - 1]) faults[`byte ${place}`] = flipped(place);
  if (layout.check !== 'number') faults.check = flipped(1);
  // SJCL's CCM takes no notice of the end of its IV, and a changed version is another fault of the input.
  delete faults['byte 0'];
  return Object.values(faults).map(toBase64);
}

test('values with one fault fail alike, whatever the fault', async (t) => {
  const work = new Workplace(t, KEY);
  const authenticated = layouts(work).filter((layout) => trustOf(layout) === 'authenticated');
  assert.ok(authenticated.length >= 20, `${authenticated.length} layouts`);
  for (const layout of authenticated) {
    const given = writeLayout(work, layout);
    const value = await sealIn(layout, KEY, NUMBER, 'a text of more than one block');
    const faults = faultsOf(value, layout);
    for (const fault of faults) await assert.rejects(openIn(layout, KEY, fault), layout.name);
    const sites = work.write('faults.json', documentOf(faults));
    const result = work.run(['decrypt', sites, '--key-file', work.keyFile, '--layouts', given, '--json']);
    assert.equal(result.status, 10, layout.name);
    const { failures } = JSON.parse(result.stderr);
    assert.equal(failures.length, faults.length, layout.name);
    const reasons = new Set(failures.map(({ reason }) => reason).filter((reason) => reason !== 'malformed'));
    assert.deepEqual([...reasons], ['decrypt'], layout.name);
  }
});

test('a layout without a MAC is found from 16 values and not from one', async (t) => {
  const work = new Workplace(t, KEY);
  for (const name of ['vendor-cbc', 'vendor-ctr+pkcs7']) {
    const [layout] = JSON.parse(work.succeed(['vendor', 'show', name, '--json']).text).layouts;
    const sealed = await Promise.all(TEXTS.slice(0, 16).map((text) => sealIn(layout, KEY, NUMBER, text)));
    const search = (values) => work.run(['vendor', 'discover', work.write('some.json', documentOf(values)), '--key-file', work.keyFile, '--json']);
    assert.equal(search(sealed.slice(0, 1)).status, 3, name);
    assert.equal(search(sealed.slice(0, 15)).status, 3, name);
    const found = search(sealed);
    assert.equal(found.status, 0, found.stderr);
    const best = JSON.parse(found.text);
    assert.deepEqual([best.trust, best.values], ['unauthenticated', 16], name);
  }
});

test('a MAC that fits with a wrong half of the key proves nothing', async (t) => {
  const work = new Workplace(t, KEY);
  const [layout] = JSON.parse(work.succeed(['vendor', 'show', 'vendor-cbc-hmac-hex', '--json']).text).layouts;
  // The MAC's half is right and the cipher's is not: 32 of the 64 digits differ.
  const half = new Uint8Array(KEY);
  half.subarray(0, 16).forEach((byte, at) => { half[at] = byte ^ 0x55; });
  const sealed = await Promise.all(TEXTS.map((text) => sealIn(layout, half, NUMBER, text)));
  const sites = work.write('half.json', documentOf(sealed));
  const result = work.run(['vendor', 'discover', sites, '--key-file', work.keyFile, '--json']);
  assert.equal(result.status, 3, result.text);
});

test('a report says lengths and counts, and nothing of the values', async (t) => {
  const work = new Workplace(t, KEY);
  const [layout] = JSON.parse(work.succeed(['vendor', 'show', 'vendor-gcm-16+pkcs7', '--json']).text).layouts;
  const sealed = await Promise.all(['test2', 'test3'].map((text) => sealIn(layout, KEY, NUMBER, text)));
  const sites = work.write('sealed.json', documentOf(sealed));
  const { text } = work.succeed(['vendor', 'discover', sites, '--report', '--json']);
  assert.deepEqual(JSON.parse(text), { values: 2, skipped: 0, lengths: { 53: 2 }, headers: [2] });
  assert.ok(!text.includes('d87f7e0c'));
});
