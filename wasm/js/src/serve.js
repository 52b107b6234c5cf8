// The worker's side: vaults by number, and one answer to every question.

import { Vault, ZkvError } from "./api.js";

const MAKERS = ["fromKeys", "create", "unlock"];

/** Answers questions, each with its `id`, by `post`. `init` loads the module before the first one. */
export function serve(init, post) {
  const vaults = new Map();
  let made = 0;

  function answer({ vault: number, method, parameters }) {
    if (MAKERS.includes(method)) {
      vaults.set(++made, Vault[method](...parameters));
      return made;
    }
    const vault = vaults.get(number);
    if (method === "lock") vaults.delete(number);
    return vault[method](...parameters);
  }

  return async (question) => {
    const { id } = question;
    try {
      await init(); // once: later calls do nothing
      post({ id, result: answer(question) });
    } catch (error) {
      const { code, message } = error instanceof ZkvError ? error : new ZkvError("internal", String(error));
      post({ id, error: { code, message } });
    } finally {
      wipe(question.parameters);
    }
  };
}

/** Wipes what came as bytes, alone, in a list, or as an option: these copies are the worker's own. */
function wipe(given) {
  if (given instanceof Uint8Array) given.fill(0);
  else if (Array.isArray(given)) given.forEach(wipe);
  else if (given?.code) wipe(given.code);
}
