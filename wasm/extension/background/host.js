// The host of the vault, wherever it is: in Chromium an offscreen document, in Firefox the event page itself.

/**
 * @typedef {object} Host
 * @property {(op: string, params?: object) => Promise<any>} ask asks it; it is opened if it is not
 * @property {() => Promise<void>} close wipes the vault and ends it, with whatever else is left in its memory
 */

/** @type {Host} */
let host;

/** Says which one. Before anything is asked. @param {Host} chosen */
export function use(chosen) {
  host = chosen;
}

/** @type {Host["ask"]} */
export const ask = (op, params) => host.ask(op, params);

export const close = () => host.close();
