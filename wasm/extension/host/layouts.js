// Layouts of the vendor's values that a person imported: a file of `zkv vendor export`, kept for the account that it was imported
// for. They go before those of the keyring.

import { Failure } from "../shared/answer.js";
import * as database from "./database.js";
import { open, seal } from "./sealed.js";

const RECORD = "layouts";
const nameOf = (/** @type {string} */ host) => ({ name: RECORD, host });

export const areKept = async () => (await database.read(RECORD)) !== undefined;

/** Gives a vault the layouts that are kept for its account. @param {import("zkvault").Vault} vault @param {string} host */
export async function use(vault, host) {
  const file = open(vault, nameOf(host), await database.read(RECORD));
  if (file !== undefined) vault.setVendorLayout(file);
}

/** Takes a file, and keeps it. @param {import("zkvault").Vault} vault @param {string} host @param {string} file */
export async function keep(vault, host, file) {
  vault.setVendorLayout(file);
  await database.write({ [RECORD]: seal(vault, nameOf(host), file) });
}

/** A vault that is open still uses them: it is to be locked. */
export const remove = () => database.write({ [RECORD]: undefined });

/** A different account has different layouts. */
export async function refuseIfKept() {
  if (await areKept()) throw new Failure("layouts", "The layouts that you imported are those of the account before. Remove them first.");
}
