// Renders wasm/extension/icons/icon.svg in the sizes that the manifest names: `node render-icons.js`.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ICONS = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "extension", "icons");
const svg = fs.readFileSync(path.join(ICONS, "icon.svg"), "utf8");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless=new", "--no-sandbox"] });
const page = await browser.newPage();
for (const size of [16, 32, 48, 128]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${svg}`);
  await page.screenshot({ path: path.join(ICONS, `${size}.png`), omitBackground: true });
}
await browser.close();
