// An upload in blocks: what the storage does not have yet is sent, all of it is committed, and the result is looked at.
//
// The identifier of a block tells which content it has (docs/spec/repository.md), so what waits in the storage says by
// itself what is missing: nothing has to be noted here while blocks are sent.

import { blockId, sealBlock, sealedLength } from "./blocks.js";
import { concatenated } from "./bytes.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { blocksOf, sizeOf } from "./source.js";

/** Blocks that are on their way at a time. */
const PARALLEL = 4;
/** How often all is sent that the storage does not have: it may lose what it took. */
const MAX_ROUNDS = 3;

/**
 * Seals content block by block and puts it into its blob, which is there when all of it is. `there` is the version of the
 * blob where an earlier run has uploaded it whole. Gives `{ size, resumedBlocks, version }`, the last one of the blob as it is now.
 */
export async function store(transfer, container, sealing, content, { replaces, onResumable, there }) {
  const upload = new Upload(transfer, container, sealing, replaces);
  const isAgain = there !== undefined;
  await upload.begin(isAgain);
  const whole = await upload.round(content, onResumable);
  if (whole) return upload.putWhole(whole);
  const version = isAgain && upload.sent === 0 ? there : await upload.commit(content);
  await upload.verify(version);
  return { size: upload.size, resumedBlocks: upload.resumed, version };
}

class Upload {
  #transfer;
  #container;
  #sealing;
  #facts;
  #replaces;
  /** The identifiers of the parts, in their order. */
  #ids = [];
  /** Lengths of the blocks that the storage has, by their identifiers. */
  #stored = new Map();
  #isFirstRound = true;
  size = 0;
  resumed = 0;
  sent = 0;

  constructor(transfer, container, sealing, replaces) {
    this.#transfer = transfer;
    this.#container = container;
    this.#sealing = sealing;
    this.#replaces = replaces;
    this.#facts = vaults.call(() => {
      const { blob, front, frontId, blockLen, resumes } = sealing;
      return { blob, front, frontId, blockLen, resumes };
    });
  }

  /** Asks for what the storage has of an upload that was begun before: in the blob, or waiting for a commit. */
  async begin(isCommitted) {
    if (this.#facts.resumes) await this.#list(isCommitted);
  }

  /** Sends what the storage does not have. Gives the block, unsent, where it is the only one. */
  async round(content, onResumable) {
    const moving = new Set();
    for await (const block of blocksOf(content, this.#facts.blockLen, this.#transfer)) {
      if (block.index === 0) {
        if (block.last) return block;
        await this.#putFront(onResumable);
      }
      if (this.#isFirstRound) this.size += block.bytes.length;
      const moved = this.#putBlock(block).then(() => moving.delete(moved));
      moved.catch((error) => this.#transfer.stop(error));
      moving.add(moved);
      if (moving.size === PARALLEL) await Promise.race(moving);
    }
    await Promise.all(moving);
    this.#isFirstRound = false;
    return undefined;
  }

  async putWhole({ bytes }) {
    const whole = concatenated([this.#facts.front, await sealBlock(this.#sealing, 0, true, bytes)]);
    this.size = bytes.length;
    const entry = this.#entry();
    const version = await this.#transfer.run(() => this.#container.putBlob(this.#facts.blob, whole, entry, this.#replaces));
    this.#transfer.progress(bytes.length);
    return { size: this.size, resumedBlocks: 0, version };
  }

  /** Commits, and sends again what the storage has lost meanwhile. Gives the version of the blob. */
  async commit(content) {
    const [entry, ids] = [this.#entry(), this.#ids.join(",")];
    for (let rounds = 1; ; rounds += 1) {
      try {
        return await this.#transfer.run(() => this.#container.commit(this.#facts.blob, ids, entry, this.#replaces));
      } catch (error) {
        if (error.code !== "blocks-lost" || rounds === MAX_ROUNDS) throw error;
        if (sizeOf(content) === null) throw new ZkvError("blocks-lost", "the storage lost blocks, and a stream cannot be read again: resume with a new one", { cause: error });
      }
      await this.#list(false);
      await this.round(content);
    }
  }

  /** Looks whether the blob consists of what was sent. */
  async verify(version) {
    const { blob, front, blockLen } = this.#facts;
    const [ids, size] = [this.#ids.join(","), BigInt(this.size)];
    if (await this.#transfer.run(() => this.#container.isComplete(blob, version, ids, front.length, blockLen, size))) return;
    throw new ZkvError("incomplete", "the blocks in the storage are not those that were sent: upload it again with overwrite");
  }

  async #list(isCommitted) {
    this.#stored = new Map(JSON.parse(await this.#transfer.run(() => this.#container.blocks(this.#facts.blob, isCommitted))));
  }

  async #putFront(onResumable) {
    const { front, frontId, resumes } = this.#facts;
    if (this.#isFirstRound && !resumes) await this.#transfer.unlessStopped(onResumable?.(front.slice()));
    await this.#put(0, frontId, front.length, () => front);
  }

  async #putBlock({ index, last, bytes }) {
    const id = await blockId(this.#sealing, index, bytes);
    await this.#put(index + 1, id, sealedLength(bytes.length), () => sealBlock(this.#sealing, index, last, bytes));
    if (this.#isFirstRound) this.#transfer.progress(bytes.length);
  }

  /** Sends a part, unless the storage has it with this very content. */
  async #put(part, id, length, make) {
    if (!this.#isFirstRound && this.#ids[part] !== id) throw new ZkvError("source-changed", "the file changed while it was uploaded");
    this.#ids[part] = id;
    if (this.#stored.get(id) === length) {
      if (this.#isFirstRound) this.resumed += 1;
      return;
    }
    const bytes = await make();
    await this.#transfer.run(() => this.#container.putBlock(this.#facts.blob, id, bytes));
    this.sent += 1;
  }

  #entry() {
    return vaults.call(() => this.#sealing.entry(BigInt(this.size)));
  }
}
