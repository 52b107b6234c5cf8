//! Opens values and documents.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_core::model::SealedValue;
use zkvault_core::value::{Envelope, OpenValueError, OpenedValue, SiteKey, ValueContext, Version};
use zkvault_core::vendor::Trust;
use zkvault_core::{SecretBuffer, SecretBytes};

use super::Vault;
use crate::error::Error;
use crate::{document, json};

#[wasm_bindgen]
impl Vault {
    /// The plaintext of a value, the name of its layout, whether something authenticates it, and whether it may be handed
    /// on: an array of the four. Without a `site_id` there is no context, which a bound value needs. `site_key` is the
    /// site's own sealed key, if it has one.
    ///
    /// # Errors
    /// `malformed`, `no-context`, `no-key`, `decrypt`, `layout`, or `not-text`.
    #[wasm_bindgen(js_name = openValue)]
    pub fn open_value(
        &self,
        base64: &str,
        site_id: Option<u64>,
        input_type: &str,
        input_name: &str,
        site_key: Option<String>,
    ) -> Result<Array, Error> {
        let context = site_id.map(|site_id| ValueContext {
            site_id,
            input_type,
            input_name,
        });
        let envelope = Envelope::parse(base64)?;
        let site_key = site_key.and_then(|sealed| SealedValue::new(sealed).ok());
        let site_key = SiteKey::open(site_key.as_ref(), &self.keys);
        let opened = envelope.open_in(&self.keys, site_key.as_ref(), context.as_ref());
        let OpenedValue { text, layout, .. } = opened.map_err(|error| match (error, envelope.version()) {
            (OpenValueError::Decrypt(_), Version::Vendor) => self.not_opened().unwrap_or_else(|| error.into()),
            _ => error.into(),
        })?;
        Ok(Array::of4(
            &JsString::from(text.expose_secret()),
            &JsString::from(layout.name()),
            &JsValue::from_bool(layout.trust() == Trust::Authenticated),
            &JsValue::from_bool(self.is_value_usable(&layout)),
        ))
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
