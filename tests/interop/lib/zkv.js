// Runs the zkv program in a folder of its own, with nothing of the caller's settings.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { toHex } from './bytes.js';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');

/** ZKV_BIN, or the newer of the programs that cargo built here. */
function program() {
  if (process.env.ZKV_BIN) return path.resolve(process.env.ZKV_BIN);
  const built = ['debug', 'release'].map((profile) => path.join(TARGET, profile, 'zkv')).filter(fs.existsSync);
  if (built.length === 0) throw new Error('no zkv program: run `cargo build -p zkv` or set ZKV_BIN');
  return built.sort((left, right) => fs.statSync(right).mtimeMs - fs.statSync(left).mtimeMs)[0];
}

/** A temporary folder with a key file in it, gone when the test `t` ends. */
export class Workplace {
  constructor(t, key) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zkv-interop-'));
    t.after(() => fs.rmSync(this.folder, { recursive: true }));
    this.keyFile = this.write('vault.key', `${toHex(key)}\n`);
  }

  path(name) {
    return path.join(this.folder, name);
  }

  write(name, content) {
    fs.writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  read(name) {
    return new Uint8Array(fs.readFileSync(this.path(name)));
  }

  /** Exit code and both streams; nothing is asked, because there is no terminal and --no-input says so. */
  run(args, { input = '', env = {} } = {}) {
    const surroundings = { PATH: process.env.PATH, HOME: this.folder, ZKV_CONFIG_DIR: this.folder, ...env };
    const options = { input, env: surroundings, cwd: this.folder, maxBuffer: 1 << 28, timeout: 120_000 };
    const { status, stdout, stderr, error } = spawnSync(program(), [...args, '--no-input'], options);
    if (error) throw error;
    return { status, stdout: new Uint8Array(stdout), text: stdout.toString(), stderr: stderr.toString() };
  }

  /** As `run`, where only success will do. */
  succeed(args, options) {
    const result = this.run(args, options);
    if (result.status !== 0) throw new Error(`zkv ${args.join(' ')}: exit ${result.status}\n${result.stderr}`);
    return result;
  }
}
