// For Node: a worker thread beside this file, or one of the caller's.

import { Worker } from "node:worker_threads";

import { ZkvError } from "./error.js";
import { VaultWorker } from "./remote.js";

export function startWorker(given) {
  const thread = threadOf(given);
  return new VaultWorker({
    post: (message, transfer) => thread.postMessage(message, transfer),
    end: () => thread.terminate(),
    listen(onMessage, onError) {
      thread.on("message", onMessage);
      thread.on("error", onError);
    },
  });
}

function threadOf(given) {
  if (given instanceof Worker) return given;
  try {
    return new Worker(given ?? new URL("./worker-thread.node.js", import.meta.url));
  } catch (cause) {
    throw new ZkvError("worker", `the worker was not started; pass startWorker a Worker or its URL: ${cause.message}`, { cause });
  }
}
