// What every entry of zkvault/values exports, however it loads the module.

import { ValueVault, inspectIn } from "./values.js";
import * as bindings from "./values-bindings.js";
import { values } from "./values-module.js";

export { ZkvError } from "./error.js";

export const inspect = inspectIn(values, bindings);

/** The available keys, in the module's memory, until they are locked away. */
export class Vault extends ValueVault {
  static Handle = bindings.Vault;
  static module = values;
}
