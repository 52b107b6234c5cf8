// The host document: nobody sees it. It outlives the service worker, and ends with the vault. The vault itself is in a
// worker, with all that is decrypted, and ends with it too; here are only its lifetime and the clipboard.

import { Failure, serve } from "../shared/messages.js";
import * as clipboard from "./clipboard.js";
import { ask, end } from "./worker-client.js";

/** What the worker answers by itself. */
const OPERATIONS = [
  "status", "create", "importKeyring", "unlock", "forget", "list", "plan", "values", "keys", "addKey", "exportKeyring", "account", "setAccount", "sync",
  "verdicts", "accept",
];

async function lock() {
  await clipboard.clearNow();
  await end();
}

serve("host", {
  ...Object.fromEntries(OPERATIONS.map((op) => [op, (params) => ask(op, params)])),
  lock,
  async copy({ siteId, kind, seconds }) {
    if (!(await clipboard.copy(await ask("read", { siteId, kind }), seconds))) throw new Failure("clipboard", "The browser refused the clipboard.");
  },
});
