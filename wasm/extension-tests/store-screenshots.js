// The screenshots of the stores: `node store-screenshots.js FOLDER`. The popup is as it is over a page; around it is what a store
// wants to see, 1280 × 800.

import fs from "node:fs";
import path from "node:path";

import { site } from "./lib/sites.js";
import { pause } from "./lib/target.js";
import { World } from "./lib/world.js";

const [folder] = process.argv.slice(2);
const PAGE = '<form><h1>Harbour Bank</h1><input name="login"> <input name="password" type="password"> <button>Log in</button></form>';
const NAMES = ["Harbour Bank", "Amber Mail", "Compass Code", "Dinghy Docs", "Ensign Notes", "Fathom Cloud", "Galley Shop", "Keel Ledger"];

fs.mkdirSync(folder, { recursive: true });
const world = await World.start({
  sites: ({ port }) =>
    NAMES.map((name, place) =>
      site(100 + place, name, `https://${name.split(" ")[0].toLowerCase()}.localhost:${port}/`, {
        inputs: [["text", '["login"]', "m.boat@mail.example"], ["password", '["password"]', "halyard-cleat-dawn-weigh"], ["text", '["totp"]', "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]],
      }),
    ),
});

/** A picture of the popup in the middle of a plain 1280 × 800. */
async function frame(name, png, title) {
  const sheet = await world.context.newPage();
  await sheet.setViewportSize({ width: 1280, height: 800 });
  await sheet.setContent(`<style>body { margin: 0; height: 800px; display: grid; grid-template-columns: 1fr 1fr; align-items: center; background: #e2f1ed; font: 600 40px/1.25 system-ui, sans-serif; color: #0d6357 }
    p { padding: 0 40px 0 100px } img { border-radius: 14px; box-shadow: 0 20px 60px rgb(20 30 28 / 30%) }</style><p>${title}</p><img src="data:image/png;base64,${png.toString("base64")}">`);
  await pause(100);
  await sheet.screenshot({ path: path.join(folder, `${name}.png`) });
  await sheet.close();
}

try {
  await (await world.setUp()).close();
  const page = await world.open(PAGE, { host: "harbour.localhost" });
  const shots = [
    ["1-list", "Your logins, a few letters away", async () => {}],
    ["2-site", "Every value, shown only when you ask", async (popup) => {
      await popup.target.press("ArrowRight");
      await popup.target.until(() => /\d/.test(document.querySelector("#item .code .value")?.textContent ?? ""));
    }],
    ["3-generator", "Passwords that nobody guesses", async (popup) => {
      await popup.target.press("g", { ctrl: true });
      await popup.target.until(() => document.querySelector("#generated").textContent !== "");
    }],
  ];
  for (const [name, title, work] of shots) {
    const popup = await world.unlocked(page);
    await popup.target.until(() => /^Synced/.test(document.querySelector("#fresh").textContent));
    await work(popup);
    await pause(300);
    await frame(name, await popup.target.screenshot(), title);
    await popup.target.evaluate(() => window.close()).catch(() => {});
  }
  world.service.lie = (sites) => sites.map((one) => (one.id < 102 ? { ...one, login: { ...one.login, Url: "https://harb0ur.example/" } } : one));
  const options = await world.options();
  await options.setViewportSize({ width: 1280, height: 800 });
  await options.click("#sync");
  await options.waitForSelector("#verdicts li");
  await options.screenshot({ path: path.join(folder, "4-changes.png") });
} finally {
  await world.stop();
}
