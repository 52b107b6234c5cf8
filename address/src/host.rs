//! The parser of a browser or Node.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;

    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn new(text: &str) -> Result<Url, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
}

/// The canonical form of an absolute address of any scheme.
pub(crate) fn canonical(text: &str) -> Option<String> {
    Url::new(text).ok().map(|url| url.href())
}
