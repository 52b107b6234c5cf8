// Every layout of the catalogue, and variations of it, both ways: what independent code seals, zkv finds and opens.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHex } from './lib/bytes.js';
import { openIn, sealIn } from './lib/vendor-layout.js';
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
    const [best] = JSON.parse(json);
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

test('a report says lengths and counts, and nothing of the values', async (t) => {
  const work = new Workplace(t, KEY);
  const [layout] = JSON.parse(work.succeed(['vendor', 'show', 'vendor-gcm-16+pkcs7', '--json']).text).layouts;
  const sealed = await Promise.all(['test2', 'test3'].map((text) => sealIn(layout, KEY, NUMBER, text)));
  const sites = work.write('sealed.json', documentOf(sealed));
  const { text } = work.succeed(['vendor', 'discover', sites, '--report', '--json']);
  assert.deepEqual(JSON.parse(text), { values: 2, skipped: 0, lengths: { 53: 2 }, headers: [2] });
  assert.ok(!text.includes('d87f7e0c'));
});
