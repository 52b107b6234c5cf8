// The sites of the test's account, sealed by the package itself. Every value is a canary that is nowhere else by chance.

import crypto from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { PACKAGE } from "./paths.js";

const { Vault, init } = await import(pathToFileURL(path.join(PACKAGE, "index.node.js")));
await init();
export { Vault };

const canary = (word) => `${word}-${crypto.randomBytes(9).toString("base64url")}`;

/** A site in plaintext; an input is [type, name] or [type, name, value]. */
export function site(id, name, url, { regex, inputs, match, action } = {}) {
  const given = inputs ?? [["text", '["login", "user"]'], ["password", '["password", "pass"]']];
  return {
    id,
    name,
    updated: 1_700_000_000 + id,
    flags: 293,
    image: `https://images.localhost/${id}.png`,
    icon: `https://images.localhost/${id}.ico`,
    used: 0,
    login: {
      Url: url,
      regex: regex ?? "^https?://",
      inputs: given.map(([type, inputName, value]) => ({ flags: type === "password" ? 5 : 3, name: inputName, type, value: value ?? canary(type) })),
      ...(match && { match }),
      ...(action && { action }),
    },
  };
}

/** Names of the sites that tests speak of. */
export const LOGIN = "Harbour Login";
export const NARROW = "Narrowed by pattern";
export const PLAIN = "Plain http";
export const UNNAMED = "Inputs without names";
export const CODES = "Codes by the clock";

/** The secret of RFC 6238, in base32. */
export const CODE_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** An account with a key, and the sites of the tests, or those that `more` makes for the pages. */
export function makeSites(pages, more) {
  const { port, plainPort } = pages;
  const key = crypto.randomBytes(32);
  const at = (host, rest = "/") => `https://${host}:${port}${rest}`;
  const plain = more?.(pages) ?? [
    site(1001, LOGIN, at("login.localhost", "/login")),
    site(1002, NARROW, at("narrow.localhost", "/in"), { regex: `^https://narrow\\.localhost:${port}/in` }),
    site(1003, PLAIN, `http://login.localhost:${plainPort}/`),
    site(1004, UNNAMED, at("login.localhost"), { inputs: [["text", '["zz-user"]'], ["password", '["zz-pass"]']] }),
    site(1006, CODES, at("codes.localhost"), {
      inputs: [["text", '["login"]'], ["password", '["password"]'], ["text", '["totp"]', CODE_SECRET], ["hidden", '["seed"]', `otpauth://totp/Codes?secret=${CODE_SECRET}&digits=8`]],
    }),
    site(1005, "<img src=x onerror=alert(1)> \u202egnp.exe", at("markup.localhost")),
    ...["Amber Mail", "Bollard Bank", "Compass Code", "Dinghy Docs", "Ensign Notes", "Fathom Cloud", "Galley Shop", "Keel Ledger"].map((name, place) =>
      site(1100 + place, name, at(`${name.split(" ")[0].toLowerCase()}.localhost`)),
    ),
  ];
  const vault = Vault.fromKeys([key]);
  const sealed = vault.encryptDocument({ sites: plain }).sites;
  vault.lock();
  /** Seals a new value of an input, as the account's owner does. */
  const seal = (siteId, type, name, value) => {
    const own = Vault.fromKeys([key]);
    const text = own.encryptValue(value, { siteId, type, name });
    own.lock();
    return text;
  };
  return { key: key.toString("hex"), keyBytes: key, plain, sealed, seal };
}

/** The plaintexts of a site by kind. */
export function valuesOf({ plain }, name) {
  const { inputs } = plain.find((site) => site.name === name).login;
  return { user: inputs.find(({ type }) => type === "text").value, password: inputs.find(({ type }) => type === "password").value };
}
