//! The keys of a store, of one kind only: a person's own, or those of key files (docs/spec/store.md#keys).
//!
//! A store of a keyring is under the personal key, which nobody shares: with a vault key a colleague who gets hold of
//! the file would read which accounts its owner has (threat model, Z46). A store of key files is for machines that have
//! no keyring. It has a wrap for each key file, and becomes personal at the first sync with a keyring that has one of
//! these keys.

use std::sync::Arc;

use zkvault_core::DecryptError;
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::Keyring;
use zkvault_core::personal::PersonalKey;
use zkvault_core::store::{StoreId, StoreKey, WrappedStoreKey};

use crate::vendor;

/// The keys that open a store and the values in it.
#[derive(Debug, Clone)]
pub struct StoreKeys {
    /// All that may open the values.
    pub opening: KeySet,
    /// What opens the store itself, which may be less than what opens its values.
    kind: Kind,
}

/// What the store's own key is wrapped under.
#[derive(Debug, Clone)]
enum Kind {
    /// The newest first: that one opens it from the next sync on.
    Personal(Vec<Arc<PersonalKey>>),
    /// Every one of them.
    Files(Vec<Arc<VaultKey>>),
}

/// A store's key, and what the store has to change before it is as its keys want it.
#[derive(Debug)]
pub(super) struct Unwrapped {
    pub(super) key: StoreKey,
    /// It is under a key that shall open it no more: its records are to be sealed under a new one.
    pub(super) is_outdated: bool,
}

impl StoreKeys {
    /// These keys alone, as from key files.
    #[must_use]
    pub fn of_keys(keys: Vec<Arc<VaultKey>>) -> Self {
        let mut opening = KeySet::new();
        keys.iter().for_each(|key| opening.add(Arc::clone(key), None));
        Self {
            opening,
            kind: Kind::Files(keys),
        }
    }

    /// Those of a keyring. Its personal key opens the store, because vault keys may be shared with people whom the store
    /// is not for.
    #[must_use]
    pub fn of_keyring(keyring: &Keyring) -> Self {
        Self {
            opening: vendor::opening_keys(keyring),
            kind: Kind::Personal(keyring.personal_keys().iter().map(Arc::clone).collect()),
        }
    }

    /// The keys of key files; none of a keyring's.
    ///
    /// A backup opens values with them as well, beside the keys of its keyring.
    #[must_use]
    pub fn of_files(&self) -> &[Arc<VaultKey>] {
        match &self.kind {
            Kind::Personal(_) => &[],
            Kind::Files(keys) => keys,
        }
    }

    /// The key of the store, from its wraps of the same kind.
    pub(super) fn unwrap(&self, id: StoreId, wrapped: &[WrappedStoreKey]) -> Result<Unwrapped, DecryptError> {
        match &self.kind {
            Kind::Personal(keys) => unwrap_for_person(id, wrapped, keys),
            Kind::Files(_) => StoreKey::unwrap(id, wrapped, &self.opening).map(Unwrapped::as_wanted),
        }
    }

    /// As [`Self::unwrap`], and of a store that is under vault keys with those of a keyring as well: it becomes
    /// personal. Only a writer does this, since it seals everything under a new key in the same transaction; a reader
    /// with a keyring refuses a store of key files, because people share vault keys.
    pub(super) fn unwrap_to_change(&self, id: StoreId, wrapped: &[WrappedStoreKey]) -> Result<Unwrapped, DecryptError> {
        self.unwrap(id, wrapped).or_else(|_| {
            let key = StoreKey::unwrap(id, wrapped, &self.opening)?;
            Ok(Unwrapped { key, is_outdated: true })
        })
    }

    /// The wraps that a store is to have.
    ///
    /// Of several personal keys the first one is in use and the others are former: they open, and wrap nothing any
    /// more.
    pub(super) fn wrap(&self, key: &StoreKey) -> Result<Vec<WrappedStoreKey>, zkvault_core::SealError> {
        match &self.kind {
            Kind::Personal(keys) => keys
                .iter()
                .take(1)
                .map(|personal| key.wrap_for_person(personal))
                .collect(),
            Kind::Files(keys) => keys.iter().map(|vault_key| key.wrap(vault_key)).collect(),
        }
    }
}

impl Unwrapped {
    fn as_wanted(key: StoreKey) -> Self {
        Self {
            key,
            is_outdated: false,
        }
    }
}

/// Tries every personal key on every wrap: the wrap of a person names no key, so that two files of one person cannot be
/// told to belong together.
fn unwrap_for_person(
    id: StoreId,
    wrapped: &[WrappedStoreKey],
    keys: &[Arc<PersonalKey>],
) -> Result<Unwrapped, DecryptError> {
    for (position, key) in keys.iter().enumerate() {
        for wrapped in wrapped {
            if let Ok(key) = StoreKey::unwrap_for_person(id, wrapped, key) {
                return Ok(Unwrapped {
                    key,
                    is_outdated: position > 0,
                });
            }
        }
    }
    Err(DecryptError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cheap::keyring;

    #[test]
    fn z46_a_store_of_a_keyring_opens_with_the_personal_key_and_with_no_vault_key() {
        let keyring = keyring();
        let keys = StoreKeys::of_keyring(&keyring);
        let store_key = StoreKey::generate().unwrap();
        let (id, wrapped) = (store_key.store_id(), keys.wrap(&store_key).unwrap());
        assert_eq!(wrapped.len(), 1);
        assert!(!keys.unwrap(id, &wrapped).unwrap().is_outdated);
        let shared = keyring.keys().iter().map(|entry| Arc::clone(entry.key())).collect();
        let colleague = StoreKeys::of_keys(shared);
        assert!(colleague.unwrap(id, &wrapped).is_err());
        assert!(colleague.unwrap_to_change(id, &wrapped).is_err());
    }

    #[test]
    fn a_store_under_a_former_personal_key_is_outdated_and_one_of_key_files_becomes_personal() {
        let mut keyring = keyring();
        let store_key = StoreKey::generate().unwrap();
        let id = store_key.store_id();
        let former = StoreKeys::of_keyring(&keyring).wrap(&store_key).unwrap();
        keyring.renew_personal_key().unwrap();
        let keys = StoreKeys::of_keyring(&keyring);
        assert!(keys.unwrap(id, &former).unwrap().is_outdated);
        let shared = keyring.keys().iter().map(|entry| Arc::clone(entry.key())).collect();
        let of_files = StoreKeys::of_keys(shared).wrap(&store_key).unwrap();
        assert!(keys.unwrap(id, &of_files).is_err(), "it is not read as it is");
        assert!(keys.unwrap_to_change(id, &of_files).unwrap().is_outdated);
    }
}
