//! The keys themselves: what is shown of them, and how they come in.

#[cfg(feature = "vault")]
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::key::VaultKey;
#[cfg(feature = "vault")]
use zkvault_core::keyring::{KeyEntry, KeyOrigin, Keyring, NewKey};

#[cfg(feature = "vault")]
use super::take_key;
use super::{Source, Vault};
use crate::error::Error;
use crate::json;

/// What is shown of a key: everything but the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyRow<'a> {
    id: String,
    vendor_id: Option<String>,
    label: Option<&'a str>,
    origin: Option<&'static str>,
    state: &'static str,
    default: bool,
    created: Option<u64>,
}

impl<'a> KeyRow<'a> {
    #[cfg(feature = "vault")]
    pub(super) fn new(entry: &'a KeyEntry, keyring: &Keyring) -> Self {
        Self {
            id: entry.id().to_string(),
            vendor_id: entry.vendor_id().map(|id| id.to_string()),
            label: Some(entry.label()),
            origin: Some(entry.origin().name()),
            state: entry.state().name(),
            default: entry.label() == keyring.keys().default_label(),
            created: Some(entry.created()),
        }
    }

    fn loose(place: usize, key: &VaultKey) -> Self {
        Self {
            id: key.id().to_string(),
            vendor_id: None,
            label: None,
            origin: None,
            state: "active",
            default: place == 0,
            created: None,
        }
    }
}

#[wasm_bindgen]
impl Vault {
    /// All keys, as JSON.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(js_name = keys)]
    pub fn list(&self) -> Result<String, Error> {
        let rows: Vec<_> = match &self.source {
            #[cfg(feature = "vault")]
            Source::Keyring(keyring) => {
                let entries = keyring.keys().iter();
                entries.map(|entry| KeyRow::new(entry, keyring)).collect()
            }
            Source::Loose(keys) => {
                let places = keys.iter().enumerate();
                places.map(|(place, key)| KeyRow::loose(place, key)).collect()
            }
        };
        json::write(&rows)
    }
}

#[cfg(feature = "vault")]
#[wasm_bindgen]
impl Vault {
    /// Adds a key, as it is in a key file, to the keyring and returns its row as JSON. Without a label it gets one made from
    /// its id. `now` is in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// `not-a-key`, `not-text`, `key-id`, `label`, `label-taken`, `key-present`, `key-retired`, `keyring-full`, or
    /// `no-keyring`.
    #[wasm_bindgen(js_name = importKey)]
    pub fn import_key(
        &mut self,
        key: &Uint8Array,
        label: Option<String>,
        vendor_id: Option<String>,
        default: bool,
        now: u64,
    ) -> Result<String, Error> {
        let key = take_key(key)?;
        let label = label.unwrap_or_else(|| KeyOrigin::Imported.label_for(&key));
        let details = NewKey {
            label: &label,
            origin: KeyOrigin::Imported,
            created: now,
            vendor_id: vendor_id.map(|id| id.parse()).transpose()?,
            replaces: None,
        };
        let keyring = self.keyring_mut()?;
        keyring.keys_mut().add(key, details)?;
        if default {
            keyring.keys_mut().set_default(&label)?;
        }
        let row = json::write(&KeyRow::new(keyring.keys().find(&label)?, keyring))?;
        self.refresh();
        Ok(row)
    }
}
