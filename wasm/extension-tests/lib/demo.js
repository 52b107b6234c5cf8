// `zkv demo --serve`, with what it prints for a trial of the extension.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";

import { ZKV } from "./paths.js";

/** Reads the lines of the demo until it says how to stop it. */
async function readLines(output) {
  const lines = [];
  for await (const line of readline.createInterface(output)) {
    lines.push(line);
    if (line.includes("Ctrl-C")) return lines;
  }
  throw new Error(`the demo ended:\n${lines.join("\n")}`);
}

export class Demo {
  static async start() {
    const demo = new Demo();
    demo.folder = fs.mkdtempSync(path.join(os.tmpdir(), "zkvault-demo-test-"));
    demo.child = spawn(ZKV, ["demo", "--serve"], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: demo.folder } });
    const lines = await readLines(demo.child.stdout);
    demo.env = Object.fromEntries(lines.flatMap((line) => [/^export (\w+)='(.*)'$/.exec(line)?.slice(1, 3)].filter(Boolean)));
    const said = (what) => lines.map((line) => line.split(`${what}: `)[1]).find(Boolean);
    demo.page = said("for the browser extension");
    demo.keyring = said("with the passphrase above");
    return demo;
  }

  /** What zkv prints for somebody who pasted the settings of the demo into a shell. */
  zkv(...parameters) {
    return execFileSync(ZKV, parameters, { env: { ...process.env, ...this.env }, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  async stop() {
    this.child.kill("SIGINT");
    await once(this.child, "exit");
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
