// Filling, as a person does it: the popup over a page, a search, Enter.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LOGIN, UNNAMED, valuesOf } from "./lib/sites.js";
import { World } from "./lib/world.js";

let world;
let login;

before(async () => {
  world = await World.start();
  await (await world.setUp()).close();
  login = valuesOf(world.account, LOGIN);
});
after(() => world?.stop());

const FORM = '<form><input name="login"> <input name="password" type="password"> <button>Go</button></form>';
const USER = "[name=login]";
const PASSWORD = "[name=password]";

test("a plain form is filled, and not sent", async () => {
  const page = await world.open(`<form onsubmit="document.title='sent'"><label>User <input name="login"></label><input type="password" name="password"><button>Go</button></form>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(USER), login.user);
  assert.equal(await page.inputValue(PASSWORD), login.password);
  assert.equal(await page.title(), "Login");
  await page.close();
});

test("nothing is filled before somebody asks for it", async () => {
  const page = await world.open(FORM);
  const popup = await world.popup(page);
  await popup.target.until(() => document.querySelector("[role=option]"));
  assert.equal((await popup.rows())[0], LOGIN);
  assert.equal((await popup.rows())[1], UNNAMED);
  assert.equal(await page.inputValue(PASSWORD), "");
  await page.close();
});

test("the site's names for its inputs come first, whatever else is on the page", async () => {
  const page = await world.open(`
    <form><input type="password" name="other"><input name="decoy" autocomplete="username"></form>
    <form><input id="user"><input type="password" id="pass"></form>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue("#user"), login.user);
  assert.equal(await page.inputValue("#pass"), login.password);
  assert.equal(await page.inputValue("[name=other]"), "");
  assert.equal(await page.inputValue("[name=decoy]"), "");
  await page.close();
});

test("without a name that fits, the one password and the text in front of it are meant", async () => {
  const other = valuesOf(world.account, UNNAMED);
  const page = await world.open('<input name="search"><form><input name="q1"><input name="q2" type="password"></form>');
  assert.equal(await world.fill(page, UNNAMED), "closed");
  assert.equal(await page.inputValue("[name=q1]"), other.user);
  assert.equal(await page.inputValue("[name=q2]"), other.password);
  assert.equal(await page.inputValue("[name=search]"), "");
  await page.close();
});

test("where there is a new password too, the current one is meant; with two alike, none is", async () => {
  const other = valuesOf(world.account, UNNAMED);
  const change = await world.open('<form><input type="password" autocomplete="current-password" id="old"><input type="password" autocomplete="new-password" id="new"></form>');
  assert.equal(await world.fill(change, UNNAMED), "closed");
  assert.equal(await change.inputValue("#old"), other.password);
  assert.equal(await change.inputValue("#new"), "");
  await change.close();

  const two = await world.open('<form><input type="password" id="one"><input type="password" id="two"></form>');
  assert.match(await world.fill(two, UNNAMED), /several fields would fit/);
  assert.equal(await two.inputValue("#one"), "");
  await two.close();
});

