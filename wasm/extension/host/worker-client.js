// The page's side of the vault's worker, which is started when it is first asked for something.

import { Failure } from "../shared/messages.js";

/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, Waiting>} */
const waiting = new Map();
let asked = 0;

function start() {
  const started = new Worker(chrome.runtime.getURL("host/worker.js"), { type: "module", name: "vault" });
  started.addEventListener("message", ({ data }) => settle(data));
  started.addEventListener("error", stop);
  return started;
}

/** @param {{ id: number, result?: any, error?: { code: string, message: string } }} answer */
function settle({ id, result, error }) {
  const question = waiting.get(id);
  waiting.delete(id);
  if (error) question?.reject(new Failure(error.code, error.message));
  else question?.resolve(result);
}

/** Ends the worker at once, with its memory. */
function stop() {
  worker?.terminate();
  worker = undefined;
  for (const { reject } of waiting.values()) reject(new Failure("locked", "The vault was locked meanwhile."));
  waiting.clear();
}

/**
 * @param {string} op
 * @param {object} [params]
 * @returns {Promise<any>}
 */
export function ask(op, params = {}) {
  worker ??= start();
  const id = ++asked;
  worker.postMessage({ id, op, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

/** How long the worker gets to wipe its keys before it is ended anyway, in milliseconds. */
const GRACE = 2000;

/** Has the keys wiped, and then ends the worker. */
export async function end() {
  if (!worker) return;
  const late = new Promise((resolve) => setTimeout(resolve, GRACE));
  await Promise.race([ask("lock"), late]).catch(() => {});
  stop();
}
