//! The keys that name and open what is in a repository.

use std::sync::Arc;

use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::{KeyState, Keyring};
use zkvault_core::repository::{RepositoryPath, blob_name};

use super::RepositoryError;

/// The available keys, the one that seals first.
#[derive(Debug, Clone)]
pub struct RepositoryKeys {
    keys: Vec<Arc<VaultKey>>,
}

impl RepositoryKeys {
    /// These keys: the first one seals, all of them open.
    #[must_use]
    pub const fn new(keys: Vec<Arc<VaultKey>>) -> Self {
        Self { keys }
    }

    /// Those of a keyring: its default key seals, every one opens.
    ///
    /// # Errors
    ///
    /// [`RepositoryError`] when the default key is retired.
    pub fn from_keyring(keyring: &Keyring) -> Result<Self, RepositoryError> {
        let default = keyring.keys().find(keyring.keys().default_label())?;
        if default.state() == KeyState::Retired {
            let label = default.label().to_owned();
            return Err(RepositoryError::Retired { label });
        }
        Ok(Self::opening(default.key(), keyring))
    }

    /// A key of a keyring, and after it all others.
    #[must_use]
    pub fn opening(first: &Arc<VaultKey>, keyring: &Keyring) -> Self {
        let others = keyring.keys().iter().map(|entry| Arc::clone(entry.key()));
        let others = others.filter(|key| key.id() != first.id());
        Self {
            keys: std::iter::once(Arc::clone(first)).chain(others).collect(),
        }
    }

    /// The key that seals.
    #[must_use]
    pub fn sealing(&self) -> Option<&Arc<VaultKey>> {
        self.keys.first()
    }

    /// All of them.
    #[must_use]
    pub fn set(&self) -> KeySet {
        let mut set = KeySet::new();
        self.keys.iter().for_each(|key| set.add(Arc::clone(key), None));
        set
    }

    /// The blobs that a file may be in: one for every key.
    pub fn blob_names(&self, path: &RepositoryPath) -> impl Iterator<Item = String> {
        self.keys.iter().map(move |key| blob_name(key, path))
    }
}
