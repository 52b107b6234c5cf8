// Classes and choices of fields, by descriptions alone: no browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PLAN, chosen, field, form } from "./lib/descriptions.js";

const { normalize } = globalThis.zkvaultFields;

test("words are compared without case, accents and the ways in which machines join them", () => {
  assert.equal(normalize("userName[Login_ID]"), "user name login id");
  assert.equal(normalize("Contraseña  ACTUAL:"), "contrasena actual");
  assert.equal(normalize("E-Mail-Adresse"), "e mail adresse");
});

const CLASSES = [
  ["text", "User name", {}, "user"], ["email", "", {}, "user"], ["text", "Benutzerkennung", {}, "user"], ["text", "", { name: "loginId" }, "user"],
  ["tel", "Mobile number", {}, "phone"], ["text", "", {}, "text"], ["text", "Company", {}, "tenant"], ["text", "Customer code", {}, "user"],
  ["text", "First name", {}, "personal"], ["text", "Nom d’utilisateur", {}, "user"], ["text", "Nom", {}, "personal"],
  ["text", "One-time code", {}, "code"], ["text", "Account", { autocomplete: ["one-time-code"] }, "code"], ["text", "", { maxLength: 1 }, "code"],
  ["tel", "", { maxLength: 6 }, "code"], ["text", "Código de verificación", {}, "code"], ["text", "验证码", {}, "code"], ["text", "Postcode", {}, "code"],
  ["text", "Type the characters shown", {}, "captcha"], ["text", "3 + 4 =", {}, "captcha"], ["text", "Search users", {}, "search"], ["search", "Search users", {}, "search"],
  ["search", "", {}, "search"], ["search", "User", {}, "user"],
  ["email", "Subscribe", {}, "news"], ["text", "Card number", {}, "card"], ["text", "Mother's maiden name", {}, "answer"], ["text", "Leave this field empty", {}, "trap"],
  ["text", "Password", {}, "shown-password"],
  ["password", "Password", {}, "password"], ["password", "", {}, "password"], ["password", "Contraseña actual", {}, "current"], ["password", "", { name: "old_pw" }, "current"],
  ["password", "Neues Passwort", {}, "new"], ["password", "Passwort wiederholen", {}, "again"], ["password", "", { name: "password2" }, "again"],
  ["password", "At least 8 characters", {}, "new"], ["password", "", { autocomplete: ["new-password"] }, "marked-new"], ["password", "Token code", {}, "code"],
  ["password", "SMS code", { name: "password" }, "code"], ["password", "CVC", {}, "card"], ["password", "API secret", {}, "foreign"], ["password", "SMTP password", {}, "foreign"],
  ["password", "", { maxLength: 6, inputMode: "numeric" }, "pin"], ["password", "", { maxLength: 1, inputMode: "numeric" }, "code"], ["password", "PIN", {}, "pin"], ["password", "Secret answer", {}, "answer"],
  ["password", "One-time password", {}, "code"], ["password", "Einmalpasswort", {}, "code"], ["password", "一次性密码", {}, "code"], ["password", "Passcode", {}, "pin"],
  ["password", "Enter the 6 digits", {}, "code"], ["password", "Password (6 digits)", {}, "password"], ["password", "Social Security number", {}, "masked"],
  ["password", "Customer number", {}, "masked"], ["password", "Date of birth", {}, "masked"], ["password", "Login", {}, "password"], ["password", "Customer number", { name: "password" }, "password"],
  ["password", "Date of birth", { name: "password" }, "masked"], ["password", "Password", { after: "use 8 or more characters" }, "new"], ["password", "Password", { after: "forgot it" }, "password"],
  ["text", "E-mail or loyalty card number", {}, "user"], ["text", "Card number", {}, "card"], ["password", "Password", { name: "MainRoom_Certificate" }, "password"],
  ["password", "Transaction password", {}, "foreign"], ["password", "Bind password", {}, "foreign"], ["password", "Password (optional)", {}, "new"], ["password", "Memorable word", {}, "answer"],
  ["text", "Server", {}, "server"], ["text", "IP address", {}, "server"], ["text", "Personnel no.", { maxLength: 8, inputMode: "numeric" }, "user"],
  ["password", "Подтвердите пароль", {}, "again"], ["password", "新しいパスワード", {}, "new"], ["password", "当前密码", {}, "current"],
  ["password", "Passcode", { name: "password" }, "pin"], ["password", "YubiKey", {}, "code"], ["password", "Password or token", { name: "password" }, "password"], ["password", "Password for example", {}, "password"],
  ["password", "Exam password", {}, "foreign"], ["text", "Codice fiscale", {}, "user"], ["text", "Codice di verifica", {}, "code"], ["password", "Codice fiscale", {}, "masked"],
  ["text", "Leave this field empty", { name: "username" }, "trap"], ["text", "This field should be left empty", { name: "username" }, "trap"], ["text", "Must stay blank", { name: "username" }, "trap"],
  ["text", "Dieses Feld leer lassen", { name: "username" }, "trap"], ["text", "Bitte nichts eintragen", { name: "username" }, "trap"], ["text", "Laissez ce champ vide", { name: "username" }, "trap"],
  ["text", "Deja este campo vacío", { name: "username" }, "trap"], ["text", "Lasciare vuoto", { name: "username" }, "trap"], ["text", "Deixe este campo em branco", { name: "username" }, "trap"],
  ["text", "Laat dit veld leeg", { name: "username" }, "trap"], ["text", "Zostaw to pole puste", { name: "username" }, "trap"], ["text", "Оставьте поле пустым", { name: "username" }, "trap"],
  ["text", "User name (leave empty for the guest)", { name: "username" }, "user"], ["password", "Password (leave empty to keep it)", { name: "password" }, "new"],
];

