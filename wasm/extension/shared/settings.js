// What a person may choose. Nothing here is secret.

/**
 * @typedef {object} Settings
 * @property {number} idleMinutes lock after so long without mouse or keyboard
 * @property {number} ageHours lock so long after unlocking, whatever happens
 * @property {number} syncMinutes sync so often while the vault is open; 0 is only when it is opened
 * @property {number} clipboardSeconds take a copied value off the clipboard after so long; 0 is never
 */

/** @type {Settings} */
export const DEFAULTS = { idleMinutes: 10, ageHours: 8, syncMinutes: 15, clipboardSeconds: 45 };

/** The least and the most of each. */
export const LIMITS = { idleMinutes: [1, 120], ageHours: [1, 24], syncMinutes: [0, 1440], clipboardSeconds: [0, 300] };

/**
 * Settings within their limits, whatever was stored.
 * @param {any} stored
 * @returns {Settings}
 */
export function within(stored) {
  const entries = Object.entries(LIMITS).map(([name, [least, most]]) => {
    const value = Number(stored?.[name] ?? NaN);
    const good = Number.isFinite(value) && value >= least && value <= most;
    return [name, good ? value : DEFAULTS[/** @type {keyof Settings} */ (name)]];
  });
  return Object.fromEntries(entries);
}

/** @returns {Promise<Settings>} */
export async function load() {
  return within((await chrome.storage.local.get("settings")).settings);
}

/** @param {Settings} settings */
export async function save(settings) {
  await chrome.storage.local.set({ settings: within(settings) });
}
