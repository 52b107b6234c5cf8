// What the host of the vault does. The vault itself is in a worker, with all that is decrypted; here are only its lifetime and the
// clipboard.

import { Failure } from "../shared/answer.js";
import { complete, tableOf } from "../shared/operations.js";
import * as clipboard from "./clipboard.js";
import { ask, end } from "./worker-client.js";

async function lock() {
  await clipboard.clearNow();
  await end();
}

const own = complete("host", {
  lock,
  async copy({ seconds, text, ...wanted }) {
    const { value, ...about } = text === undefined ? await ask("read", wanted) : { value: text };
    if (!(await clipboard.copy(value, seconds))) throw new Failure("clipboard", "The browser refused the clipboard.");
    return about;
  },
});

const relayed = tableOf(({ done, asked }) => done === "worker" && asked !== "by the host", (op) => (/** @type {object} */ params) => ask(op, params));
export const operations = { ...relayed, ...own };
