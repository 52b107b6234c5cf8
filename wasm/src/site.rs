//! The fields of a site, for JavaScript.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::SecretBytes;
use zkvault_core::model::SealedValue;
use zkvault_core::site::fields;

use crate::error::Error;
use crate::json;
use crate::trust::read_site;

/// An input of a site.
#[derive(Serialize)]
struct Row<'a> {
    kind: &'static str,
    label: String,
    names: Vec<String>,
    #[serde(rename = "type")]
    input_type: &'a str,
    name: &'a str,
    value: Option<&'a SealedValue>,
}

/// The inputs of a site in JSON, as JSON.
///
/// # Errors
/// `malformed`.
#[wasm_bindgen(js_name = siteFields)]
pub fn site_fields(site: Vec<u8>) -> Result<String, Error> {
    let site = read_site(SecretBytes::from(site).expose_secret())?;
    let rows = fields(&site).map(|field| Row {
        kind: field.kind().name(),
        label: field.label(),
        names: field.names(),
        input_type: field.input.input_type.as_deref().unwrap_or_default(),
        name: field.input.name.as_deref().unwrap_or_default(),
        value: field.input.value.as_ref(),
    });
    json::write(&rows.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_kinds_and_names_of_core() {
        let site = br#"{"id":7,"login":{"inputs":[{"name":"[\"a\",\"b\"]","type":"Number","value":"AQ=="},{"type":"password"}]}}"#;
        let expected = r#"[{"kind":"text","label":"a","names":["a","b"],"type":"Number","name":"[\"a\",\"b\"]","value":"AQ=="},{"kind":"password","label":"password","names":[],"type":"password","name":"","value":null}]"#;
        assert_eq!(site_fields(site.to_vec()).unwrap(), expected);
        assert_eq!(site_fields(b"{}".to_vec()).unwrap_err().code(), "malformed");
    }
}
