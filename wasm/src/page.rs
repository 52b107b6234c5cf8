//! Whether a login belongs on a page, for JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::trust::{Origin, Page};

/// Whether a login belongs on a page.
#[wasm_bindgen(js_name = matchOrigin)]
#[must_use]
pub fn match_origin(pinned_login: &str, server_regex: &str, page_url: &str) -> bool {
    let (Ok(pinned), Some(page)) = (Origin::parse(pinned_login), Page::at(page_url)) else {
        return false;
    };
    page.takes_login(&pinned, server_regex)
}
