// What every entry exports, however it loads the module.

import * as check from "./arguments.js";
import * as bindings from "./bindings.js";
import { call } from "./module.js";

export { ZkvError } from "./error.js";
export { Vault } from "./vault.js";

export function inspect(value) {
  const base64 = check.text(value, "the value");
  return JSON.parse(call(() => bindings.inspect(base64)));
}

export function generatePassword(options) {
  const { length, lower, upper, digits, symbols, excludeAmbiguous } = check.options(options);
  const rules = [
    check.count(length, "length", 20),
    check.flag(lower, "lower", true),
    check.flag(upper, "upper", true),
    check.flag(digits, "digits", true),
    check.flag(symbols, "symbols", true),
    check.flag(excludeAmbiguous, "excludeAmbiguous", false),
  ];
  return generated(call(() => bindings.generatePassword(...rules)));
}

export function generatePassphrase(options) {
  const { words, separator, capitalise, digit } = check.options(options);
  const rules = [
    check.count(words, "words", 6),
    check.character(separator, "separator", "-"),
    check.flag(capitalise, "capitalise", false),
    check.flag(digit, "digit", false),
  ];
  return generated(call(() => bindings.generatePassphrase(...rules)));
}

function generated([text, entropyBits]) {
  return { text, entropyBits };
}
