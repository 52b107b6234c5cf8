// Runs in the page, in the extension's own world: finds the fields of a login and, when asked again, fills them.
//
// A plan is a list of { kind: "password" | "text", names: [string] }, in the order of the site's inputs. Nothing here
// trusts an earlier answer: the origin, the field and what covers it are looked at again right before each value.
"use strict";

globalThis.zkvaultPage = (() => {
  const { hidden } = globalThis.zkvaultVisible;
  const TEXT_TYPES = new Set(["text", "email", "tel", "url", "number", "search"]);
  const LIKE_A_USER = /user|login|e-?mail|account|ident/i;
  /** The longest that is waited, in milliseconds: for a form, and for fields that are there to become fit. */
  const PATIENCE = 3000;
  const LESS_PATIENCE = 600;

  /** All inputs, those in shadow trees at the place of their host. */
  function inputs(root) {
    return [...root.querySelectorAll("*")].flatMap((element) => {
      if (element instanceof HTMLInputElement) return [element];
      const shadow = element.shadowRoot;
      return shadow ? inputs(shadow) : [];
    });
  }

  function fits(field, kind) {
    return kind === "password" ? field.type === "password" : TEXT_TYPES.has(field.type);
  }

  /** Origins that a form of the page sends to. What a form's own inputs are called must not be mistaken for it. */
  function sendsElsewhere(field) {
    const form = field.form;
    if (!form) return false;
    const buttons = [...document.querySelectorAll("[formaction]")].filter((button) => button.form === form);
    const targets = [Element.prototype.getAttribute.call(form, "action"), ...buttons.map((button) => button.getAttribute("formaction"))];
    return targets.some((target) => target !== null && target !== "" && leaves(target));
  }

  function leaves(target) {
    try {
      const url = new URL(target, document.baseURI);
      return url.protocol !== "javascript:" && url.origin !== self.origin;
    } catch {
      return true;
    }
  }

  /** Why a field must not be filled, or null. */
  function refusal(field, kind) {
    if (!fits(field, kind)) return kind === "password" ? "not-a-password-field" : "not-a-text-field";
    if (field.disabled || field.readOnly) return "read-only";
    return hidden(field) ?? (sendsElsewhere(field) ? "form-leaves" : null);
  }

  function called(field, name) {
    return field.name === name || field.id === name;
  }

  /** The fields that the site names, the better name first. */
  function named(fields, names) {
    return names.flatMap((name) => fields.filter((field) => called(field, name)));
  }

  /** The one password field of a page, or that for the password of now where there are those for a new one. */
  function guessPassword(fields) {
    const all = fields.filter((field) => field.type === "password" && !hidden(field));
    const current = all.filter((field) => field.autocomplete === "current-password");
    const old = all.filter((field) => field.autocomplete !== "new-password");
    return current.length > 0 ? current : old;
  }

  /** The text field in front of the password, or what is called like one for a user. */
  function guessUser(fields) {
    const texts = fields.filter((field) => TEXT_TYPES.has(field.type) && !hidden(field));
    const [password] = guessPassword(fields);
    if (password) return texts.filter((field) => fields.indexOf(field) < fields.indexOf(password) && field.form === password.form).slice(-1);
    const told = texts.filter((field) => /\b(username|email)\b/.test(field.autocomplete));
    return told.length > 0 ? told : texts.filter((field) => LIKE_A_USER.test(`${field.name} ${field.id}`));
  }

  /** { field } to fill, { refused } with a reason, or { absent }. */
  function choose(fields, plan, index) {
    const { kind, names } = plan[index];
    const candidates = named(fields, names);
    const good = candidates.find((field) => refusal(field, kind) === null);
    if (good) return { field: good };
    const guessed = candidates.length > 0 ? [] : guess(fields, plan, index);
    if (guessed.length > 1) return { refused: "several" };
    const [first] = [...candidates, ...guessed];
    const reason = first && refusal(first, kind);
    return first ? (reason ? { refused: reason } : { field: first }) : { absent: true };
  }

  /** Guesses for the first input of a kind only: nothing says what the others would be. */
  function guess(fields, plan, index) {
    const { kind } = plan[index];
    if (plan.findIndex((entry) => entry.kind === kind) !== index) return [];
    return kind === "password" ? guessPassword(fields) : guessUser(fields);
  }

  function look(plan) {
    const fields = inputs(document);
    return plan.map((_, index) => choose(fields, plan, index));
  }

  function atHome(origin) {
    return self === top && self.origin === origin && location.origin === origin && location.protocol === "https:";
  }

  const outcome = ({ field, refused }) => (field ? "found" : (refused ?? "absent"));

  /** What is on the page, without any value. Waits a little for a form that is not there yet. */
  async function survey(plan) {
    const since = performance.now();
    for (;;) {
      const outcomes = look(plan).map(outcome);
      const patience = outcomes.every((one) => one === "absent") ? PATIENCE : LESS_PATIENCE;
      if (outcomes.includes("found") || performance.now() - since >= patience) return { href: location.href, outcomes };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  function tell(field, type) {
    const details = { bubbles: true, composed: true };
    field.dispatchEvent(type === "input" ? new InputEvent(type, { ...details, inputType: "insertReplacementText" }) : new Event(type, details));
  }

  /** Writes a value as if it were typed. The page's scripts run at each event, so all is checked after the focus. */
  function write(choice, kind, value, origin) {
    if (!choice.field) return outcome(choice);
    const { field } = choice;
    field.focus({ preventScroll: true });
    if (!atHome(origin)) return "navigated";
    const reason = refusal(field, kind);
    if (reason) return reason;
    field.value = value;
    tell(field, "input");
    tell(field, "change");
    return "filled";
  }

  /** Fills `values`, [{ index, value }], and says what became of each. */
  function fill(plan, values, origin) {
    if (!atHome(origin)) return values.map(({ index }) => ({ index, outcome: "navigated" }));
    return values.map(({ index, value }) => {
      const choice = choose(inputs(document), plan, index);
      return { index, outcome: write(choice, plan[index].kind, value, origin) };
    });
  }

  return { survey, fill };
})();
