// Values both ways: what WebCrypto and sjcl seal, zkv opens; what zkv seals, they open.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHex, toHex } from './lib/bytes.js';
import { VENDOR_LAYOUTS, keyId, openBound, openVendor, sealBound, sealVendor } from './lib/value.js';
import { Workplace } from './lib/zkv.js';

const KEY = crypto.getRandomValues(new Uint8Array(32));
const VENDOR_ID = fromHex('d87f7e0c');
const TEXTS = {
  'no text': '',
  'a password': 'correct horse battery staple',
  'a text of one padding block': 'x'.repeat(32),
  'text outside ASCII': 'pässwörd 🔑 "quoted" \\ back',
  'a text with line ends': 'first\nsecond\r\n\tthird\n',
  'the last text with a 13-byte CCM nonce': 'y'.repeat(65535),
  'the first text with a 12-byte CCM nonce': 'y'.repeat(65536),
  'a text of three chunks': 'z'.repeat(40000),
};

const NAME = '["password", "Passwd"]';
const place = (index) => ({ siteId: 1749398 + index, type: 'password', name: NAME });

/** One site per value, with members around it that must come through. */
function documentOf(values) {
  const site = (value, index) => ({
    id: place(index).siteId,
    name: `Site ${index} \u00e9`,
    updated: 1586452560,
    zNew: { kept: [1, 2.5, null], order: true },
    login: { Url: 'https://example.com/', inputs: [{ flags: 5, name: NAME, type: 'password', value }], match: {} },
  });
  return { sites: values.map(site), next: null };
}

/** Equal in meaning and in the order of members. */
function assertSameDocument(text, document) {
  assert.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(document));
}

const valuesOf = (document) => document.sites.map((site) => site.login.inputs[0].value);
const texts = Object.values(TEXTS);

async function opensInZkv(t, seal) {
  const work = new Workplace(t, KEY);
  const sealed = await Promise.all(texts.map(seal));
  work.write('sealed.json', JSON.stringify(documentOf(sealed)));
  const { text } = work.succeed(['decrypt', 'sealed.json', '--key-file', work.keyFile, '--json']);
  assertSameDocument(text, documentOf(texts));
}

for (const layout of Object.keys(VENDOR_LAYOUTS)) {
  test(`zkv opens ${layout} values from outside`, (t) =>
    opensInZkv(t, (text) => sealVendor(layout, KEY, VENDOR_ID, text)));
}

test('zkv opens bound values from outside', (t) =>
  opensInZkv(t, (text, index) => sealBound(KEY, place(index), text)));

test('bound values from zkv open outside', async (t) => {
  const work = new Workplace(t, KEY);
  work.write('clear.json', JSON.stringify(documentOf(texts)));
  const { text } = work.succeed(['encrypt', 'clear.json', '--key-file', work.keyFile]);
  const sealed = valuesOf(JSON.parse(text));
  const opened = await Promise.all(sealed.map((value, index) => openBound(KEY, place(index), value)));
  assert.deepEqual(opened, texts);
  assertSameDocument(text, documentOf(sealed));
});

test('vendor values from zkv open outside', async (t) => {
  const work = new Workplace(t, KEY);
  work.write('clear.json', JSON.stringify(documentOf(texts)));
  const { text } = work.succeed([
    'encrypt', 'clear.json', '--key-file', work.keyFile, '--layout', 'vendor', '--unconfirmed', 'vendor-gcm', '--key-id', toHex(VENDOR_ID),
  ]);
  const sealed = valuesOf(JSON.parse(text));
  const opened = await Promise.all(sealed.map((value) => openVendor('vendor-gcm', KEY, value)));
  assert.deepEqual(opened, texts);
  for (const value of sealed) assert.equal(toHex(Buffer.from(value, 'base64').subarray(0, 5)), `01${toHex(VENDOR_ID)}`);
});

for (const [title, text] of Object.entries(TEXTS).filter(([, text]) => !text.endsWith('\n'))) {
  test(`${title} alone, both ways`, async (t) => {
    const work = new Workplace(t, KEY);
    const at = place(0);
    const where = ['--site-id', String(at.siteId), '--type', at.type, '--name', at.name, '--key-file', work.keyFile];
    const sealed = work.succeed(['encrypt', ...where], { input: text }).text.trimEnd();
    assert.equal(await openBound(KEY, at, sealed), text);
    const opened = work.succeed(['decrypt', ...where], { input: await sealBound(KEY, at, text) });
    // Off a terminal the plaintext comes out alone; a line end behind it is the program's to choose.
    assert.equal(opened.text.replace(/\n$/, ''), text);
  });
}

test('zkv names the key as this code does', async (t) => {
  const work = new Workplace(t, KEY);
  const value = await sealBound(KEY, place(0), 'text');
  const described = work.succeed(['inspect', '--json'], { input: value }).text;
  assert.ok(described.includes(toHex(await keyId(KEY))), described);
});

test('a bound value from outside does not open in another place or with another key', async (t) => {
  const work = new Workplace(t, KEY);
  work.write('other.key', `${toHex(crypto.getRandomValues(new Uint8Array(32)))}\n`);
  const sealed = await Promise.all(texts.map((text, index) => sealBound(KEY, place(index), text)));
  work.write('moved.json', JSON.stringify(documentOf([sealed[1], sealed[0]])));
  const moved = work.run(['decrypt', 'moved.json', '--key-file', work.keyFile, '--json']);
  assert.equal(moved.status, 10);
  assertSameDocument(moved.text, documentOf([sealed[1], sealed[0]]));
  const other = work.run(['decrypt', 'moved.json', '--key-file', work.path('other.key'), '--json']);
  assert.equal(other.status, 10);
});
