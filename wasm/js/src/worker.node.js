// For Node: a worker thread.

import { Worker } from "node:worker_threads";

import { VaultWorker } from "./remote.js";

export function startWorker() {
  const thread = new Worker(new URL("./worker-thread.node.js", import.meta.url));
  return new VaultWorker({
    post: (message, transfer) => thread.postMessage(message, transfer),
    end: () => thread.terminate(),
    listen(onMessage, onError) {
      thread.on("message", onMessage);
      thread.on("error", onError);
    },
  });
}
