// The simulated LogMeOnce service, with something in front that can lie and that counts what is asked.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import readline from "node:readline";

import { SIMULATOR } from "./paths.js";

/** Starts the simulator with a document of sites. */
async function startSimulator(folder, sites) {
  const file = path.join(folder, "sites.json");
  fs.writeFileSync(file, JSON.stringify({ sites }));
  const child = spawn(SIMULATOR, ["--seed", `file:${file}`], { stdio: ["ignore", "pipe", "inherit"] });
  const settings = {};
  for await (const line of readline.createInterface(child.stdout)) {
    const [, name, value] = /^ZKV_LOGMEONCE_(\w+)=(.*)$/.exec(line) ?? [];
    if (name) settings[name.toLowerCase()] = value;
    if (settings.secret) break;
  }
  return { child, ...settings };
}

export class Service {
  /** Changes the listing of sites on its way; takes and gives an array. */
  lie = (sites) => sites;
  /** Whether nobody reaches it. */
  down = false;
  /** All requests, as `METHOD path`. */
  requests = [];

  static async start(folder, sites) {
    const service = new Service();
    service.simulator = await startSimulator(folder, sites);
    service.server = http.createServer((request, response) => service.#relay(request, response)).listen(0, "127.0.0.1");
    await once(service.server, "listening");
    return service;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  get apiKey() {
    return this.simulator.key;
  }

  get secret() {
    return this.simulator.secret;
  }

  async #relay(request, response) {
    if (this.down) return request.socket.destroy();
    this.requests.push(`${request.method} ${request.url}`);
    const chunks = await request.toArray();
    const { host: _, connection: __, "accept-encoding": ___, ...headers } = request.headers;
    const options = { method: request.method, headers, body: chunks.length > 0 ? Buffer.concat(chunks) : undefined };
    const answer = await fetch(`${this.simulator.url}${request.url}`, options);
    let body = await answer.text();
    if (request.url.startsWith("/rest/sites") && answer.ok) body = JSON.stringify({ sites: this.lie(JSON.parse(body).sites) });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(body);
  }

  async stop() {
    this.simulator.child.kill("SIGINT");
    this.server.close();
    this.server.closeAllConnections();
  }
}
