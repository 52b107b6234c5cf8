// What all forms of the settings do: one submission at a time, and what came of it in the notice below.

/**
 * @param {HTMLElement} notice
 * @param {string} text
 * @param {"error" | "good"} tone
 */
export function tell(notice, text, tone) {
  notice.textContent = text;
  notice.className = `notice ${tone}`;
  notice.hidden = text === "";
}

/**
 * Runs `work` when the form is submitted; what it returns, or why it failed, is said below.
 * @param {string} id
 * @param {() => Promise<string | void>} work
 */
export function onSubmit(id, work) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById(id));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const notice = /** @type {HTMLElement} */ (form.querySelector(".notice"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(button, notice, work);
  });
}

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} notice
 * @param {() => Promise<string | void>} work
 */
export async function attempt(button, notice, work) {
  // It is not disabled meanwhile: that would take the focus from it.
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  tell(notice, "", "good");
  try {
    tell(notice, (await work()) ?? "", "good");
  } catch (/** @type {any} */ error) {
    tell(notice, error.code === "wrong-passphrase" ? "That is not the passphrase." : error.message, "error");
  } finally {
    button.ariaBusy = "false";
  }
}
