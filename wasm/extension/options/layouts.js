// The card with the layouts of the vendor's values: those in use, and a file of them to import.

import { Failure, ask } from "../shared/messages.js";
import { byId, element, plain } from "../shared/text.js";
import { attempt, onSubmit } from "./forms.js";

/** Files of layouts are a few KB. */
const MAX_LEN = 1024 * 1024;

const file = () => /** @type {HTMLInputElement} */ (byId("layouts-file"));

export async function refreshLayouts() {
  const { rows, imported } = await ask("background", "layouts");
  byId("layouts-none").hidden = rows.length > 0;
  byId("layouts-remove").hidden = !imported;
  byId("layouts-used").replaceChildren(...rows.map((/** @type {import("zkvault").VendorLayoutRow} */ row) => show(row, imported)));
}

/** @param {import("zkvault").VendorLayoutRow} row @param {boolean} imported */
function show({ name, digest, authenticated }, imported) {
  const facts = [imported ? "from your file" : "from the keyring", ...(authenticated ? [] : ["nothing authenticates its values"])];
  return element("li", "", element("b", "", plain(name, 60)), `: ${facts.join(", ")} `, element("span", "mono", digest.slice(0, 16)));
}

async function importLayouts() {
  const [chosen] = file().files ?? [];
  if (!chosen) throw new Failure("no-file", "Choose the file that zkv vendor export wrote.");
  if (chosen.size > MAX_LEN) throw new Failure("layout", "That is no file of layouts: it is too large.");
  await ask("background", "importLayouts", { file: await chosen.text() });
  file().value = "";
  await refreshLayouts();
  return "Values open in these layouts now, and in no others.";
}

/** Registers what the card does. @param {() => Promise<void>} onLocked shows that the vault is locked: it would still use the layouts that are removed */
export function listen(onLocked) {
  onSubmit("layouts-form", importLayouts);
  const remove = /** @type {HTMLButtonElement} */ (byId("layouts-remove"));
  const notice = /** @type {HTMLElement} */ (document.querySelector("#layouts-form .notice"));
  remove.addEventListener("click", () =>
    attempt(remove, notice, async () => {
      await ask("background", "removeLayouts");
      await onLocked();
    }),
  );
}