/** What is said below a password, and whether it is told what a new one has to be like. */
const BELOW = [
  ["One lowercase character", "new"], ["1 uppercase letter", "new"], ["a special character", "new"], ["at least a digit", "new"], ["One number", "new"], ["8 characters minimum", "new"], ["12 characters or longer", "new"],
  ["Enter a number", "password"], ["Log in with your e-mail or a number", "password"], ["Use your phone number", "password"], ["Forgot it? We send a digital code.", "password"], ["A special offer for members", "password"],
];

for (const [type, label, more, kind] of CLASSES) {
  test(`class: ${type} “${label || JSON.stringify(more)}” is ${kind}`, () => assert.equal(field(type, label, more).kind, kind));
}

for (const [said, kind] of BELOW) {
  test(`class: a password above “${said}” is ${kind}`, () => assert.equal(field("password", "Password", { after: normalize(said) }).kind, kind));
}

const user = field("text", "User name");
const password = field("password", "Password");

const PURPOSES = [
  ["login", [user, password], { buttons: "Log in" }], ["login", [user, password], { heading: "Sign in or create an account" }],
  ["unclear", [user, password], { buttons: "OK" }], ["signup", [user, password], { buttons: "Sign up" }], ["signup", [user, password], { buttons: "Weiter", heading: "Konto erstellen" }],
  ["signup", [user, password, field("password", "Confirm password")], {}], ["signup", [field("text", "First name"), user, password], { buttons: "Go", consent: true }],
  ["change", [password], { heading: "Reset your password" }], ["change", [user], { heading: "Forgot your password?" }],
  ["signup", [user, field("email", "E-mail"), password], { buttons: "OK" }], ["login", [user, field("email", "E-mail"), password], { buttons: "Log in" }],
  ["signup", [field("email", "E-mail"), field("email", "Confirm e-mail"), password], { buttons: "Continue" }], ["signup", [field("text", "სახელი"), field("email", "ელფოსტა"), password], { buttons: "OK" }],
  ["signup", [field("text", "Full name"), password], { buttons: "OK" }], ["signup", [user, password], { buttons: "Get started" }], ["login", [field("text", "Date of birth"), user, password], { buttons: "Log in" }],
  ["signup", [user, password], { page: "Register" }], ["login", [user, password], { heading: "Registered users", buttons: "Log in" }], ["unclear", [user, password], { heading: "Registered users" }],
  ["signup", [password], { lead: "Set a password for this device." }], ["login", [user, password], { lead: "You have a new password.", buttons: "Log in" }],
  ["signup", [user, password], { choices: [field("select-one", "Country")] }], ["login", [user, password], { choices: [field("select-one", "Country")], buttons: "Log in" }],
  ["other", [password], { heading: "Payment" }], ["unclear", [user, password], { heading: "Payment portal" }], ["login", [user, password], { heading: "Payment portal", buttons: "Log in" }],
  ["other", [field("text", "Server"), user, password], { buttons: "Save" }], ["login", [field("text", "Server"), user, password], { buttons: "Log in" }], ["other", [password], { files: true }],
  ["other", [password], { lead: "This content is password protected." }], ["change", [user], { heading: "Find your account" }],
  ["other", [password], { heading: "This file is protected" }], ["other", [field("email", "Newsletter")], {}], ["other", [field("email", "E-mail")], { buttons: "Subscribe" }], ["other", [user], { long: true }],
  ["signup", [user, password], { heading: "Claim your username", buttons: "Continue" }], ["signup", [user, password], { heading: "Set up your administrator account", buttons: "Continue" }],
  ["login", [user, password], { heading: "Log in to set up your account", buttons: "Continue" }], ["login", [user, password], { heading: "Identifiez-vous", buttons: "Valider" }],
  ["other", [password], { heading: "Export data", lead: "Protect the export with a password." }], ["other", [user, password], { heading: "Import from LastPass", buttons: "Continue" }],
  ["other", [user, password], { heading: "Link your bank", lead: "Enter your Chase credentials.", buttons: "Continue" }], ["login", [user, password], { heading: "Connect your business bank", buttons: "Log in" }],
  ["other", [field("password", "Passcode", { name: "password" })], { lead: "We sent a text message to ••• 42." }], ["unclear", [user, password], { lead: "We sent you a message about your bill." }],
];

