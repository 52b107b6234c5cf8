// Where nothing is filled: other pages than the pinned one, fields that nobody sees, and pages that change under the hand.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { everythingIn } from "./lib/contents.js";
import { LOGIN, NARROW, PLAIN, valuesOf } from "./lib/sites.js";
import { World } from "./lib/world.js";

let world;
let login;
/** Pages by the frames that they have. */
const framed = new Map();

before(async () => {
  world = await World.start();
  await (await world.setUp()).close();
  login = valuesOf(world.account, LOGIN);
  world.pages.bodies.set("/form", FORM);
  world.pages.bodies.set("/outer", `<iframe src="https://login.localhost:${world.pages.port}/form" ${FRAME}></iframe>`);
  // On a page that was opened long ago, nothing is waited for that still might come.
  for (const [what, body] of Object.entries(FRAMES)) framed.set(what, await world.open(body()));
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';

/** The popup must say something that fits, and no value may be on the page. */
async function assertRefused(page, name, said) {
  assert.match(await world.fill(page, name), said);
  const { user, password } = valuesOf(world.account, name);
  const content = await everythingIn(page);
  assert.ok(!content.includes(password), "the password is on the page");
  assert.ok(!content.includes(user), "the user name is on the page");
  await page.close();
}

/** The password must not be filled; the user name may be. */
async function assertNoPassword(body, said) {
  const page = await world.open(body);
  const told = await world.fill(page, LOGIN);
  assert.match(told, said);
  assert.ok(!(await everythingIn(page)).includes(login.password), "the password is on the page");
  await page.close();
}

/** Lies over the whole window. */
const OVER = "position:fixed;inset:0;background:#fff;z-index:9";

// --- Other pages

const OTHER_PAGES = {
  "another port": () => `https://login.localhost:${world.pages.otherPort}/form`,
  http: () => `http://login.localhost:${world.pages.plainPort}/form`,
  "a subdomain": () => `https://sub.login.localhost:${world.pages.port}/form`,
  "the domain above": () => `https://localhost:${world.pages.port}/form`,
  "a look-alike": () => `https://login-localhost.localhost:${world.pages.port}/form`,
  "a look-alike of other letters": () => `https://log\u0456n.localhost:${world.pages.port}/form`,
  "a trailing dot": () => `https://login.localhost.:${world.pages.port}/form`,
  "the name as a user name": () => `https://login.localhost:${world.pages.port}@evil.localhost:${world.pages.port}/form`,
  "the name in the path": () => `https://evil.localhost:${world.pages.port}/form?https://login.localhost:${world.pages.port}/`,
};

for (const [what, address] of Object.entries(OTHER_PAGES)) {
  test(`z35 another page: ${what}`, async () => {
    world.pages.bodies.set("/form", FORM);
    await assertRefused(await world.visit(address()), LOGIN, /belongs to https:\/\/login\.localhost/);
  });
}

test("z35 a login that is pinned to http is filled nowhere", async () => {
  world.pages.bodies.set("/", FORM);
  await assertRefused(await world.visit(`http://login.localhost:${world.pages.plainPort}/`), PLAIN, /http:\/\/login\.localhost:\d+, is not encrypted/);
});

test("z35 the service's pattern narrows to a part of the origin", async () => {
  world.pages.bodies.set("/in", FORM);
  await assertRefused(await world.open(FORM, { host: "narrow.localhost" }), NARROW, /belongs to/);
  const page = await world.visit(`https://narrow.localhost:${world.pages.port}/in`);
  assert.equal(await world.fill(page, NARROW), "closed");
  await page.close();
});

test("z36 what the popup does not offer, the service worker does not do either", async () => {
  world.pages.bodies.set("/form", FORM);
  const page = await world.visit(OTHER_PAGES["a subdomain"]());
  const popup = await world.popup(page);
  const answer = await popup.target.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId: 1001, tabId: tab.id } });
  });
  assert.equal(answer.error.code, "other-page");
  assert.ok(!(await everythingIn(page)).includes(login.password));
  await page.close();
});

const FRAME = 'width="600" height="300"';
const FRAMES = {
  "of another origin": () => `<iframe src="https://evil.localhost:${world.pages.port}/form" ${FRAME}></iframe>`,
  "of the same host at another port": () => `<iframe src="https://login.localhost:${world.pages.otherPort}/form" ${FRAME}></iframe>`,
  "of the same origin in one of another": () => `<iframe src="https://evil.localhost:${world.pages.port}/outer" ${FRAME}></iframe>`,
  "that is sandboxed": () => `<iframe src="/form" sandbox="allow-scripts allow-forms" ${FRAME}></iframe>`,
};

