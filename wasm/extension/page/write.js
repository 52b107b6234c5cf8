// Runs in the page, in the extension's own world: writes values into the fields that were found, as if they were typed.
//
// The page's scripts run at every event. So the origin, the field and what covers it are looked at again right before
// each value, and nothing trusts an earlier response.
"use strict";

globalThis.zkvaultWrite = (() => {
  const { look, matching, outcome, pause, refusal } = globalThis.zkvaultPage;
  const { caller, documentOf, textOf, unseen, viewOf } = globalThis.zkvaultVisible;
  const { normalize, says } = globalThis.zkvaultFields;
  const hasFocus = caller(Document.prototype, "hasFocus");
  const command = caller(Document.prototype, "execCommand");
  /** How long a field may take to open that is read-only until it has the focus, in milliseconds. */
  const OPENING = 500;
  /** What is shown of a user name that the page has already, in characters. */
  const MOST_SHOWN = 60;

  /** What shared/origins.js calls trustworthy. */
  const isTrustworthy = ({ protocol, hostname }) => protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));

  function atHome(origin) {
    return self === top && self.origin === origin && location.origin === origin && isTrustworthy(location);
  }

  const EVENTS = { details: { bubbles: true, composed: true, cancelable: true } };
  const send = (field, Type, name, more = {}) => field.dispatchEvent(new Type(name, { ...EVENTS.details, ...more }));

  /** A key that stands for none: what listens to keys looks at the field, and nothing is typed or sent by it. */
  const key = (field, name) => send(field, KeyboardEvent, name, { key: "Unidentified", keyCode: 229 });

  /** Gives the focus. Where the window has it not, as when the popup has it, the page is told all the same. */
  function focus(field) {
    let heard = false;
    field.addEventListener("focus", () => (heard = true), { once: true });
    field.focus({ preventScroll: true });
    if (heard) return;
    send(field, FocusEvent, "focus", { bubbles: false });
    send(field, FocusEvent, "focusin");
  }

  /** What a mouse does to a field before it has the focus: some fields take no text before. */
  function press(field) {
    for (const name of ["pointerdown", "mousedown"]) send(field, name.startsWith("pointer") ? PointerEvent : MouseEvent, name, { view: viewOf(documentOf(field)) });
    focus(field);
    for (const name of ["pointerup", "mouseup", "click"]) send(field, name.startsWith("pointer") ? PointerEvent : MouseEvent, name);
  }

  /** Types over what is there. The browser's own command makes the events that it makes for a keyboard. */
  function type(field, value) {
    key(field, "keydown");
    field.select();
    command(documentOf(field), "insertText", false, value);
    if (field.value !== value) set(field, value);
    key(field, "keyup");
    send(field, Event, "change", { cancelable: false });
    // Some forms read a field only when it is left. It keeps the focus, so that Enter sends the form.
    send(field, FocusEvent, "blur", { bubbles: false });
    send(field, FocusEvent, "focusout");
  }

  function set(field, value) {
    field.value = value;
    send(field, InputEvent, "input", { inputType: "insertReplacementText", cancelable: false });
  }

  /** Whether a field has a value, or what the page makes of it: with spaces, in capitals. */
  const has = (field, value) => field.value === value || (field.type !== "password" && normalize(field.value).replaceAll(" ", "") === normalize(value).replaceAll(" ", ""));

  async function writeText({ field }, kind, value, origin) {
    if (field.readOnly) press(field);
    else focus(field);
    await pause(0);
    for (const since = performance.now(); field.readOnly && performance.now() - since < OPENING; ) await pause(50);
    const reason = !atHome(origin) ? "navigated" : (refusal(field, kind) ?? (field.readOnly ? "read-only" : null));
    if (reason) return reason;
    type(field, value);
    await pause(0);
    if (!has(field, value) && atHome(origin) && !refusal(field, kind)) set(field, value);
    if (!hasFocus(documentOf(field))) rehearse(field, value);
    if (!has(field, value)) return "changed";
    return field.maxLength > 0 && field.maxLength < value.length ? "longer" : "filled";
  }

  /** When the popup closes, the page gets the focus, and the field with it. One that is emptied then is left without it. */
  function rehearse(field, value) {
    send(field, FocusEvent, "focus", { bubbles: false });
    if (has(field, value)) return;
    set(field, value);
    field.blur();
  }

  // --- Choices

  const same = (one, other) => normalize(one) !== "" && normalize(one) === normalize(other);
  const labelOf = (element) => [...(element.labels ?? [])].map((label) => textOf(label)).join(" ");

  /** Picks what has the value, or is labelled so, among the lists and buttons of a choice. */
  function writeChoice({ fields }, value) {
    for (const field of fields) {
      if (field.type === "checkbox" && /^(1|0|on|off|true|false|yes|no)$/i.test(value)) return check(field, /^(1|on|true|yes)$/i.test(value));
      if (field.type !== "select-one" && (field.value === value || same(labelOf(field), value))) return check(field, true);
      const option = [...(field.options ?? [])].find((one) => one.value === value || same(one.text, value));
      if (option && !option.disabled) return select(field, option);
    }
    return "no-choice";
  }

  function check(field, checked) {
    if (field.checked !== checked) field.click();
    return field.checked === checked ? "filled" : "changed";
  }

  function select(field, option) {
    focus(field);
    option.selected = true;
    send(field, Event, "input");
    send(field, Event, "change");
    return field.value === option.value ? "filled" : "changed";
  }

  // --- User names that are there already

  /** A user name without the ending that the page does not show. */
  const trimmed = (text, ending) => (ending && text.toLowerCase().endsWith(ending.toLowerCase()) ? text.slice(0, -ending.length) : text).trim().toLowerCase();

  /** The code of a country, or a domain, in front of which nobody's name is. */
  const isBeginning = (text, value) => /^(\+\d{1,3}|.+\\)$/.test(text.trim()) && value.toLowerCase().startsWith(text.trim().toLowerCase());

  /** Text of a field that only says what belongs there. */
  const isPrompt = (field, value) => isBeginning(field.value, value) || field.value === field.placeholder || (field.value === field.defaultValue && says("user", normalize(field.value)) && !/[@\d]/.test(field.value));

  /** The user name that the page has and that is not the one to fill, if there is one: in the field, or where the service says it is shown. */
  function otherUser(choices, plan, values, { username, trim }) {
    const mine = values.filter(({ index }) => plan[index].kind === "text");
    const differs = (text, value) => text.trim() !== "" && trimmed(text, trim) !== trimmed(value, trim);
    for (const { index, value } of mine) {
      const { field } = choices[index];
      if (field && !field.readOnly && differs(field.value, value) && !isPrompt(field, value)) return field.value;
    }
    const shown = matching(username).filter((one) => !unseen(one)).map((one) => (one instanceof HTMLInputElement ? one.value : textOf(one)));
    return mine.length === 1 ? shown.find((text) => differs(text, mine[0].value)) : undefined;
  }

  // --- Filling

  /** Text goes in first: a password may wait for its user name. */
  const inOrder = (values, plan) => [...values].sort((one, other) => Number(plan[one.index].kind === "password") - Number(plan[other.index].kind === "password"));

  /**
   * Fills `values`, [{ index, value }], and says what became of each: { outcomes: [{ index, outcome }] }. A page that
   * has another user name is left as it is, { other }, unless `replace` is set.
   */
  async function fill(plan, values, origin, { hints = {}, replace = false } = {}) {
    if (!atHome(origin)) return { outcomes: values.map(({ index }) => ({ index, outcome: "navigated" })) };
    const seen = look(plan, hints);
    const other = replace ? undefined : otherUser(seen, plan, values, hints);
    if (other !== undefined) return { outcomes: [], other: other.trim().slice(0, MOST_SHOWN) };
    const outcomes = [];
    for (const { index, value } of inOrder(values, plan)) {
      const put = (choice) => write(choice, plan[index].kind, value, origin);
      const became = await put(seen[index]);
      // The page may have made its fields anew when the one before got its value.
      const anew = DONE.has(became) || !atHome(origin) ? undefined : look(plan, hints)[index];
      outcomes.push({ index, outcome: anew?.field && anew.field !== seen[index].field ? await put(anew) : became });
    }
    return { outcomes };
  }

  /** Outcomes after which a field has something, or the page will not have it. */
  const DONE = new Set(["filled", "longer", "changed", "no-choice"]);

  async function write(choice, kind, value, origin) {
    if (!atHome(origin)) return "navigated";
    if (!choice.field) return outcome(choice);
    return kind === "choice" ? writeChoice(choice, value) : writeText(choice, kind, value, origin);
  }

  return { atHome, fill, writeText };
})();

// The browser hands over what a script comes to, and Firefox refuses to where that has functions.
void 0;
