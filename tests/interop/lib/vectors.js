// Reads tests/vectors/value (the format is in its README).

import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { fromHex } from './bytes.js';

export const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'vectors', 'value');

function parse(file) {
  const lines = fs.readFileSync(path.join(FOLDER, file), 'utf8').trimEnd().split('\n');
  const fields = lines.filter((line) => !line.startsWith('#')).map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const all = (name) => fields.filter(([field]) => field === name).map(([, content]) => content);
  const [siteId] = all('site-id');
  const json = (name) => all(name).map((content) => JSON.parse(content))[0];
  return {
    file,
    expect: all('expect')[0],
    layout: all('layout')[0],
    keys: all('key').map(fromHex),
    at: siteId === undefined ? undefined : { siteId: BigInt(siteId), type: json('type'), name: json('name') },
    value: json('value').repeat(Number(all('value-repeat')[0] ?? 1)),
    plaintext: json('plaintext'),
  };
}

export function readVectors() {
  const files = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.txt')).sort();
  return files.map(parse);
}

/** The list that says what was published, computed anew. */
export function digests() {
  const sum = (file) => createHash('sha256').update(fs.readFileSync(path.join(FOLDER, file))).digest('hex');
  return readVectors().map(({ file }) => `${sum(file)}  ${file}\n`).join('');
}
