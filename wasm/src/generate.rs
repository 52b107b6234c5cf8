//! New passwords and passphrases.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::{Generated, PassphraseRules, PasswordRules};

use crate::error::Error;

/// A new password and its entropy in bits, as an array of the two.
///
/// # Errors
/// `length`, `no-class`, or `random`.
#[wasm_bindgen(js_name = generatePassword)]
pub fn generate_password(
    length: usize,
    lower: bool,
    upper: bool,
    digits: bool,
    symbols: bool,
    exclude_ambiguous: bool,
) -> Result<Array, Error> {
    let rules = PasswordRules {
        length,
        lower,
        upper,
        digits,
        symbols,
        exclude_ambiguous,
    };
    Ok(to_array(&rules.generate()?))
}

/// A new passphrase and its entropy in bits, as an array of the two.
///
/// # Errors
/// `length`, `separator`, or `random`.
#[wasm_bindgen(js_name = generatePassphrase)]
pub fn generate_passphrase(
    words: usize,
    separator: Option<char>,
    capitalise: bool,
    digit: bool,
) -> Result<Array, Error> {
    let rules = PassphraseRules {
        words,
        separator,
        capitalise,
        digit,
    };
    Ok(to_array(&rules.generate()?))
}

fn to_array(generated: &Generated) -> Array {
    let text = JsString::from(generated.text.expose_secret());
    Array::of2(&text, &generated.entropy_bits.into())
}
