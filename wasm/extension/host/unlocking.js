// From a passphrase to an open vault. Argon2id runs in the package's worker, so that no page stands still.

import { startWorker } from "../zkvault/worker.web.js";
import { Failure } from "../shared/messages.js";
import * as database from "./database.js";
import { OpenVault } from "./open-vault.js";

const encoder = new TextEncoder();

/** Runs `make` with a new worker, which does not outlive a failure. */
async function withWorker(/** @type {(worker: import("zkvault/worker").VaultWorker) => Promise<OpenVault>} */ make) {
  const worker = startWorker();
  try {
    return await make(worker);
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

async function refuseSecondKeyring() {
  if ((await database.read("keyring")) !== undefined) throw new Failure("keyring-there", "There is a keyring already. Forget it first.");
}

/**
 * A new keyring.
 * @param {{ passphrase: string }} params
 */
export async function create({ passphrase }) {
  await refuseSecondKeyring();
  if (passphrase.length < 12) throw new Failure("passphrase", "A passphrase has at least 12 characters; six words make a good one.");
  return withWorker(async (worker) => {
    const vault = await worker.create(encoder.encode(passphrase));
    await database.write({ keyring: await vault.toKeyring() });
    return OpenVault.load(worker, vault);
  });
}

/**
 * Takes over a keyring file of zkv or of another browser, if the passphrase opens it.
 * @param {{ file: string, passphrase: string }} params the file in base64
 */
export async function importKeyring({ file, passphrase }) {
  await refuseSecondKeyring();
  const keyring = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  return withWorker(async (worker) => {
    const vault = await worker.unlock(keyring, encoder.encode(passphrase));
    await database.write({ keyring });
    return OpenVault.load(worker, vault);
  });
}

/** @param {{ passphrase: string }} params */
export async function unlock({ passphrase }) {
  const keyring = await database.read("keyring");
  if (keyring === undefined) throw new Failure("no-keyring", "There is no keyring yet. Set zkvault up in its settings.");
  return withWorker(async (worker) => OpenVault.load(worker, await worker.unlock(keyring, encoder.encode(passphrase))));
}
