// From a passphrase to an open vault.

import { Vault, checkPassphrase, init } from "../zkvault/index.web.js";
import { Failure } from "../shared/answer.js";
import { withBytes } from "./bytes.js";
import * as database from "./database.js";
import { OpenVault } from "./open-vault.js";

/** Texts that nothing authenticates are shown as such, and are filled only where a person allowed it for the account. */
const OPTIONS = { allowUnauthenticatedLayout: true };

/** The vault with its account; if that cannot be read, the keys are wiped again. */
async function load(/** @type {Vault} */ vault) {
  try {
    return await OpenVault.load(vault);
  } catch (error) {
    vault.lock();
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
  await init();
  const vault = withBytes(passphrase, (bytes) => {
    checkPassphrase(bytes);
    return Vault.create(bytes, OPTIONS);
  });
  await database.write({ keyring: vault.toKeyring() });
  return load(vault);
}

/**
 * Imports a keyring file of zkv or of another browser, if the passphrase opens it.
 * @param {{ file: string, passphrase: string }} params the file in base64
 */
export async function importKeyring({ file, passphrase }) {
  await refuseSecondKeyring();
  await init();
  const keyring = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  const vault = withBytes(passphrase, (bytes) => Vault.unlock(keyring, bytes, OPTIONS));
  await database.write({ keyring });
  return load(vault);
}

/** @param {{ passphrase: string }} params */
export async function unlock({ passphrase }) {
  const keyring = await database.read("keyring");
  if (keyring === undefined) throw new Failure("no-keyring", "There is no keyring yet. Set zkvault up in its settings.");
  await init();
  return load(withBytes(passphrase, (bytes) => Vault.unlock(keyring, bytes, OPTIONS)));
}
