// The simulated services, in a process of their own.

import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

import { TARGET } from "./paths.js";

/** Starts them until the test is over. Gives what they announce: addresses, keys, secrets, and the key of the demo's values. */
export async function startSimulator(t, ...options) {
  const simulator = spawn(path.join(TARGET, "debug", "zkvault-simulator"), ["--files", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => simulator.kill());
  const settings = {};
  for await (const line of createInterface({ input: simulator.stdout })) {
    const [, name, value] = line.match(/^(ZKV_[A-Z_]+)=(.*)$/) ?? [];
    if (name) settings[name] = value;
    const [, key] = line.match(/^# ([0-9a-f]{64})$/) ?? [];
    if (key) settings.key = Uint8Array.from(Buffer.from(key, "hex"));
    if (line.includes("Ctrl-C stops")) return settings;
  }
  throw new Error("the simulator did not start");
}

/** What `connect` takes for the simulated LogMeOnce. */
export const logMeOnceOf = (settings) => connection(settings, "LOGMEONCE");
export const loomeOf = (settings) => connection(settings, "LOOME");

function connection(settings, service) {
  return { url: settings[`ZKV_${service}_URL`], apiKey: settings[`ZKV_${service}_KEY`], secret: new TextEncoder().encode(settings[`ZKV_${service}_SECRET`]) };
}