for (const what of Object.keys(FRAMES)) {
  test(`z35 a form in a frame ${what} is not filled`, () => assertRefused(framed.get(what), LOGIN, /no login form on this page.*frame/));
}

const UNSEEN_FRAMES = { "transparent": ["opacity:0", /invisible/], "hardly any": ["width:9px;height:9px", /small|covers/], "a covered": ["", /covers/] };

for (const [what, [css, said]] of Object.entries(UNSEEN_FRAMES)) {
  test(`z36 a form in ${what} frame of the same origin is not filled`, async () => {
    world.pages.bodies.set("/form", FORM);
    const cover = css === "" ? `<div style="${OVER};pointer-events:none">Prize</div>` : "";
    await assertRefused(await world.open(`<iframe src="/form" ${FRAME} style="${css}"></iframe>${cover}`), LOGIN, said);
  });
}

test("z35 a frame of the pinned page in another page is not filled", async () => {
  world.pages.bodies.set("/form", FORM);
  const frame = `<iframe src="https://login.localhost:${world.pages.port}/form" width="600" height="300"></iframe>`;
  await assertRefused(await world.open(frame, { host: "evil.localhost" }), LOGIN, /belongs to/);
});

test("z35 a sandboxed document has no origin, whatever its address says", async () => {
  world.pages.bodies.set("/sandboxed", FORM);
  world.pages.headers.set("/sandboxed", { "content-security-policy": "sandbox allow-scripts allow-forms" });
  await assertRefused(await world.visit(`https://login.localhost:${world.pages.port}/sandboxed`), LOGIN, /changed while zkvault filled it|cannot fill/);
});

// --- Fields that are not what they seem, and forms that lead elsewhere

test("a password is not filled into a field that shows it", async () => {
  await assertNoPassword('<form><input name="login"><input name="password" type="text"></form>', /would show it|password was not filled/);
});

test("a user name is not filled into a password field", async () => {
  const page = await world.open('<form><input name="login" type="password"><input name="password" type="password"></form>');
  await world.fill(page, LOGIN);
  assert.ok(!(await everythingIn(page)).includes(login.user));
  await page.close();
});

test("a field that becomes text while the user name is filled gets nothing", async () => {
  const swap = "document.querySelector('[name=password]').type = 'text'";
  await assertNoPassword(`<form><input name="login" oninput="${swap}"><input name="password" type="password"></form>`, /would show it|not filled/);
});

test("a field that becomes text when it gets the focus gets nothing", async () => {
  await assertNoPassword(`<form><input name="login"><input name="password" type="password" onfocus="this.type = 'text'"></form>`, /would show it|not filled/);
});

test("z36 a field that is covered while the user name is filled gets nothing", async () => {
  const cover = `document.body.insertAdjacentHTML('beforeend', '<div style=\\'${OVER}\\'></div>')`;
  await assertNoPassword(`<form><input name="login" oninput="${cover}"><input name="password" type="password"></form>`, /covers|not filled/);
});

const evil = (path) => `https://evil.localhost:${path}/take`;
const LEAVING = {
  "its action": () => `<form action="${evil(world.pages.port)}"><input name="login"><input name="password" type="password"></form>`,
  "a button's action": () => `<form action="/here"><input name="login"><input name="password" type="password"><button formaction="${evil(world.pages.port)}">Go</button></form>`,
  "a button elsewhere on the page": () => `<form id="f"><input name="login"><input name="password" type="password"></form><button form="f" formaction="${evil(world.pages.port)}">Go</button>`,
  "the page's base address": () => `<base href="${evil(world.pages.port)}"><form action="take"><input name="login"><input name="password" type="password"></form>`,
  "an action that is downgraded to http": () => `<form action="http://login.localhost:${world.pages.plainPort}/take"><input name="login"><input name="password" type="password"></form>`,
  "an action set while the user name is filled": () =>
    `<form><input name="login" oninput="this.form.action = '${evil(world.pages.port)}'"><input name="password" type="password"></form>`,
};

for (const [what, body] of Object.entries(LEAVING)) {
  test(`z35 a form that leads elsewhere: ${what}`, () => assertNoPassword(body(), /another address|not filled/));
}

test("read-only and disabled fields are left alone", async () => {
  await assertRefused(await world.open('<form><input name="login" readonly><input name="password" type="password" disabled></form>'), LOGIN, /cannot be changed/);
});

