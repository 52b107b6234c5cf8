// What files and backups have in common: a container of blobs, and the content of one.

import * as check from "./arguments.js";
import { openBlock } from "./blocks.js";
import { Container } from "./client-bindings.js";
import { clients, vaults } from "./module.js";

/** Blocks that are on their way at a time. */
const PARALLEL = 4;

/** The container, kept for as long as the transfer takes. */
export async function openContainer(transfer, sas) {
  const text = check.text(sas, "the address of the container");
  await transfer.unlessStopped(clients.ready());
  return transfer.hold(clients, check.withUtf8(text, (utf8) => clients.call(() => new Container(utf8))));
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
