//! A key, made ready for a layout while many values are opened.
//!
//! A trait, because guesses and chosen layouts are prepared differently, and a module for browsers links the guesses
//! alone.

use std::fmt;
use std::sync::Arc;

use super::layout::Layout;
use super::open::LayoutKey;
use crate::error::DecryptError;
use crate::secret::SecretBytes;
use crate::vault_key::VaultKey;

/// A key that is ready to try one layout.
///
/// Both fail with one error, and wipe what they decrypted.
pub(crate) trait PreparedKey: fmt::Debug + Send + Sync {
    /// The text's bytes, and the layout that gave them.
    fn open(&self, key: &VaultKey, envelope: &[u8]) -> Result<(SecretBytes, Layout), DecryptError>;

    /// The key of a site: exactly 32 bytes.
    fn open_key(&self, key: &VaultKey, envelope: &[u8]) -> Result<VaultKey, DecryptError>;
}

/// What is tried on a value with one key, in this order. Guesses depend on no key, and all keys share them.
pub(crate) type PreparedKeys = Arc<[Box<dyn PreparedKey>]>;

/// How keys are made ready: by guesses, or for the layouts that were chosen. A function that a program never chooses is
/// not linked into it.
pub(crate) type Prepare = fn(&[Layout], &VaultKey) -> PreparedKeys;

/// For layouts that were found or given: each is taken as it is.
pub(crate) fn prepare_chosen(layouts: &[Layout], key: &VaultKey) -> PreparedKeys {
    let ready = |layout| Box::new(LayoutKey::new(layout, key)) as Box<dyn PreparedKey>;
    layouts.iter().map(ready).collect()
}

impl PreparedKey for LayoutKey {
    fn open(&self, _key: &VaultKey, envelope: &[u8]) -> Result<(SecretBytes, Layout), DecryptError> {
        Ok((self.open_encoded(envelope)?, self.layout().clone()))
    }

    fn open_key(&self, _key: &VaultKey, envelope: &[u8]) -> Result<VaultKey, DecryptError> {
        self.open_site_key(envelope)
    }
}
