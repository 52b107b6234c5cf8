// The published vectors, read by this independent code: the fault of every file is one here too.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FOLDER, digests, readVectors } from './lib/vectors.js';
import { VENDOR_LAYOUTS, keyId, openBound, openVendor } from './lib/value.js';
import { equal, fromBase64 } from './lib/bytes.js';

async function openWithAny({ keys, at, value }) {
  const layouts = fromBase64(value)[0] === 2 ? ['bound'] : Object.keys(VENDOR_LAYOUTS);
  const failures = [];
  for (const key of keys) {
    for (const layout of layouts) {
      const opening = layout === 'bound' ? openBound(key, at, value) : openVendor(layout, key, value);
      const text = await opening.catch((error) => failures.push(error) && undefined);
      if (text !== undefined) return { layout, text };
    }
  }
  throw new AggregateError(failures, 'nothing opens it');
}

for (const vector of readVectors()) {
  test(`${vector.file} is ${vector.expect}`, async () => {
    if (vector.expect === 'ok') {
      assert.deepEqual(await openWithAny(vector), { layout: vector.layout, text: vector.plaintext });
    } else {
      await assert.rejects(() => openWithAny(vector));
    }
  });
}

test('a missing key is distinguished from one that does not fit', async () => {
  for (const { file, keys, value } of readVectors().filter(({ expect }) => expect === 'no-key')) {
    const bytes = fromBase64(value);
    const ids = await Promise.all(keys.map(keyId));
    assert.ok(keys.length === 0 || !ids.some((id) => equal(id, bytes.slice(1, 5))), file);
  }
});

test('no vector was changed', () => {
  assert.equal(digests(), fs.readFileSync(path.join(FOLDER, 'SHA256SUMS'), 'utf8'));
});
