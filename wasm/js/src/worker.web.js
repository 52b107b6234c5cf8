// For pages: a module worker beside this file, which bundlers recognise by this very expression, or one of the caller's.

import { ZkvError } from "./error.js";
import { VaultWorker } from "./remote.js";

export function startWorker(given) {
  const thread = threadOf(given);
  return new VaultWorker({
    post: (message, transfer) => thread.postMessage(message, transfer),
    end: () => thread.terminate(),
    listen(onMessage, onError) {
      thread.addEventListener("message", ({ data }) => onMessage(data));
      thread.addEventListener("error", onError);
    },
  });
}

function threadOf(given) {
  if (given instanceof Worker) return given;
  try {
    if (given === undefined) return new Worker(new URL("./worker-thread.web.js", import.meta.url), { type: "module" });
    return new Worker(given, { type: "module" });
  } catch (cause) {
    // A page may demand trusted types, and only a policy of its own makes one.
    throw new ZkvError("worker", `the worker was not started; pass startWorker a Worker or a TrustedScriptURL: ${cause.message}`, { cause });
  }
}
