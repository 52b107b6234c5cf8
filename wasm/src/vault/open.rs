//! Opens values and documents.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::SecretBuffer;
use zkvault_core::SecretBytes;
use zkvault_core::value::{Envelope, OpenValueError, ValueContext, Version};

use super::Vault;
use crate::error::Error;
use crate::{document, json};

#[wasm_bindgen]
impl Vault {
    /// The plaintext of a value. Without a `site_id` there is no context, which a bound value needs.
    ///
    /// # Errors
    /// `malformed`, `no-context`, `no-key`, `decrypt`, or `not-text`.
    #[wasm_bindgen(js_name = decryptValue)]
    pub fn decrypt_value(
        &self,
        base64: &str,
        site_id: Option<u64>,
        input_type: &str,
        input_name: &str,
    ) -> Result<JsString, Error> {
        let context = site_id.map(|site_id| ValueContext {
            site_id,
            input_type,
            input_name,
        });
        let envelope = Envelope::parse(base64)?;
        let opened =
            envelope
                .open(&self.keys, context.as_ref())
                .map_err(|error| match (error, envelope.version()) {
                    (OpenValueError::Decrypt(_), Version::Vendor) => self.not_opened().unwrap_or_else(|| error.into()),
                    _ => error.into(),
                })?;
        Ok(JsString::from(opened.text.expose_secret()))
    }

    /// A document in UTF-8 with plaintext in place of every value that opens, and as JSON the inputs of those
    /// that do not: an array of the two.
    ///
    /// # Errors
    /// `malformed`.
    #[wasm_bindgen(js_name = decryptDocument)]
    pub fn decrypt_document(&self, document: Vec<u8>) -> Result<Array, Error> {
        let document = SecretBytes::from(document);
        let (output, failures) = document::decrypt(&self.keys, document.expose_secret())?;
        let (text, failures) = (to_text(&output)?, JsString::from(json::write(&failures)?));
        Ok(Array::of2(&text, &failures))
    }
}

/// The text of a document whose input was text.
pub(super) fn to_text(output: &SecretBuffer) -> Result<JsString, Error> {
    let text = str::from_utf8(output.expose_secret());
    text.map(JsString::from)
        .map_err(|_| Error::new("not-text", "the document is not UTF-8"))
}
