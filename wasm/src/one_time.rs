//! One-time codes of login pages.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::SecretText;
use zkvault_core::totp::Totp;

use crate::error::Error;

/// The code that a seed gives at a time in whole seconds since 1970, for how many seconds it is valid, and for how many a code is
/// valid altogether, as an array of the three.
///
/// # Errors
/// `totp`.
#[wasm_bindgen(js_name = oneTimeCode)]
pub fn one_time_code(seed: String, seconds: f64) -> Result<Array, Error> {
    let code = Totp::parse(&SecretText::from(seed))?.at(seconds as u64);
    let text = JsString::from(code.text.expose_secret());
    // A period is a day at most.
    let [left, period] = [code.seconds_left, code.period].map(|seconds| seconds as f64);
    Ok(Array::of3(&text, &left.into(), &period.into()))
}

/// Whether a text says by its scheme that it is the seed of such codes.
#[wasm_bindgen(js_name = isOneTimeAddress)]
pub fn is_one_time_address(text: String) -> bool {
    Totp::is_address(&SecretText::from(text))
}
