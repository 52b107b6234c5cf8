// Modules in files, for Node.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { ZkvError } from "./error.js";

/**
 * How a module is read, with waiting and without. Where it is is asked when it is needed: what a bundler makes of an entry may have
 * no place of its own.
 */
export function moduleFile(place) {
  return {
    file: () => readFile(place()),
    now() {
      try {
        return readFileSync(place());
      } catch (cause) {
        throw new ZkvError("module", "the module is not beside the program: pass its bytes, or bundle zkvault/inline", { cause });
      }
    },
  };
}
