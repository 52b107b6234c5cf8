// A page in headless Chromium, of an origin of its own.

import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

import { ROOT } from "./paths.js";

const tool = createRequire(path.join(ROOT, "wasm", "tools", "package.json"));
const { chromium } = tool("playwright-core");
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
/** What docs and README tell pages to allow, and no more. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' http://127.0.0.1:*";

/** Serves folders below paths, and an empty page, under a policy until the test is over. Gives the origin. */
async function serve(t, folders, policy) {
  const server = http.createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const [below, folder] = Object.entries(folders).find(([start]) => pathname.startsWith(start)) ?? [];
    const file = below && path.join(folder, path.normalize(pathname.slice(below.length) || "index.html"));
    response.setHeader("content-security-policy", policy);
    if (pathname === "/empty") return response.setHeader("content-type", "text/html").end("<!doctype html><title>page</title>");
    if (!file || !fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" }).end(fs.readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A browser until the test is over. */
async function openBrowser(t) {
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  t.after(() => browser.close());
  return browser;
}

/** The page at an address. What it complains about is in `complaints`. */
export async function openAddress(t, address) {
  const page = await (await openBrowser(t)).newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  // That a blob is not there yet is no complaint.
  page.on("console", (message) => message.type() === "error" && !message.text().includes("status of 404") && page.complaints.push(message.text()));
  await page.goto(address);
  return page;
}

/** A page at `address` of an origin that serves these folders. */
export async function openPage(t, folders, address = "/empty", policy = POLICY) {
  return openAddress(t, (await serve(t, folders, policy)) + address);
}
