// Every operation of the extension, once: where it is done, and who may ask for it. The service worker, the host document and
// the vault's worker make their tables of this one, so that none of them can know an operation that the others do not.

/**
 * @typedef {object} Operation
 * @property {"worker" | "host"} done in the vault's worker, or in the host document around it
 * @property {"by pages" | "by the service worker" | "by the host"} asked by the popup and the settings, through the service worker, or only within the extension
 * @property {boolean} [opens] whether it opens the vault, which begins the time that it may stay open
 */

/** @type {Record<string, Operation>} */
export const OPERATIONS = {
  status: { done: "worker", asked: "by pages" },
  create: { done: "worker", asked: "by pages", opens: true },
  importKeyring: { done: "worker", asked: "by pages", opens: true },
  unlock: { done: "worker", asked: "by pages", opens: true },
  list: { done: "worker", asked: "by pages" },
  item: { done: "worker", asked: "by pages" },
  reveal: { done: "worker", asked: "by pages" },
  code: { done: "worker", asked: "by pages" },
  copy: { done: "host", asked: "by pages" },
  keys: { done: "worker", asked: "by pages" },
  addKey: { done: "worker", asked: "by pages" },
  exportKeyring: { done: "worker", asked: "by pages" },
  account: { done: "worker", asked: "by pages" },
  setAccount: { done: "worker", asked: "by pages" },
  sync: { done: "worker", asked: "by pages" },
  refresh: { done: "worker", asked: "by the service worker" },
  count: { done: "worker", asked: "by the service worker" },
  generate: { done: "worker", asked: "by pages" },
  keep: { done: "worker", asked: "by the service worker" },
  kept: { done: "worker", asked: "by pages" },
  removeKept: { done: "worker", asked: "by pages" },
  changePassphrase: { done: "worker", asked: "by pages" },
  verdicts: { done: "worker", asked: "by pages" },
  accept: { done: "worker", asked: "by pages" },
  layouts: { done: "worker", asked: "by pages" },
  importLayouts: { done: "worker", asked: "by pages" },

  plan: { done: "worker", asked: "by the service worker" },
  values: { done: "worker", asked: "by the service worker" },
  // For the clipboard: what is copied is shown by no page of the extension.
  read: { done: "worker", asked: "by the host" },
  forget: { done: "worker", asked: "by the service worker" },
  removeLayouts: { done: "worker", asked: "by the service worker" },
  lock: { done: "host", asked: "by the service worker" },
};

/**
 * A table of functions, one for each operation that fits.
 * @template T
 * @param {(operation: Operation) => boolean} fits
 * @param {(op: string) => T} make
 * @returns {Record<string, T>}
 */
export function tableOf(fits, make) {
  const names = Object.keys(OPERATIONS).filter((op) => fits(OPERATIONS[op]));
  return Object.fromEntries(names.map((op) => [op, make(op)]));
}

/**
 * A part's own functions, if there is one for each of its operations and none besides.
 * @param {"worker" | "host"} part
 * @param {Record<string, (params: any) => any>} functions
 */
export function complete(part, functions) {
  const wanted = Object.keys(OPERATIONS).filter((op) => OPERATIONS[op].done === part || (part === "worker" && op === "lock"));
  const differ = [...wanted.filter((op) => !(op in functions)), ...Object.keys(functions).filter((op) => !wanted.includes(op))];
  if (differ.length > 0) throw new Error(`operations without a function, or the reverse: ${differ.join(", ")}`);
  return functions;
}
