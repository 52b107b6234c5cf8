// Encrypted files of a repository, to and from a container of blobs.

import * as check from "./arguments.js";
import { ZkvError } from "./error.js";
import { vaults } from "./module.js";
import { sizeOf, timeOf } from "./source.js";
import { contentOf, openContainer } from "./storage.js";
import { Transfer } from "./transfer.js";
import { store } from "./upload.js";
import { use } from "./vault.js";

/** Bytes that are asked for first: the prelude, and all of a small file. */
const FIRST_LENGTH = 2 ** 20;

export async function upload(sas, content, options) {
  const { vault, name, key, overwrite, modified, resume, onResumable, onProgress, signal } = check.options(options);
  const size = sizeOf(content);
  const replaces = check.optionalFlag(overwrite, "overwrite") ?? false;
  const time = check.optionalSeconds(modified, "modified") ?? timeOf(content);
  const token = resume === undefined || resume === null ? undefined : check.bytes(resume, "resume");
  if (onResumable !== undefined && typeof onResumable !== "function") throw new ZkvError("argument", "onResumable must be a function");
  const details = [
    check.text(name, "name"), check.optionalText(key, "key"), size === null ? undefined : BigInt(size), time, check.now(), token,
  ];
  return new Transfer(vault, signal, onProgress, size).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const sealing = transfer.hold(vaults, use(vault, (handle) => handle.sealFile(...details)));
    const blob = vaults.call(() => sealing.blob);
    const there = await earlier(transfer, container, sealing, blob, replaces);
    const line = JSON.parse(vaults.call(() => sealing.earlier()));
    if (!replaces) await mustBeFree(transfer, container, line);
    const { version, ...stored } = await store(transfer, container, sealing, content, { replaces, onResumable, there });
    const earlierLeft = replaces && line.length > 0 && !(await removeEarlier(transfer, container, sealing, blob, version, line));
    return { name: details[0], modified: time === undefined ? null : Number(time), blob, ...stored, earlierLeft };
  });
}

/** One path is one file within a line of keys. A token that may not read cannot tell. */
async function mustBeFree(transfer, container, line) {
  for (const blob of line) {
    if (await transfer.run(() => container.find(blob))) throw new ZkvError("conflict", "there is a file of this name already, under an earlier key");
  }
}

/**
 * Removes the file under the line's other keys, once the new one is seen to be there, the oldest first: what is cut off leaves the
 * newest. Gives whether none is left, as far as the token permits to know.
 */
async function removeEarlier(transfer, container, sealing, blob, version, line) {
  const found = await transfer.run(() => container.find(blob));
  if (found === undefined) return false;
  const [now, entry] = found;
  // A different upload replaced it meanwhile, and removes what is there to remove.
  if (now !== version || entry === undefined || !vaults.call(() => sealing.isEntry(entry))) return true;
  for (const older of line) {
    const isThere = (await transfer.run(() => container.find(older))) !== undefined;
    if (isThere && !(await transfer.run(() => container.delete(older)))) return false;
  }
  return true;
}

/** The version of the blob where an earlier run has uploaded this very file, without seeing the end of it. */
async function earlier(transfer, container, sealing, blob, replaces) {
  const found = await transfer.run(() => container.find(blob));
  if (found === undefined) return undefined;
  const [version, entry] = found;
  if (entry !== undefined && vaults.call(() => sealing.resumes && sealing.isEntry(entry))) return version;
  if (!replaces) throw new ZkvError("conflict", "there is a file of this name already");
  return undefined;
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
    const container = await openContainer(transfer, sas);
    const { opening, ...found } = await find(transfer, container, vault, path);
    const [shown, size] = vaults.call(() => [opening.shown, opening.size]);
    transfer.total = size;
    return { ...JSON.parse(shown), stream: asStream(transfer, contentOf(transfer, container, opening, found)) };
  } catch (error) {
    transfer.end();
    throw transfer.failure ?? error;
  }
}

export async function listFiles(sas, options) {
  const { vault, signal } = check.options(options);
  return new Transfer(vault, signal).during(async (transfer) => {
    const container = await openContainer(transfer, sas);
    const entries = await transfer.run(() => container.list());
    return JSON.parse(use(vault, (handle) => handle.openEntries(entries)));
  });
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

/** Blocks as they come. The transfer ends with them. */
function asStream(transfer, blocks) {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await blocks.next();
        if (!done && value.length > 0) return controller.enqueue(value);
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
