// Login pages, honest and hostile, over https on several hosts of this machine: Chromium takes *.localhost for it.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import path from "node:path";

/** A certificate for this one run. */
function certificate(folder) {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:*.localhost"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
}

export class Pages {
  /** The bodies of pages by path; whatever the host. */
  bodies = new Map();
  /** Headers of pages by path. */
  headers = new Map();
  /** All requests that came, as `host path`. */
  requests = [];

  static async start(folder) {
    const pages = new Pages();
    const answer = (request, response) => pages.#answer(request, response);
    pages.secure = https.createServer(certificate(folder), answer).listen(0, "127.0.0.1");
    pages.other = https.createServer(certificate(folder), answer).listen(0, "127.0.0.1");
    pages.plain = http.createServer(answer).listen(0, "127.0.0.1");
    await Promise.all([pages.secure, pages.other, pages.plain].map((server) => server.listening || once(server, "listening")));
    return pages;
  }

  get port() {
    return this.secure.address().port;
  }

  get otherPort() {
    return this.other.address().port;
  }

  get plainPort() {
    return this.plain.address().port;
  }

  /** The address of a page with this body, on the host of the logins. */
  add(body, { host = "login.localhost", name = `/page-${this.bodies.size}` } = {}) {
    this.bodies.set(name, body);
    return `https://${host}:${this.port}${name}`;
  }

  #answer(request, response) {
    this.requests.push(`${request.headers.host} ${request.url}`);
    const { pathname } = new URL(request.url, "https://localhost");
    const body = this.bodies.get(pathname);
    const script = request.url.endsWith(".js");
    response.writeHead(body === undefined ? 404 : 200, { "content-type": `text/${script ? "javascript" : "html"}; charset=utf-8`, ...this.headers.get(pathname) });
    response.end(body === undefined ? "" : script || body.startsWith("<!") ? body : `<!doctype html><title>Login</title>${body}`);
  }

  stop() {
    for (const server of [this.secure, this.other, this.plain]) {
      server.close();
      server.closeAllConnections();
    }
  }
}