test("controlled inputs of React take the value into its state", async () => {
  const scripts = ["react/umd/react.production.min.js", "react-dom/umd/react-dom.production.min.js"];
  for (const name of scripts) world.pages.bodies.set(`/${name}`, fs.readFileSync(path.join(import.meta.dirname, "node_modules", name), "utf8"));
  const page = await world.open(`<div id="root"></div>${scripts.map((name) => `<script src="/${name}"></script>`).join("")}<script>
    const field = (name, type) => () => {
      const [value, setValue] = React.useState("");
      window.state = { ...window.state, [name]: value };
      return React.createElement("input", { name, type, value, onChange: (event) => setValue(event.target.value) });
    };
    const form = React.createElement("form", null, React.createElement(field("login", "text")), React.createElement(field("password", "password")));
    ReactDOM.createRoot(document.querySelector("#root")).render(form);
  </script>`);
  await page.waitForSelector(PASSWORD);
  assert.equal(await world.fill(page, LOGIN), "closed");
  await page.waitForTimeout(100);
  assert.deepEqual(await page.evaluate(() => window.state), { login: login.user, password: login.password });
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("a login in two steps is filled in two steps, each asked for", async () => {
  const page = await world.open(`<form onsubmit="event.preventDefault(); step()"><input name="login"><button>Next</button></form><script>
    const step = () => document.body.innerHTML = '<form><input type="password" name="password"><button>Log in</button></form>';
  </script>`);
  assert.match(await world.fill(page, LOGIN), /User name filled/);
  assert.equal(await page.inputValue(USER), login.user);
  await page.bringToFront();
  await page.click("button");
  await page.waitForSelector(PASSWORD);
  assert.equal(await page.inputValue(PASSWORD), "");
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("a form is waited for while the page is still being made, and not on one that has come to rest", async () => {
  const rest = (body) => world.open(`<p>Welcome</p>${body}`);
  const refuse = async (page) => {
    // Every page may still get its form in the first seconds.
    await page.waitForFunction(() => performance.now() > 7_500);
    const popup = await world.popup(page);
    await popup.search(LOGIN);
    const since = performance.now();
    await popup.target.press("Enter");
    await popup.target.until(() => document.querySelector("#message").textContent === "No login form yet. Waiting for one …");
    assert.match(await popup.outcome(), /There is no login form on this page/);
    const took = performance.now() - since;
    await page.close();
    return took;
  };
  const growing = "<ul></ul><script>setInterval(() => document.querySelector('ul').append(document.createElement('li')), 200)</script>";
  const [settled, unsettled] = [await rest(""), await rest(growing)];
  const [still, changing] = [await refuse(settled), await refuse(unsettled)];
  assert.ok(still < changing, `${still} ms, and ${changing} ms on a page that changes`);
});

test("a login in two steps may hide the password on the first page", async () => {
  const page = await world.open('<form><input name="login"><input name="password" type="password" style="display:none"><button>Next</button></form>');
  assert.match(await world.fill(page, LOGIN), /User name filled/);
  assert.equal(await page.inputValue(USER), login.user);
  assert.equal(await page.inputValue(PASSWORD), "");
  await page.close();
});

test("a form that comes late is waited for", async () => {
  const page = await world.open(`<script>setTimeout(() => document.body.innerHTML = '${FORM}', 1800)</script>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("fields in open shadow trees are found", async () => {
  const page = await world.open(`<login-form></login-form><script>
    customElements.define("login-form", class extends HTMLElement {
      connectedCallback() { this.attachShadow({ mode: "open" }).innerHTML = '${FORM}'; }
    });
  </script>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("fields in closed shadow trees are found, also where each has a tree of its own", async () => {
  const page = await world.open(`<form><x-field name="login" type="text"></x-field><x-field name="password" type="password"></x-field></form><script>
    customElements.define("x-field", class extends HTMLElement {
      connectedCallback() {
        const root = this.attachShadow({ mode: "closed" });
        root.innerHTML = '<label>Field <input></label>';
        Object.assign(root.querySelector("input"), { name: this.getAttribute("name"), type: this.getAttribute("type") });
        (window.roots ??= []).push(root);
      }
    });
  </script>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.deepEqual(await page.evaluate(() => roots.map((root) => root.querySelector("input").value)), [login.user, login.password]);
  await page.close();
});

test("a form in a frame of the page's own origin is filled, also in a frame of a frame", async () => {
  world.pages.bodies.set("/form", FORM);
  world.pages.bodies.set("/outer", '<h1>Account</h1><iframe src="/form" width="500" height="200"></iframe>');
  const page = await world.open('<div style="height:900px"></div><iframe src="/outer" width="600" height="400"></iframe>');
  assert.equal(await world.fill(page, LOGIN), "closed");
  const frame = page.frames().find((one) => one.url().endsWith("/form"));
  assert.equal(await frame.inputValue(USER), login.user);
  assert.equal(await frame.inputValue(PASSWORD), login.password);
  await page.close();
});

test("another user name that is there already is not overwritten before somebody asks once more", async () => {
  const page = await world.open(FORM.replace('name="login"', 'name="login" value="bob"'));
  const popup = await world.popup(page);
  assert.match(await popup.fill(LOGIN), /already has the user name “bob”. Press Enter again/);
  assert.equal(await page.inputValue(USER), "bob");
  assert.equal(await page.inputValue(PASSWORD), "");
  await popup.target.press("Enter");
  while (!popup.target.closed) await page.waitForTimeout(20);
  assert.equal(await page.inputValue(USER), login.user);
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("what was left out beside a password is said, and the popup stays", async () => {
  const covered = FORM.replace('name="login"', 'name="login" id="u" style="position:absolute;top:300px"');
  const page = await world.open(`${covered}<div style="position:absolute;top:280px;width:600px;height:80px;background:#eee">News</div>`);
  assert.match(await world.fill(page, LOGIN), /The user name was not filled: another element covers the field/);
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("a password that is longer than its field takes is filled, and that is said", async () => {
  const page = await world.open(FORM.replace('type="password"', 'type="password" maxlength="8"'));
  assert.match(await world.fill(page, LOGIN), /longer than the page allows/);
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

const UNFOCUSED = {
  "opens its fields on focus": FORM.replaceAll("<input ", '<input readonly onfocus="this.readOnly = false" '),
  "empties its fields on focus": FORM.replaceAll("<input ", `<input onfocus="this.value = ''" `),
};

for (const [what, body] of Object.entries(UNFOCUSED)) {
  test(`the popup has the focus, and the page ${what}, then and later`, async () => {
    const page = await world.open(body);
    // The driver otherwise has every page believe that it has the focus.
    const session = await world.context.newCDPSession(page);
    await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
    const popup = await world.popup(page);
    assert.equal(await page.evaluate(() => document.hasFocus()), false);
    assert.equal(await popup.fill(LOGIN), "closed");
    await page.bringToFront();
    await page.waitForFunction(() => document.hasFocus());
    await page.waitForTimeout(200);
    assert.deepEqual([await page.inputValue(USER), await page.inputValue(PASSWORD)], [login.user, login.password]);
    await page.close();
  });
}

// Where each field is asked about each other, this does not end: the limit is for that, and not for a slow machine.
test("a login beside thousands of fields that are in no form is filled", { timeout: 300_000 }, async () => {
  const page = await world.open(`${FORM}<div>${"<p><input></p>".repeat(3000)}</div>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("a field below the fold is scrolled to", async () => {
  const page = await world.open(`<div style="height:4000px"></div>${FORM}`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

for (const [what, drawing] of Object.entries({
  SVG: '<svg width="16" height="16"><circle r="8" /><a href="/"><text>i</text></a><label>i</label></svg>',
  MathML: "<math><mi>x</mi><mo>=</mo><mn>1</mn></math>",
})) {
  test(`a page with inline ${what} is filled like any other`, async () => {
    const page = await world.open(`<header>${drawing} Sign in</header>${FORM.replace("Go", `${drawing} Go`)}`);
    assert.equal(await world.fill(page, LOGIN), "closed");
    assert.equal(await page.inputValue(USER), login.user);
    assert.equal(await page.inputValue(PASSWORD), login.password);
    await page.close();
  });
}

test("a label that floats over its field is no cover", async () => {
  const page = await world.open(`<form style="position:relative">
    <input name="login" id="u" style="position:absolute;top:0;left:0;width:200px;height:40px"><label for="u" style="position:absolute;top:10px;left:10px;width:150px;background:#fff">User</label>
    <input type="password" name="password" id="p" style="position:absolute;top:60px;left:0;width:200px;height:40px"><label for="p" style="position:absolute;top:70px;left:10px;width:150px;background:#fff">Password</label></form>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.equal(await page.inputValue(PASSWORD), login.password);
  await page.close();
});

test("what a page calls its own elements and methods changes nothing", async () => {
  const page = await world.open(`<form id="zkvaultPage" action="/here"><input name="login"><input name="password" type="password"><input name="action" value="https://evil.localhost"><input name="getAttribute"></form><b id="zkvaultVisible"></b>
    <script>
      window.stolen = [];
      for (const name of ["dispatchEvent", "addEventListener"]) EventTarget.prototype[name] = function (...all) { window.stolen.push(name); };
      for (const name of ["querySelectorAll", "elementFromPoint"]) Document.prototype[name] = () => { window.stolen.push(name); return []; };
      Object.defineProperty(HTMLInputElement.prototype, "value", { set(value) { window.stolen.push(value); } });
      Array.prototype.map = Array.prototype.filter = function () { window.stolen.push("array"); return []; };
    </script>`);
  assert.equal(await world.fill(page, LOGIN), "closed");
  assert.deepEqual(await page.evaluate(() => window.stolen), []);
  await page.close();
});
