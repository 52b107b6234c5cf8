// The worker that holds the unlocked vault: keys, credentials, and the names of all sites are in its memory only.

import { generatePassphrase, generatePassword } from "../zkvault/index.web.js";
import { Failure, run } from "../shared/answer.js";
import { complete } from "../shared/operations.js";
import * as database from "./database.js";
import * as layouts from "./layouts.js";
import * as unlocking from "./unlocking.js";

/** @type {import("./open-vault.js").OpenVault | undefined} */
let open;

/** Does `work` with the vault, if it is unlocked. */
const unlocked = (/** @type {(vault: import("./open-vault.js").OpenVault, params: any) => any} */ work) => (/** @type {any} */ params) => {
  if (!open) throw new Failure("locked", "The vault is locked.");
  return work(open, params);
};

/** Opens a vault by `make`, in place of one that is open. */
const opening = (/** @type {(params: any) => Promise<import("./open-vault.js").OpenVault>} */ make) => async (/** @type {any} */ params) => {
  const made = await make(params);
  lock();
  open = made;
  // Not waited for: the vault is usable with what was there.
  made.refresh();
};

function lock() {
  open?.lock();
  open = undefined;
}

const operations = complete("worker", {
  status: async () => ({ keyring: (await database.read("keyring")) !== undefined, unlocked: open !== undefined }),
  create: opening(unlocking.create),
  importKeyring: opening(unlocking.importKeyring),
  unlock: opening(unlocking.unlock),
  lock,
  forget: () => database.clear(),

  list: unlocked((vault, { page, query }) => vault.list(page, query)),
  plan: unlocked((vault, { siteId, page }) => vault.plan(siteId, page)),
  values: unlocked((vault, { siteId, page, inputs, older }) => vault.values(siteId, page, inputs, older)),
  read: unlocked((vault, wanted) => vault.read(wanted)),
  item: unlocked((vault, { siteId }) => vault.item(siteId)),
  reveal: unlocked((vault, { siteId, index, id }) => vault.reveal(siteId, index, id)),
  count: unlocked((vault, { page }) => vault.count(page)),
  generate: unlocked((_, { kind, rules }) => (kind === "words" ? generatePassphrase(rules) : generatePassword(rules))),
  keep: unlocked((vault, given) => vault.keep(given)),
  kept: unlocked((vault) => vault.kept()),
  removeKept: unlocked((vault, { id }) => vault.removeKept(id)),
  code: unlocked((vault, { siteId, index }) => vault.code(siteId, index)),

  keys: unlocked((vault) => vault.keys()),
  addKey: unlocked((vault, { key, label }) => vault.addKey(key, label)),
  exportKeyring: unlocked((vault) => vault.exportKeyring()),
  changePassphrase: unlocked((vault, { current, passphrase }) => vault.changePassphrase(current, passphrase)),
  account: unlocked((vault) => vault.account),
  setAccount: unlocked((vault, credentials) => vault.setAccount(credentials)),
  sync: unlocked((vault) => vault.sync()),
  refresh: unlocked((vault) => vault.refresh()),
  verdicts: unlocked((vault) => vault.verdicts()),
  accept: unlocked((vault, { siteIds }) => vault.accept(siteIds)),
  layouts: unlocked((vault) => vault.layouts()),
  importLayouts: unlocked((vault, { file }) => vault.importLayouts(file)),
  removeLayouts: () => layouts.remove(),
});

addEventListener("message", async ({ data }) => {
  const { id, ...question } = data;
  postMessage({ id, ...(await run(operations, question)) });
});
