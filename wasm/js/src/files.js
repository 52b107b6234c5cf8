// Encrypted files of a repository, to and from a container of blobs.

import * as check from "./arguments.js";
import { openBlock, sealBlock } from "./blocks.js";
import { Container } from "./client-bindings.js";
import { ZkvError } from "./error.js";
import { clients, vaults } from "./module.js";
import { blocksOf, sizeOf, timeOf } from "./source.js";
import { Transfer } from "./transfer.js";
import { use } from "./vault.js";

/** Blocks that are on their way at a time. */
const PARALLEL = 4;
/** Bytes that are asked for first: the prelude, and all of a small file. */
const FIRST_LENGTH = 2 ** 20;

const id = (tag, part) => Uint8Array.from([...tag, part >>> 24, part >>> 16, part >>> 8, part]);

export async function upload(sas, content, options) {
  const { vault, name, key, overwrite, modified, onProgress, signal } = check.options(options);
  const size = sizeOf(content);
  const replaces = check.optionalFlag(overwrite, "overwrite") ?? false;
  const time = check.optionalSeconds(modified, "modified") ?? timeOf(content);
  const details = [
    check.text(name, "name"), check.optionalText(key, "key"), size === null ? undefined : BigInt(size), time, check.now(),
  ];
  return new Transfer(vault, signal, onProgress, size).during(async (transfer) => {
    const container = await open(transfer, sas);
    const sealing = transfer.hold(vaults, use(vault, (handle) => handle.sealFile(...details)));
    const { blob, tag, blockLen, prelude } = vaults.call(() => ({ blob: sealing.blob, tag: sealing.tag, blockLen: sealing.blockLen, prelude: sealing.prelude }));
    const put = (part, bytes) => transfer.run(() => container.putBlock(blob, id(tag, part), bytes));
    if (!replaces && (await transfer.run(() => container.exists(blob)))) throw new ZkvError("conflict", "there is a file of this name already");

    const [moving, total] = [new Set(), { blocks: 0, bytes: 0 }];
    const isOnly = ({ index, last }) => index === 0 && last;
    const finish = async (write) => {
      const entry = vaults.call(() => sealing.entry(BigInt(total.bytes)));
      await transfer.run(() => write(entry));
      return { name: details[0], size: total.bytes, modified: time === undefined ? null : Number(time), blob };
    };
    for await (const block of blocksOf(content, blockLen, transfer)) {
      const { index, last, bytes } = block;
      total.blocks += 1;
      total.bytes += bytes.length;
      const sealed = sealBlock(sealing, index, last, bytes);
      if (isOnly(block)) {
        const whole = concatenated(prelude, await sealed);
        const stored = await finish((entry) => container.putBlob(blob, whole, entry, replaces));
        transfer.progress(bytes.length);
        return stored;
      }
      if (index === 0) await put(0, prelude);
      const moved = sealed.then((ready) => put(index + 1, ready)).then(() => {
        moving.delete(moved);
        transfer.progress(bytes.length);
      });
      moved.catch((error) => transfer.stop(error));
      moving.add(moved);
      if (moving.size === PARALLEL) await Promise.race(moving);
    }
    await Promise.all(moving);
    const ids = concatenated(...Array.from({ length: total.blocks + 1 }, (_, part) => id(tag, part)));
    return finish((entry) => container.commit(blob, ids, ids.length / (total.blocks + 1), entry, replaces));
  });
}

export async function download(sas, name, options) {
  const { stream } = await downloadStream(sas, name, options);
  const [parts, reader] = [[], stream.getReader()];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    parts.push(value);
  }
}

export async function downloadStream(sas, name, options) {
  const { vault, onProgress, signal } = check.options(options);
  const path = check.text(name, "name");
  const transfer = new Transfer(vault, signal, onProgress, null);
  try {
    const container = await open(transfer, sas);
    const { start, etag, opening, blob } = await find(transfer, container, vault, path);
    const [shown, size, blocks] = vaults.call(() => [opening.shown, opening.size, opening.blocks]);
    transfer.total = size;
    const range = async (from, length) =>
      from + length <= start.length ? start.subarray(from, from + length) : (await transfer.run(() => container.read(blob, from, length, etag)))[0];
    const fetchBlock = async (index) => {
      const [from, length] = vaults.call(() => opening.span(BigInt(index)));
      return openBlock(opening, index, await range(from, length));
    };
    return { ...JSON.parse(shown), stream: inOrder(transfer, blocks, fetchBlock) };
  } catch (error) {
    transfer.end();
    throw transfer.failure ?? error;
  }
}

export async function listFiles(sas, options) {
  const { vault, signal } = check.options(options);
  return new Transfer(vault, signal).during(async (transfer) => {
    const container = await open(transfer, sas);
    const entries = await transfer.run(() => container.list());
    return JSON.parse(use(vault, (handle) => handle.openEntries(entries)));
  });
}

/** The container, kept for as long as the transfer takes. */
async function open(transfer, sas) {
  const text = check.text(sas, "the address of the container");
  await transfer.unlessStopped(clients.ready());
  return transfer.hold(clients, check.withUtf8(text, (utf8) => clients.call(() => new Container(utf8))));
}

/** The start of the file's blob, which is under the name that one of the keys gives it. */
async function find(transfer, container, vault, path) {
  for (const blob of JSON.parse(use(vault, (handle) => handle.blobNames(path)))) {
    const read = await transfer.run(() => container.read(blob, 0, FIRST_LENGTH, undefined));
    if (read === undefined) continue;
    const [start, length, etag, entry] = read;
    const opening = transfer.hold(vaults, use(vault, (handle) => handle.openFile(path, blob, entry, start, BigInt(length))));
    return { start, etag, opening, blob };
  }
  throw new ZkvError("not-found", "there is no file of this name, or it is under another key");
}

/** Blocks as they come, a few of them ahead of the reader. */
function inOrder(transfer, blocks, fetchBlock) {
  const ahead = [];
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        while (next < blocks && ahead.length < PARALLEL) {
          const block = fetchBlock(next++);
          block.catch(() => {});
          ahead.push(block);
        }
        const bytes = await ahead.shift();
        transfer.check();
        transfer.progress(bytes.length);
        if (bytes.length > 0) controller.enqueue(bytes);
        if (next < blocks || ahead.length > 0) return;
        controller.close();
        transfer.end();
      } catch (error) {
        transfer.stop(error);
        controller.error(transfer.failure);
        transfer.end();
      }
    },
    cancel() {
      transfer.stop(new ZkvError("aborted", "it was given up"));
      transfer.end();
    },
  }, { highWaterMark: 0 });
}

function concatenated(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
