// The simulated services, in a process of their own.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fromHex } from './bytes.js';
import { TARGET } from './zkv.js';

/** Starts them until the test is over. Gives their addresses and secrets, and the key of the values. */
export async function startSimulator(t, ...options) {
  const simulator = spawn(path.join(TARGET, 'debug', 'zkvault-simulator'), options, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => simulator.kill());
  const settings = {};
  for await (const line of createInterface({ input: simulator.stdout })) {
    const [, name, value] = line.match(/^(ZKV_[A-Z_]+)=(.*)$/) ?? [];
    if (name) settings[name] = value;
    const [, key] = line.match(/^# ([0-9a-f]{64})$/) ?? [];
    if (key) settings.key = fromHex(key);
    if (line.includes('Ctrl-C stops')) return settings;
  }
  throw new Error('the simulator did not start');
}
