// The host document: nobody sees it. It outlives the service worker, and ends with the vault. The vault itself is in a
// worker, with all that is decrypted, and ends with it too; here are only its lifetime and the clipboard.

import { Failure, serve } from "../shared/messages.js";
import { complete, tableOf } from "../shared/operations.js";
import * as clipboard from "./clipboard.js";
import { ask, end } from "./worker-client.js";

async function lock() {
  await clipboard.clearNow();
  await end();
}

const own = complete("host", {
  lock,
  async copy({ siteId, kind, seconds }) {
    if (!(await clipboard.copy(await ask("read", { siteId, kind }), seconds))) throw new Failure("clipboard", "The browser refused the clipboard.");
  },
});

const relayed = tableOf(({ done, asked }) => done === "worker" && asked !== "by the host", (op) => (/** @type {object} */ params) => ask(op, params));
serve("host", { ...relayed, ...own });
