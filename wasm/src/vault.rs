//! The available keys, and what can be done with them.

#[cfg(feature = "vault")]
mod activation;
#[cfg(feature = "vault")]
mod keyring;
mod keys;
mod layouts;
mod open;
#[cfg(feature = "vault")]
mod records;
mod seal;

use std::sync::Arc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zkvault_core::key::{KeySet, KeyTextError, MAX_KEY_FILE_LEN, VaultKey};
#[cfg(feature = "vault")]
use zkvault_core::keyring::Keyring;
use zkvault_core::value::SealedGroupKey;

use crate::error::{Error, Result};
use layouts::Layouts;

pub use seal::Sealer;

/// The available keys. Freeing it wipes them.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Vault {
    source: Source,
    /// All keys, in the order in which they are tried.
    keys: KeySet,
    /// In which layouts vendor values are.
    layouts: Layouts,
    /// The account's groups; none where nobody said which there are.
    groups: Option<Vec<SealedGroupKey>>,
}

/// Where the keys come from.
#[derive(Debug)]
enum Source {
    /// From the caller, key by key.
    Loose(Vec<Arc<VaultKey>>),
    /// From a keyring, which is unlocked and can be written again.
    #[cfg(feature = "vault")]
    Keyring(Box<Keyring>),
}

#[wasm_bindgen]
impl Vault {
    /// A vault of these keys, each as in a key file. The first one seals.
    ///
    /// # Errors
    /// `not-a-key`, or `not-text`.
    #[wasm_bindgen(js_name = fromKeys)]
    pub fn from_keys(keys: Vec<Uint8Array>) -> std::result::Result<Self, Error> {
        let keys: Result<_> = keys.iter().map(take_key).collect();
        Ok(Self::new(Source::Loose(keys?)))
    }

    /// Says which groups the account has, as an array in JSON: the keys of sites may be sealed under theirs.
    #[wasm_bindgen(js_name = setGroups)]
    pub fn set_groups(&mut self, groups: &[u8]) {
        self.groups = Some(SealedGroupKey::list(groups));
        self.refresh();
    }
}

impl Vault {
    fn new(source: Source) -> Self {
        let mut vault = Self {
            source,
            keys: KeySet::new(),
            layouts: Layouts::default(),
            groups: None,
        };
        vault.refresh();
        vault
    }

    /// After the keys of the source changed.
    fn refresh(&mut self) {
        self.keys = match &self.source {
            #[cfg(feature = "vault")]
            Source::Keyring(keyring) => keyring.keys().key_set(),
            Source::Loose(keys) => {
                let mut set = KeySet::new();
                keys.iter().for_each(|key| set.add(Arc::clone(key), None));
                set
            }
        };
        self.use_layouts();
        if let Some(groups) = &self.groups {
            self.keys.open_groups(groups);
        }
    }

    #[cfg(feature = "vault")]
    pub(crate) fn key_set(&self) -> &KeySet {
        &self.keys
    }
}

/// The length is looked at first: what is no key is not copied.
fn take_key(bytes: &Uint8Array) -> Result<Arc<VaultKey>> {
    if bytes.length() as usize > MAX_KEY_FILE_LEN {
        return Err(KeyTextError::TooLong.into());
    }
    let file = Zeroizing::new(bytes.to_vec());
    Ok(Arc::new(VaultKey::from_file(&file)?))
}

fn no_keyring() -> Error {
    Error::new("no-keyring", "this vault was made of keys alone: it has no keyring")
}
