// What every entry exports, however it loads the module.

import * as check from "./arguments.js";
import * as bindings from "./vault-bindings.js";
import { vaults } from "./module.js";
import { inspectIn } from "./values.js";
import { WORDS } from "./words.js";

export { ZkvError } from "./error.js";
export { download, downloadStream, listFiles, upload } from "./files.js";
export { decryptFile, encryptFile } from "./local-files.js";
export { LogMeOnce } from "./logmeonce.js";
export { Loome } from "./loome.js";
export { listSnapshots, pushSnapshot, restoreSnapshot, unlockSnapshot } from "./snapshots.js";
export { Trust } from "./trust.js";
export { Vault } from "./vault.js";

export const inspect = inspectIn(vaults, bindings);

export function matchOrigin(match) {
  const { pinnedLogin, serverRegex, pageUrl } = check.options(match);
  const texts = [pinnedLogin, serverRegex ?? "", pageUrl];
  if (!texts.every(check.isText)) return false;
  return vaults.call(() => bindings.matchOrigin(...texts));
}

export function generatePassword(options) {
  const { length, lower, upper, digits, symbols, excludeAmbiguous } = check.options(options);
  const rules = [
    check.optionalCount(length, "length"),
    check.optionalFlag(lower, "lower"),
    check.optionalFlag(upper, "upper"),
    check.optionalFlag(digits, "digits"),
    check.optionalFlag(symbols, "symbols"),
    check.optionalFlag(excludeAmbiguous, "excludeAmbiguous"),
  ];
  return generated(vaults.call(() => bindings.generatePassword(...rules)));
}

export function generatePassphrase(options) {
  const { words, separator, capitalise, digit } = check.options(options);
  const rules = [
    check.optionalCount(words, "words"),
    check.optionalCharacter(separator, "separator"),
    check.optionalFlag(capitalise, "capitalise"),
    check.optionalFlag(digit, "digit"),
  ];
  return generated(vaults.call(() => bindings.generatePassphrase(WORDS, ...rules)));
}

export function oneTimeCode(seed, options) {
  const text = check.text(seed, "the seed");
  const at = check.time(check.options(options).at ?? Date.now(), "at");
  const seconds = Math.floor(at / 1000);
  const [code, left, period] = vaults.call(() => bindings.oneTimeCode(text, seconds));
  return { code, validFor: (seconds + left) * 1000 - at, period };
}

export function isOneTimeAddress(text) {
  return vaults.call(() => bindings.isOneTimeAddress(check.text(text, "the text")));
}

export function checkPassphrase(passphrase) {
  const secret = check.bytes(passphrase, "the passphrase");
  vaults.call(() => bindings.checkPassphrase(secret));
}

export function siteFields(site) {
  const text = check.documentText(site, "the site");
  return JSON.parse(check.withUtf8(text, (utf8) => vaults.call(() => bindings.siteFields(utf8))));
}

function generated([text, entropyBits]) {
  return { text, entropyBits };
}
