// What files and backups have in common: sealed blocks, to and from a container of blobs.

import * as check from "./arguments.js";
import { openBlock, sealBlock } from "./blocks.js";
import { concatenated } from "./bytes.js";
import { Container } from "./client-bindings.js";
import { clients, vaults } from "./module.js";
import { blocksOf } from "./source.js";

/** Blocks that are on their way at a time. */
const PARALLEL = 4;

const id = (tag, part) => Uint8Array.from([...tag, part >>> 24, part >>> 16, part >>> 8, part]);

/** The container, kept for as long as the transfer takes. */
export async function openContainer(transfer, sas) {
  const text = check.text(sas, "the address of the container");
  await transfer.unlessStopped(clients.ready());
  return transfer.hold(clients, check.withUtf8(text, (utf8) => clients.call(() => new Container(utf8))));
}

/** Seals content block by block and puts it into its blob, which is there when all of it is. Gives the bytes of content. */
export async function store(transfer, container, sealing, content, replaces) {
  const { blob, tag, blockLen, prelude } = vaults.call(() => ({ blob: sealing.blob, tag: sealing.tag, blockLen: sealing.blockLen, prelude: sealing.prelude }));
  const put = (part, bytes) => transfer.run(() => container.putBlock(blob, id(tag, part), bytes));
  const [moving, total] = [new Set(), { blocks: 0, bytes: 0 }];
  const isOnly = ({ index, last }) => index === 0 && last;
  const finish = async (write) => {
    const entry = vaults.call(() => sealing.entry(BigInt(total.bytes)));
    await transfer.run(() => write(entry));
    return total.bytes;
  };
  for await (const block of blocksOf(content, blockLen, transfer)) {
    const { index, last, bytes } = block;
    total.blocks += 1;
    total.bytes += bytes.length;
    const sealed = sealBlock(sealing, index, last, bytes);
    if (isOnly(block)) {
      const whole = concatenated([prelude, await sealed]);
      const size = await finish((entry) => container.putBlob(blob, whole, entry, replaces));
      transfer.progress(bytes.length);
      return size;
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
  const ids = concatenated(Array.from({ length: total.blocks + 1 }, (_, part) => id(tag, part)));
  return finish((entry) => container.commit(blob, ids, ids.length / (total.blocks + 1), entry, replaces));
}

/** The content of a blob, block by block, a few of them ahead of the reader. `start` is what was read of it already. */
export async function* contentOf(transfer, container, opening, { blob, etag, start }) {
  const range = async (from, length) =>
    from + length <= start.length ? start.subarray(from, from + length) : (await transfer.run(() => container.read(blob, from, length, etag)))[0];
  const fetchBlock = async (index) => {
    const [from, length] = vaults.call(() => opening.span(BigInt(index)));
    return openBlock(opening, index, await range(from, length));
  };
  const [count, ahead] = [vaults.call(() => opening.blocks), []];
  for (let next = 0; next < count || ahead.length > 0; ) {
    while (next < count && ahead.length < PARALLEL) {
      const block = fetchBlock(next++);
      block.catch(() => {});
      ahead.push(block);
    }
    const bytes = await ahead.shift();
    transfer.check();
    transfer.progress(bytes.length);
    yield bytes;
  }
}
