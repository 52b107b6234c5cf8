// Runs in the page, in the extension's own world: fields for a new password, what was typed into them, and generated passwords.
"use strict";

globalThis.zkvaultNew = (() => {
  const { forms, refusal } = globalThis.zkvaultPage;
  const { atHome, writeText } = globalThis.zkvaultWrite;
  const { shadowOf } = globalThis.zkvaultVisible;
  const NEW = new Set(["new", "again", "marked-new"]);
  /** What is read of one field, in characters. */
  const MOST = 4096;

  /** The fields of a form that a new password goes into: those that say so, and in a form for one, those that say nothing. */
  function newFields({ fields, purpose }) {
    const passwords = fields.filter(({ type }) => type === "password");
    const marked = passwords.filter(({ kind }) => NEW.has(kind));
    const loose = passwords.filter(({ kind }) => kind === "password");
    if (purpose === "signup") return passwords.filter(({ kind }) => NEW.has(kind) || kind === "password");
    if (purpose !== "change") return marked.filter(({ kind }) => kind !== "marked-new");
    if (marked.length > 0) return marked;
    // Of three without a word, the first is the one in use; one alone may be that one too.
    return loose.length > 2 ? loose.slice(1) : loose.length === 2 ? loose : [];
  }

  /** The fields for a new password, of those that fit, in the first form that has some; the one with the focus before others. */
  function look(fits) {
    const found = forms({}).forms.map((form) => ({ form, fields: newFields(form).map(({ element }) => element).filter(fits) })).filter(({ fields }) => fields.length > 0);
    return (found.find(({ form }) => form.focused) ?? found[0])?.fields ?? [];
  }

  /** The field with the focus, if it is one for a password. */
  function focused() {
    let at = document.activeElement;
    while (at && shadowOf(at)?.activeElement) at = shadowOf(at).activeElement;
    return at?.type === "password" && refusal(at, "password") === null ? at : undefined;
  }

  /** Fields that a new password was typed into. Looking at them changes nothing in the page, not even what is scrolled. */
  const typed = () => look(({ value }) => value !== "");

  /** Whether a new password was typed. Says nothing about it. */
  const hasTyped = (origin) => atHome(origin) && typed().length > 0;

  /** The new password that was typed, or why there is none: { value } or { reason }. */
  function read(origin) {
    if (!atHome(origin)) return { reason: "navigated" };
    const values = new Set(typed().map(({ value }) => value));
    if (values.size === 0) return { reason: "absent" };
    if (values.size > 1) return { reason: "differ" };
    const [value] = values;
    return value.length > MOST ? { reason: "absent" } : { value };
  }

  /** How many fields a generated password would go into. */
  const count = (origin) => (atHome(origin) ? targets().length : 0);

  function targets() {
    const fields = look((element) => refusal(element, "password") === null);
    const at = focused();
    return at && !fields.includes(at) ? [at] : fields;
  }

  /** Fills a generated password into all fields for it; gives how many took it. */
  async function fill(value, origin) {
    let filled = 0;
    for (const field of atHome(origin) ? targets() : []) {
      const outcome = await writeText({ field }, "password", value, origin);
      if (outcome === "filled") filled += 1;
    }
    return filled;
  }

  return { count, fill, hasTyped, read };
})();

// The browser hands over what a script comes to, and Firefox refuses to where that has functions.
void 0;
