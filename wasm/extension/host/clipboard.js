// Copies a value, and takes it off the clipboard again. A document that nobody sees cannot use navigator.clipboard,
// which wants the focus; the older command does without.

/** Where the clipboard is pasted, to see what is on it. */
const area = document.body.appendChild(document.createElement("textarea"));
area.id = "clipboard";
area.ariaHidden = "true";
area.tabIndex = -1;

/** @type {{ timer: number, digest: string } | undefined} */
let ours;

/** @param {string} text */
function put(text) {
  const set = (/** @type {ClipboardEvent} */ event) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", set, { once: true });
  return document.execCommand("copy");
}

/** What is on the clipboard; needs the optional permission to read it, and is undefined without. */
function get() {
  area.value = "";
  area.focus();
  const text = document.execCommand("paste") ? area.value : undefined;
  area.value = "";
  return text;
}

async function digest(/** @type {string} */ text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return String.fromCharCode(...new Uint8Array(hash));
}

/**
 * Puts a value on the clipboard, for so many seconds; 0 leaves it there. Gives whether the browser let it.
 * @param {string} text
 * @param {number} seconds
 */
export async function copy(text, seconds) {
  if (ours) clearTimeout(ours.timer);
  const done = put(text);
  ours = seconds > 0 ? { timer: window.setTimeout(clearNow, seconds * 1000), digest: await digest(text) } : undefined;
  return done;
}

/** Takes our value off the clipboard, unless something else is known to be there. */
export async function clearNow() {
  if (!ours) return;
  const { timer, digest: copied } = ours;
  ours = undefined;
  clearTimeout(timer);
  const now = get();
  if (now === undefined || (await digest(now)) === copied) put("");
}
