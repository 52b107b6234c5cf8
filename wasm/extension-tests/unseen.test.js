// Fields that nobody sees, by whatever they are hidden: nothing is filled into them, and the reason is said.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { everythingIn } from "./lib/contents.js";
import { Lanes } from "./lib/lanes.js";
import { LOGIN, valuesOf } from "./lib/sites.js";
import { World } from "./lib/world.js";

const SITE = 1001;
const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';
/** Lies over the whole window. */
const OVER = "position:fixed;inset:0;background:#fff;z-index:9";

const style = (css, around = "") => `<form><div style="${around}"><input name="login" style="${css}"><input name="password" type="password" style="${css}"></div></form>`;

/** A form in whose boxes CSS adds a faint layer over the field, and a line below it. */
const lined = (css) => `<style>
  div { position: relative } div::before, div::after { content: ""; position: absolute; pointer-events: none }
  div::before { inset: 0; background: rgb(0 0 0 / 4%) } div::after { inset: auto 0 0; height: 2px; background: #fff; ${css} }
  </style><form><div><input name="login"></div><div><input name="password" type="password"></div><button>Go</button></form>`;
/** A line in an element above the page. */
const farLine = (css) => `<style>b { position: fixed; z-index: 9; left: 0; top: 0; width: 100vw; pointer-events: none; ${css} } b::after { content: ""; position: absolute; inset: 0 0 auto; height: 2px; background: #fff }</style>${FORM}<b></b>`;

/** What is seen all the same. */
const SEEN = {
  "as it is": FORM,
  "below a faint layer, with a line that CSS adds": lined(""),
  "the same, with a line that grows when the field has the focus": lined("transform: scaleX(0)"),
};

