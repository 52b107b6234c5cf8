import { ZkvError } from "./error.js";

/** Tells what to do when `signal` says stop, until `off` is called. */
export function onAbort(signal, act) {
  if (signal === undefined || signal === null) return () => {};
  if (typeof signal !== "object" || typeof signal.addEventListener !== "function") throw new ZkvError("argument", "signal must be an AbortSignal");
  const aborted = () => act(new ZkvError("aborted", "it was given up", { cause: signal.reason }));
  if (signal.aborted) aborted();
  else signal.addEventListener("abort", aborted, { once: true });
  return () => signal.removeEventListener("abort", aborted);
}
