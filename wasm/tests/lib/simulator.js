// The simulated services, in a process of their own.

import { startSimulator as start } from "../../../tests/interop/lib/simulator.js";

/** Starts them, with a storage, until the test is over. Gives what they announce: addresses, keys, secrets, and the key of the demo's values. */
export const startSimulator = (t, ...options) => start(t, "--files", ...options);

/** What `connect` takes for the simulated LogMeOnce. */
export const logMeOnceOf = (settings) => connection(settings, "LOGMEONCE");
export const loomeOf = (settings) => connection(settings, "LOOME");

function connection(settings, service) {
  return { url: settings[`ZKV_${service}_URL`], apiKey: settings[`ZKV_${service}_KEY`], secret: new TextEncoder().encode(settings[`ZKV_${service}_SECRET`]) };
}
