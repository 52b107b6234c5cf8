//! What a browser or Node has.

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;

    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn new(text: &str) -> Result<Url, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;

    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Uint8Array;
}

/// The canonical form of an absolute address of any scheme.
pub(crate) fn canonical(text: &str) -> Option<String> {
    Url::new(text).ok().map(|url| url.href())
}

/// The text in NFC, unless it is already. It comes back as bytes, which can be wiped on both sides; a string would be
/// copied into memory that grows, and leave parts of it behind.
pub(crate) fn to_nfc(text: &str) -> Option<Zeroizing<String>> {
    let encoded = TextEncoder::new().encode(&JsString::from(text).normalize("NFC"));
    let mut bytes = Zeroizing::new(vec![0; encoded.length() as usize]);
    encoded.copy_to(&mut bytes);
    encoded.fill(0, 0, encoded.length());
    if *bytes == text.as_bytes() {
        return None;
    }
    String::from_utf8(std::mem::take(&mut *bytes)).ok().map(Zeroizing::new)
}