const UNSEEN = {
  "display none": [style("display:none"), /hidden/],
  "visibility hidden": [style("visibility:hidden"), /hidden/],
  "in a closed details": [`<details>${FORM}</details>`, /hidden|tiny|small/],
  "opacity 0": [style("opacity:0"), /invisible/],
  "opacity 0 around it": [style("", "opacity:0"), /invisible/],
  "faint in two steps": [style("opacity:.4", "opacity:.4"), /invisible/],
  "made transparent by a filter": [style("", "filter:opacity(0)"), /invisible/],
  "masked away": [style("", "mask-image:linear-gradient(transparent,transparent)"), /invisible/],
  "no size": [style("width:0;height:0;border:0;padding:0"), /small/],
  "one pixel": [style("width:1px;height:1px;border:0;padding:0"), /small/],
  "scaled to nothing": [style("", "transform:scale(.01)"), /small/],
  "left of the page": [style("position:absolute;left:-9999px"), /outside/],
  "far right of the page": [style("position:absolute;left:9999px"), /outside/],
  "far right of its box": [style("position:absolute;right:-9999px"), /outside/],
  "above the page": [style("position:fixed;top:-300px"), /outside/],
  "clipped away": [style("", "position:absolute;clip-path:inset(50%)"), /covers/],
  "cut off by its box": [style("position:relative;top:80px", "overflow:hidden;height:40px"), /covers/],
  "under a picture": [`${FORM}<div style="${OVER}">Win a prize</div>`, /covers/],
  "under something transparent that takes clicks": [`${FORM}<div style="position:fixed;inset:0;z-index:9"></div>`, /covers/],
  "under something that clicks fall through": [`${FORM}<div style="${OVER};pointer-events:none">Win a prize</div>`, /covers/],
  "under the same, stubbornly": [`${FORM}<div style="${OVER};pointer-events:none !important">Win a prize</div>`, /covers/],
  "under the same in a closed shadow tree": [
    `${FORM}<x-veil></x-veil><script>document.querySelector("x-veil").attachShadow({ mode: "closed" }).innerHTML = '<div style="${OVER};pointer-events:none">Prize</div>'</script>`,
    /covers/,
  ],
  "under a frame": [`${FORM}<iframe style="${OVER};width:100%;height:100%;border:0"></iframe>`, /covers/],
  "under the box that CSS adds to the page": [`<style>body::after{content:"";${OVER};pointer-events:none}</style>${FORM}`, /covers/],
  "under a line that is drawn 99 times as high": [lined("transform: scaleY(99)"), /covers/],
  "under a line that is scaled": [lined("scale: 1 99"), /covers/],
  "under a line that is zoomed": [lined("zoom: 99"), /covers/],
  "under a line with a wide picture for its edge": [lined("border: 1px solid; border-image: linear-gradient(#fff, #fff) 1 / 99px / 99px"), /covers/],
  "under copies of a line": [lined("filter: drop-shadow(0 -2px #fff) drop-shadow(0 -4px #fff) drop-shadow(0 -8px #fff) drop-shadow(0 -16px #fff)"), /covers/],
  "under the line of an element that is scaled": [farLine("height: 2px; transform: scaleY(999)"), /covers/],
  "under the backdrop of a popover": [
    `<style>#p::backdrop{background:#fff}#p{inset:auto 0 0 auto}</style>${FORM}<div id="p" popover="manual">News</div><script>document.querySelector("#p").showPopover()</script>`,
    /covers/,
  ],
  "under a shadow that is cast inwards": [`${FORM}<div style="position:fixed;inset:0;pointer-events:none;box-shadow:inset 0 0 0 100vmax #fff"></div>`, /covers/],
  "under a shadow that is cast from afar": [`${FORM}<div style="position:fixed;left:700px;top:400px;width:2px;height:2px;pointer-events:none;box-shadow:0 0 0 100vmax #fff"></div>`, /covers/],
  "under an outline from afar": [`${FORM}<div style="position:fixed;left:700px;top:400px;width:2px;height:2px;pointer-events:none;outline:100vmax solid #fff"></div>`, /covers/],
  "under an edge": [`${FORM}<div style="position:fixed;inset:0;pointer-events:none;border:50vmax solid #fff"></div>`, /covers/],
  "under signs": [`${FORM}<div style="position:fixed;inset:0;pointer-events:none;color:#fff;font:900px/.5 monospace">███</div>`, /covers/],
  "blurred by what lies over it": [`${FORM}<div style="position:fixed;inset:0;pointer-events:none;backdrop-filter:blur(40px)"></div>`, /covers/],
  "blurred": [style("", "filter:blur(30px)"), /invisible/],
  "blended away": [style("", "mix-blend-mode:lighten"), /invisible/],
  "in the colour of the page": [style("all:unset;width:200px;height:30px;background:#fff;color:#fff"), /invisible/],
  "without anything that shows": [style("all:unset;width:200px;height:30px;display:block"), /invisible/],
  "slotted into a transparent box": [
    `<x-box>${FORM}</x-box><script>document.querySelector("x-box").attachShadow({ mode: "closed" }).innerHTML = '<div style="opacity:0"><slot></slot></div>'</script>`,
    /invisible/,
  ],
  "in a form whose parent has a namesake": [`<div style="opacity:0"><form id="f"><input name="login"><input name="password" type="password"></form></div><input form="f" type="hidden" name="parentElement"><input form="f" type="hidden" name="parentNode">`, /invisible/],
  "inert": [`<div inert>${FORM}</div>`, /inactive/],
  "under a dialog": [`${FORM}<dialog style="width:90%;height:90%">Accept cookies?</dialog><script>document.querySelector("dialog").showModal()</script>`, /covers/],
};

const BODIES = { ...Object.fromEntries(Object.entries(SEEN).map(([what, body]) => [what, [body]])), ...UNSEEN };

let world;
let results;

before(async () => {
  world = await World.start({ hosts: ["https://*.localhost/*"] });
  const lanes = await Lanes.open(world, await world.setUp());
  const told = await lanes.each(Object.entries(BODIES), async (page, tab, [what, [body]]) => {
    await page.goto(world.pages.add(body));
    const said = await lanes.fill(SITE, tab);
    return [what, { said, content: await everythingIn(page) }];
  });
  results = new Map(told);
});
after(() => world?.stop());

for (const [what, [, said]] of Object.entries(UNSEEN)) {
  test(`z36 a field that nobody sees: ${what}`, () => {
    const { user, password } = valuesOf(world.account, LOGIN);
    const { content, said: told } = results.get(what);
    assert.match(told, said);
    assert.ok(!content.includes(password), "the password is on the page");
    assert.ok(!content.includes(user), "the user name is on the page");
  });
}

for (const what of Object.keys(SEEN)) {
  test(`the same form is filled where it is seen: ${what}`, () => {
    const { content, said } = results.get(what);
    assert.equal(said, "");
    assert.ok(content.includes(valuesOf(world.account, LOGIN).password));
  });
}