for (const [kind, fields, texts] of PURPOSES) {
  test(`purpose: ${fields.map(({ label }) => label).join(", ")} ${JSON.stringify(texts)} is ${kind}`, () => assert.equal(form(fields, texts).purpose, kind));
}

test("the user name beside the password is meant, not one in another form", () => {
  const other = form([field("text", "Member name")], { buttons: "OK" });
  assert.deepEqual(chosen([other, form([user, password], { buttons: "Log in" })]), ["user name", "password"]);
});

test("the site's names turn no new password into the stored one", () => {
  const named = (label) => field("password", label, { name: "password" });
  assert.deepEqual(chosen([form([named("New password"), field("password", "Repeat it")])]), ["new-password", "new-password"]);
  assert.deepEqual(chosen([form([user, named("Password")], { buttons: "Register" })]), ["new-password", "new-password"]);
  const change = form([field("password", "Old password"), named("New password"), field("password", "Repeat it")], { heading: "Change password" });
  assert.equal(chosen([change])[1], "old password");
});

test("the current password may come last", () => {
  const fields = [field("password", "New password"), field("password", "Confirm new password"), field("password", "Current password")];
  assert.equal(chosen([form(fields)])[1], "current password");
});

test("two passwords that fit alike are one too many, and the site's name decides", () => {
  const two = form([field("password", "Alpha"), field("password", "Beta", { name: "password" })]);
  assert.equal(chosen([two])[1], "beta");
  assert.deepEqual(chosen([two], [{ kind: "text", names: [] }, { kind: "password", names: [] }]), ["several", "several"]);
});

test("digits in front of a password are the user name where nothing else is", () => {
  const digits = field("text", "Number", { maxLength: 8, inputMode: "numeric" });
  assert.equal(digits.kind, "code");
  assert.deepEqual(chosen([form([digits, password], { buttons: "Log in" })]), ["number", "password"]);
  assert.deepEqual(chosen([form([user, digits, password], { buttons: "Log in" })]), ["user name", "password"]);
  assert.deepEqual(chosen([form([password, digits], { buttons: "Log in" })]), [null, "password"]);
});

