// What the extension makes of a listing of sites: no browser.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

// The extension's folder is for browsers and has no package.json that says so, so the module is loaded by its text.
const source = fs.readFileSync(path.join(import.meta.dirname, "..", "extension", "host", "sites.js"), "utf8");
const { byId, byName, hints, search, userEntry } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

test("sites whose numbers JavaScript rounds alike stay two", () => {
  const sites = byId('{"sites":[{"id":9007199254740992,"name":"one"},{"id" : 9007199254740993 ,"name":"other"},{"id":"9007199254740995","name":"text"},{"id":7,"name":"small"}]}');
  assert.deepEqual([...sites].map(([id, { name }]) => [id, name]), [["9007199254740992", "one"], ["9007199254740993", "other"], ["9007199254740995", "text"], ["7", "small"]]);
});

test("a text that looks like a number of a site stays as it is", () => {
  const listing = JSON.stringify({ sites: [{ id: 1, name: '"id":9007199254740993,' }] });
  assert.equal(byId(listing).get("1").name, '"id":9007199254740993,');
});

test("a site whose number cannot be read exactly is left out", () => {
  const sites = byId('{"sites":[{"\\u0069d":9007199254740993,"name":"escaped"},{"id":9.007199254740993e15,"name":"power"},{"id":3,"name":"good"}]}');
  assert.deepEqual([...sites.keys()], ["3"]);
});

test("the user name is the text in front of the password", () => {
  const inputs = (...kinds) => kinds.map(([kind, name]) => ({ kind, name }));
  assert.equal(userEntry(inputs(["text", "org"], ["text", "usr"], ["password", "p"], ["text", "after"])).name, "usr");
  assert.equal(userEntry(inputs(["password", "p"], ["text", "mail"])).name, "mail");
  assert.equal(userEntry(inputs(["password", "p"], ["choice", "c"])), undefined);
});

test("hints that are no texts are none", () => {
  assert.deepEqual(hints({ login: { match: { username: "#who", trim: "" }, action: { submit: 7 } } }), { submit: undefined, username: "#who", trim: undefined });
  assert.deepEqual(hints({ login: { match: [], action: null } }), { submit: undefined, username: undefined, trim: undefined });
  assert.deepEqual(hints(undefined), { submit: undefined, username: undefined, trim: undefined });
});

test("sites are in the order of their names, whatever their case", () => {
  assert.deepEqual(byName([{ name: "mail" }, { name: null }, { name: "Bank" }, { name: "Äpfel" }]).map(({ name }) => name), [null, "Äpfel", "Bank", "mail"]);
});

test("sites are found by all words, in their names, hosts and user names", () => {
  const verdicts = [["Bank", "bank.example"], ["Mail", "mail.example"]].map(([name, host], siteId) => ({ siteId, name, origin: `https://${host}`, fill: "ok" }));
  const userOf = ({ siteId }) => ["Skipper", "mate"][siteId];
  const names = (query) => search(verdicts, new Set(["1"]), query, userOf).rows.map(({ name, user }) => `${name} ${user}`);
  assert.deepEqual(names(""), ["Mail mate", "Bank Skipper"]);
  assert.deepEqual(names("example skip"), ["Bank Skipper"]);
  assert.deepEqual(names("MATE mail"), ["Mail mate"]);
  assert.deepEqual(names("mate bank"), []);
});
