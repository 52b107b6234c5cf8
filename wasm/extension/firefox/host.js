// The host in Firefox: this very page. Firefox ends an event page thirty seconds after the last event, and with it the worker that has
// the vault. So the page asks something of the browser now and then while the vault is open, and only then: whatever locks the
// vault ends that too. If the page ends all the same, the vault is locked, which is the right way to fail.

import { Failure, run } from "../shared/answer.js";
import { OPERATIONS } from "../shared/operations.js";
import { operations } from "../host/operations.js";

const INTERVAL = 15_000;

/** @type {number | undefined} */
let awake;

function stayAwake() {
  awake ??= window.setInterval(() => chrome.runtime.getPlatformInfo(), INTERVAL);
}

function sleep() {
  clearInterval(awake);
  awake = undefined;
}

/**
 * @param {string} op
 * @param {object} [params]
 */
export async function ask(op, params = {}) {
  const { result, error } = await run(operations, { op, params });
  if (op === "status") (result?.unlocked ? stayAwake : sleep)();
  if (error) throw new Failure(error.code, error.message);
  if (OPERATIONS[op].opens) stayAwake();
  return result;
}

export async function close() {
  sleep();
  await run(operations, { op: "lock", params: {} });
}
