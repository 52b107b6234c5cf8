//! What is known of a value without any key.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::value::Envelope;

use crate::error::{Error, Result};
use crate::json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    version: u8,
    key_id: String,
    sealed_len: usize,
    layouts: Vec<Layout>,
}

/// A layout that fits, and the bytes of plaintext under it; with padding, for the bound one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    layout: String,
    plaintext_len: usize,
}

/// Describes a sealed value, as JSON.
///
/// # Errors
/// `malformed` when it is none.
#[wasm_bindgen]
pub fn inspect(base64: &str) -> std::result::Result<String, Error> {
    describe(base64)
}

fn describe(base64: &str) -> Result<String> {
    let envelope = Envelope::parse(base64)?;
    let layouts = envelope.candidates().map(|candidate| Layout {
        layout: candidate.layout.to_string(),
        plaintext_len: candidate.plaintext_len,
    });
    json::write(&Description {
        version: envelope.version().number(),
        key_id: envelope.key_id().to_string(),
        sealed_len: envelope.sealed_len(),
        layouts: layouts.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_the_vendors_page_is_described() {
        let value = "Adh/fgxV90+BoMboA+DojRSxAb7BhGpz26IrF+Nxj49QPOjc5f8swFBcpgLBKG3rRasAkf0=";
        let expected = r#"{"version":1,"keyId":"d87f7e0c","sealedLen":53,"layouts":[{"layout":"vendor-gcm","plaintextLen":20},{"layout":"vendor-sjcl-ccm","plaintextLen":24},{"layout":"vendor-gcm-16","plaintextLen":16}]}"#;
        assert_eq!(describe(value).unwrap(), expected);
        assert_eq!(describe("x").unwrap_err().code(), "malformed");
    }
}
