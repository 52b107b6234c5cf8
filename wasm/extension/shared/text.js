// Text that comes from the service is shown as text: never as markup, cut, and without what could reorder or hide it.

/** What is shown of a long text. */
const MOST = 300;

/**
 * @param {string} text
 * @param {number} [most]
 */
export function plain(text, most = MOST) {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu, "\ufffd");
  return visible.length > most ? `${visible.slice(0, most)}…` : visible;
}

/**
 * An element with a class and a text or children.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {...(string | Node)} children texts are shown as they are
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * An element of the page that is known to be there.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}
