// For pages: a module worker beside this file, which bundlers recognise by this very expression.

import { VaultWorker } from "./remote.js";

export function startWorker() {
  const thread = new Worker(new URL("./worker-thread.web.js", import.meta.url), { type: "module" });
  return new VaultWorker({
    post: (message, transfer) => thread.postMessage(message, transfer),
    end: () => thread.terminate(),
    listen(onMessage, onError) {
      thread.addEventListener("message", ({ data }) => onMessage(data));
      thread.addEventListener("error", onError);
    },
  });
}