test("a field for searches that asks for a user is one beside a password, and not alone", () => {
  const shy = field("search", "E-mail");
  assert.deepEqual(chosen([form([shy, password], { buttons: "Log in" })]), ["e mail", "password"]);
  assert.equal(chosen([form([shy], { buttons: "Next" })])[0], null);
});

test("the name of what is deleted is no user name, and the password that confirms it is the stored one", () => {
  const fields = () => [field("text", "Name of the project"), password];
  for (const buttons of ["Delete", "Endgültig löschen", "Supprimer"]) assert.deepEqual(chosen([form(fields(), { buttons })]), [null, "password"]);
  assert.deepEqual(chosen([form(fields(), { buttons: "OK" })]), ["name of the project", "password"]);
  assert.deepEqual(chosen([form([user, password], { buttons: "Delete" })]), ["user name", "password"]);
});

test("a row is read from where its writing begins", () => {
  const plan = [{ kind: "text", names: ["a"] }, { kind: "text", names: ["b"] }, { kind: "password", names: [] }];
  const row = () => ["One", "Two"].map((label, place) => ({ ...field("text", label), x: place * 200 }));
  const inRow = (rtl) => {
    const made = form([...row(), password], { buttons: "Log in", rtl });
    for (const one of made.fields) one.y = 0;
    return chosen([made], plan).slice(0, 2);
  };
  assert.deepEqual(inRow(false), ["one", "two"]);
  assert.deepEqual(inRow(true), ["two", "one"]);
});

test("a PIN is a password only where it is the one of a login", () => {
  const pin = field("password", "PIN");
  assert.equal(chosen([form([field("text", "Customer number"), pin], { buttons: "Log in" })])[1], "pin");
  assert.equal(chosen([form([pin], { buttons: "Confirm" })])[1], "code");
  assert.equal(chosen([form([user, password, pin], { buttons: "Log in" })])[1], "password");
});

test("several texts go by their names, and else by their places if there are just as many", () => {
  const plan = [{ kind: "text", names: ["org"] }, { kind: "text", names: ["usr"] }, { kind: "password", names: [] }];
  const company = field("text", "Company");
  assert.deepEqual(chosen([form([company, user, password])], plan), ["company", "user name", "password"]);
  assert.deepEqual(chosen([form([user, field("text", "Tenant", { name: "org" }), password])], plan), ["tenant", "user name", "password"]);
  assert.deepEqual(chosen([form([user, password])], plan), [null, "user name", "password"]);
});

test("without a password, a user name needs a form that could be a login's", () => {
  assert.equal(chosen([form([field("email", "E-mail")], { buttons: "Next" })])[0], "e mail");
  assert.equal(chosen([form([field("email", "E-mail")], { buttons: "Send invitation" })])[0], null);
  assert.equal(chosen([form([field("text", "Code"), user], { buttons: "Verify" })])[0], null);
  assert.equal(chosen([form([field("email", "E-mail", { autocomplete: ["email"] })], { buttons: "Notify me" })])[0], null);
  assert.equal(chosen([form([field("email", "E-mail")], { buttons: "" })])[0], null);
  assert.equal(chosen([form([field("text", "Login ID")], { buttons: "" })])[0], "login id");
  assert.equal(chosen([form([field("email", "E-mail")], { buttons: "Next", aside: true })])[0], null);
  assert.equal(chosen([form([field("email", "E-mail")], { buttons: "Next", heading: "Track your order" })])[0], null);
  assert.equal(chosen([form([field("text", "Order number"), field("email", "E-mail")], { buttons: "Next" })])[0], null);
  assert.equal(chosen([form([field("email", "E-mail 1"), field("email", "E-mail 2")], { buttons: "Next" })])[0], null);
});