// --- Pages that change under the hand

/** Does something in the middle: when the page was surveyed and no value was sent yet. */
async function fillWith(page, meanwhile) {
  const worker = await world.serviceWorker();
  await worker.evaluate(() => {
    const { executeScript } = chrome.scripting;
    chrome.scripting.executeScript = async (...all) => {
      // The popup looks at the page by itself; this is what carries the values.
      if (String(all[0].func).includes("zkvaultWrite.fill")) {
        globalThis.inTheMiddle = true;
        while (!globalThis.goOn) await new Promise((resolve) => setTimeout(resolve, 20));
        chrome.scripting.executeScript = executeScript;
        globalThis.inTheMiddle = globalThis.goOn = false;
      }
      return executeScript(...all);
    };
  });
  const popup = await world.popup(page);
  const told = popup.fill(LOGIN);
  await worker.until(() => globalThis.inTheMiddle);
  await meanwhile();
  await worker.evaluate(() => (globalThis.goOn = true));
  return told;
}

test("z35 a navigation in the middle sends nothing to the page that came, not even of the same origin", async () => {
  world.pages.bodies.set("/second", FORM);
  for (const host of ["evil.localhost", "login.localhost"]) {
    const page = await world.open(FORM);
    const told = await fillWith(page, () => page.goto(`https://${host}:${world.pages.port}/second`));
    assert.match(told, /The page changed/);
    const content = await everythingIn(page);
    assert.ok(!content.includes(login.password) && !content.includes(login.user));
    await page.close();
  }
});

test("a field that is swapped in the middle gets nothing", async () => {
  const page = await world.open(FORM);
  const told = await fillWith(page, () => page.evaluate(() => (document.querySelector("[name=password]").type = "text")));
  assert.match(told, /not filled/);
  assert.ok(!(await everythingIn(page)).includes(login.password));
  await page.close();
});

// --- What hostile pages see

test("z36 scripts, observers and events of a page see nothing before a fill, and nothing of the extension", async () => {
  const page = await world.open(`${FORM}<script>
    window.seen = [];
    new MutationObserver((records) => window.seen.push(...records.map(({ type }) => type))).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const type of ["focus", "input", "change", "click", "keydown"]) addEventListener(type, () => window.seen.push(type), true);
    setInterval(() => [...document.querySelectorAll("input")].some((input) => input.value) && window.seen.push("value"), 10);
  </script>`);
  const popup = await world.popup(page);
  await popup.search(LOGIN);
  await page.waitForTimeout(300);
  assert.deepEqual(await page.evaluate(() => window.seen), []);
  assert.equal(await page.evaluate(() => typeof zkvaultPage + typeof zkvaultVisible), "undefinedundefined");
  await page.close();
});

test("a refused fill leaves no trace on a page of another origin", async () => {
  const page = await world.open(
    `${FORM}<script>window.seen = 0; new MutationObserver(() => window.seen += 1).observe(document, { subtree: true, childList: true, attributes: true });
      for (const type of ["focus", "input", "change"]) addEventListener(type, () => window.seen += 1, true);</script>`,
    { host: "evil.localhost" },
  );
  const popup = await world.popup(page);
  await popup.fill(LOGIN);
  assert.equal(await page.evaluate(() => window.seen), 0);
  await page.close();
});

test("z36 a page cannot speak to the extension, load its files or frame it", async () => {
  const page = await world.open(FORM);
  const found = await page.evaluate(async (id) => {
    const sent = await new Promise((resolve) => {
      if (!globalThis.chrome?.runtime?.sendMessage) return resolve("no way to send");
      chrome.runtime.sendMessage(id, { to: "background", op: "status", params: {} }, (answer) => resolve(answer ?? "no answer"));
    });
    const loaded = await fetch(`chrome-extension://${id}/manifest.json`).then(() => "loaded", () => "refused");
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.src = `chrome-extension://${id}/popup/popup.html`;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [sent, loaded];
  }, world.id);
  assert.match(String(found[0]), /no way to send|no answer/);
  assert.equal(found[1], "refused");
  assert.ok(page.frames().every((frame) => !frame.url().includes("popup.html")));
  await page.close();
});

test("z05 no request ever went to what a site names", () => {
  assert.ok(world.pages.requests.length > 0);
  assert.deepEqual(world.pages.requests.filter((request) => /images\.localhost/.test(request)), []);
  assert.deepEqual([...new Set(world.service.requests)].sort(), ["GET /rest/groups", "GET /rest/sites", "POST /oauth2/token"]);
});
