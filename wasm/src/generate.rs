//! New passwords and passphrases.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::generate::{Generated, PassphraseRules, PasswordRules, WordList};
use zkvault_core::passphrase;

use crate::error::Error;
use crate::secret::secret_text;

/// A new password and its entropy in bits, as an array of the two. What is not given is as core has it.
///
/// # Errors
/// `length`, `no-class`, or `random`.
#[wasm_bindgen(js_name = generatePassword)]
pub fn generate_password(
    length: Option<usize>,
    lower: Option<bool>,
    upper: Option<bool>,
    digits: Option<bool>,
    symbols: Option<bool>,
    exclude_ambiguous: Option<bool>,
) -> Result<Array, Error> {
    let usual = PasswordRules::default();
    let rules = PasswordRules {
        length: length.unwrap_or(usual.length),
        lower: lower.unwrap_or(usual.lower),
        upper: upper.unwrap_or(usual.upper),
        digits: digits.unwrap_or(usual.digits),
        symbols: symbols.unwrap_or(usual.symbols),
        exclude_ambiguous: exclude_ambiguous.unwrap_or(usual.exclude_ambiguous),
    };
    Ok(to_array(&rules.generate()?))
}

/// A new passphrase and its entropy in bits, as an array of the two. What is not given is as core has it; an empty
/// `separator` is none. The words come from outside, so that only those fetch them who use them.
///
/// # Errors
/// `length`, `separator`, or `random`.
#[wasm_bindgen(js_name = generatePassphrase)]
pub fn generate_passphrase(
    list: &str,
    words: Option<usize>,
    separator: Option<String>,
    capitalise: Option<bool>,
    digit: Option<bool>,
) -> Result<Array, Error> {
    let usual = PassphraseRules::default();
    let rules = PassphraseRules {
        words: words.unwrap_or(usual.words),
        separator: separator.map_or(usual.separator, |given| given.chars().next()),
        capitalise: capitalise.unwrap_or(usual.capitalise),
        digit: digit.unwrap_or(usual.digit),
    };
    let list = WordList::new(list).ok_or_else(|| Error::new("argument", "the list of words is not whole"))?;
    Ok(to_array(&rules.generate_of(list)?))
}

/// Refuses a passphrase, in UTF-8, that could be guessed.
///
/// # Errors
/// `weak-passphrase`, or `not-text`.
#[wasm_bindgen(js_name = checkPassphrase)]
pub fn check_passphrase(passphrase: Vec<u8>) -> Result<(), Error> {
    Ok(passphrase::check(secret_text(passphrase)?.expose_secret())?)
}

fn to_array(generated: &Generated) -> Array {
    let text = JsString::from(generated.text.expose_secret());
    Array::of2(&text, &generated.entropy_bits.into())
}
