// The host document: nobody sees it. It holds the unlocked vault, in the package's worker, until it is closed.

import { Failure, serve } from "../shared/messages.js";
import * as clipboard from "./clipboard.js";
import * as database from "./database.js";
import * as unlocking from "./unlocking.js";

/** @typedef {import("./open-vault.js").OpenVault} OpenVault */

/** @type {OpenVault | undefined} */
let open;

/** Does `work` with the vault, if it is unlocked. */
const unlocked = (/** @type {(vault: OpenVault, params: any) => any} */ work) => (/** @type {any} */ params) => {
  if (!open) throw new Failure("locked", "The vault is locked.");
  return work(open, params);
};

/** Opens a vault by `make`, in place of one that is open. */
const opening = (/** @type {(params: any) => Promise<OpenVault>} */ make) => async (/** @type {any} */ params) => {
  const made = await make(params);
  await lock();
  open = made;
};

async function lock() {
  clipboard.clearNow();
  const vault = open;
  open = undefined;
  await vault?.lock();
}

serve("host", {
  status: async () => ({ keyring: (await database.read("keyring")) !== undefined, unlocked: open !== undefined, account: open?.hasAccount ?? false }),
  create: opening(unlocking.create),
  importKeyring: opening(unlocking.importKeyring),
  unlock: opening(unlocking.unlock),
  lock,
  forget: () => database.clear(),

  list: unlocked((vault, { page, query }) => vault.list(page, query)),
  plan: unlocked((vault, { siteId, page }) => vault.plan(siteId, page)),
  values: unlocked((vault, { siteId, page, inputs }) => vault.values(siteId, page, inputs)),
  copy: unlocked(async (vault, { siteId, kind, seconds }) => clipboard.copy(await vault.read(siteId, kind), seconds)),

  keys: unlocked((vault) => vault.keys()),
  addKey: unlocked((vault, { key, label }) => vault.addKey(key, label)),
  exportKeyring: unlocked((vault) => vault.exportKeyring()),
  account: unlocked((vault) => vault.accountShown()),
  setAccount: unlocked((vault, account) => vault.setAccount(account)),
  sync: unlocked((vault) => vault.sync()),
  verdicts: unlocked((vault) => vault.verdicts()),
  accept: unlocked((vault, { siteId }) => vault.accept(siteId)),
});
