//! Seals values and documents.

use std::fmt;
use std::sync::Arc;

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::SecretBytes;
use zkvault_core::document::{SealAs, SealInputError};
use zkvault_core::key::{KeyId, VaultKey};
#[cfg(feature = "vault")]
use zkvault_core::keyring::{KeyEntry, KeyState, Keyring};
use zkvault_core::value::{Envelope, ValueContext, seal_bound, seal_vendor};

use super::open::to_text;
use super::{Source, Vault};
use crate::document;
use crate::error::{Error, Result};
use crate::secret::secret_text;

/// The key that seals, and the layout. Short-lived: it holds a key, so it is freed before the vault is locked.
#[wasm_bindgen]
pub struct Sealer {
    key: Arc<VaultKey>,
    layout: Layout,
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Bound,
    /// Under the vendor's number of the key.
    Vendor(KeyId),
}

#[wasm_bindgen]
impl Vault {
    /// Chooses the key by its label or id, else the default one, and the layout: `vendor` is under the number
    /// `vendor_id`, else the one that the key was imported with, else the key's own.
    ///
    /// # Errors
    /// `no-key`, `no-such-key`, `ambiguous-key`, `retired`, `no-keyring`, `key-id`, or `layout` for the vendor's where
    /// layouts were chosen.
    pub fn sealer(
        &self,
        vendor: bool,
        key: Option<String>,
        vendor_id: Option<String>,
    ) -> std::result::Result<Sealer, Error> {
        let (key, known_id) = self.sealing_key(key.as_deref())?;
        let given_id: Option<KeyId> = vendor_id.map(|id| id.parse()).transpose()?;
        if vendor {
            self.require_no_layouts()?;
        }
        let layout = match vendor {
            true => Layout::Vendor(given_id.or(known_id).unwrap_or_else(|| key.id())),
            false => Layout::Bound,
        };
        Ok(Sealer { key, layout })
    }
}

impl Vault {
    /// The key that seals when none is named.
    #[cfg(feature = "vault")]
    pub(crate) fn default_key(&self) -> Result<Arc<VaultKey>> {
        self.sealing_key(None).map(|(key, _)| key)
    }

    pub(crate) fn sealing_key(&self, name: Option<&str>) -> Result<(Arc<VaultKey>, Option<KeyId>)> {
        match (&self.source, name) {
            #[cfg(feature = "vault")]
            (Source::Keyring(keyring), name) => from_keyring(keyring, name),
            (Source::Loose(_), Some(_)) => Err(super::no_keyring()),
            (Source::Loose(keys), None) => {
                let first = keys
                    .first()
                    .ok_or_else(|| Error::new("no-key", "no key is available"))?;
                Ok((Arc::clone(first), None))
            }
        }
    }
}

#[cfg(feature = "vault")]
fn from_keyring(keyring: &Keyring, name: Option<&str>) -> Result<(Arc<VaultKey>, Option<KeyId>)> {
    let keys = keyring.keys();
    let entry: &KeyEntry = keys.find(name.unwrap_or_else(|| keys.default_label()))?;
    if entry.state() == KeyState::Retired {
        return Err(Error::new(
            "retired",
            "the key is retired: it opens what it sealed, and seals nothing more",
        ));
    }
    Ok((Arc::clone(entry.key()), entry.vendor_id()))
}

#[wasm_bindgen]
impl Sealer {
    /// Seals one plaintext in UTF-8 for one input. Without a `site_id` there is nothing to bind it to.
    ///
    /// # Errors
    /// `not-text`, `already-sealed`, `no-context`, `too-long`, or `random`.
    pub fn value(
        &self,
        plaintext: Vec<u8>,
        site_id: Option<u64>,
        input_type: &str,
        input_name: &str,
    ) -> std::result::Result<String, Error> {
        let plaintext = secret_text(plaintext)?;
        let plaintext = plaintext.expose_secret();
        if Envelope::parse(plaintext).is_ok() {
            return Err(SealInputError::AlreadySealed.into());
        }
        let context = site_id.map(|site_id| ValueContext {
            site_id,
            input_type,
            input_name,
        });
        match (self.layout, context) {
            (Layout::Bound, Some(context)) => Ok(seal_bound(&self.key, &context, plaintext)?),
            (Layout::Bound, None) => Err(SealInputError::NoContext.into()),
            (Layout::Vendor(id), _) => Ok(seal_vendor(&self.key, id, plaintext)?),
        }
    }

    /// Seals every value of a document in UTF-8.
    ///
    /// # Errors
    /// `malformed`, `already-sealed`, `no-context`, `too-long`, or `random`; then nothing is sealed.
    pub fn document(&self, document: Vec<u8>) -> std::result::Result<JsString, Error> {
        let document = SecretBytes::from(document);
        let seal = match self.layout {
            Layout::Bound => SealAs::Bound(&self.key),
            Layout::Vendor(id) => SealAs::Vendor(&self.key, id),
        };
        to_text(&document::encrypt(seal, document.expose_secret())?)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, layout } = self;
        f.debug_struct("Sealer")
            .field("key", &key.id())
            .field("layout", layout)
            .finish()
    }
}
