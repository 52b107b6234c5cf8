//! The keys of a store.

use std::sync::Arc;

use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::keyring::{FindKeyError, KeyState, Keyring};

/// The keys that open a store, and which of them open it from the next sync on.
#[derive(Debug, Clone)]
pub struct StoreKeys {
    /// All that may open it, and the values in it.
    pub opening: KeySet,
    /// Those that open it from the next sync on.
    pub sealing: Vec<Arc<VaultKey>>,
    /// Those that open it no more then.
    pub retired: Vec<KeyId>,
}

impl StoreKeys {
    /// These keys alone, as from key files.
    #[must_use]
    pub fn of_keys(keys: Vec<Arc<VaultKey>>) -> Self {
        let mut opening = KeySet::new();
        keys.iter().for_each(|key| opening.add(Arc::clone(key), None));
        Self {
            opening,
            sealing: keys,
            retired: Vec::new(),
        }
    }

    /// Those of a keyring. Only its default key opens the store from the next sync on, because others may be shared
    /// with people whom the store is not for.
    ///
    /// # Errors
    ///
    /// [`FindKeyError`] when the keyring has no default key.
    pub fn of_keyring(keyring: &Keyring) -> Result<Self, FindKeyError> {
        let keys = keyring.keys();
        let retired = keys.iter().filter(|entry| entry.state() == KeyState::Retired);
        Ok(Self {
            opening: keys.key_set(),
            sealing: vec![Arc::clone(keys.find(keys.default_label())?.key())],
            retired: retired.map(|entry| entry.key().id()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::SecretText;
    use zkvault_core::kdf::KdfParams;
    use zkvault_core::keyring::{KeyOrigin, NewKey};

    use super::*;

    #[test]
    fn only_the_default_key_of_a_keyring_opens_the_store_from_now_on_and_retired_ones_no_more() {
        let params = KdfParams::new(19_456, 2, 1).unwrap();
        let mut keyring = Keyring::create(&SecretText::from("x".to_owned()), params, 0).unwrap();
        let first = Arc::clone(keyring.keys().iter().next().unwrap().key());
        let shared = Arc::new(VaultKey::generate().unwrap());
        let details = NewKey {
            label: "shared",
            origin: KeyOrigin::Imported,
            created: 0,
            vendor_id: None,
            replaces: None,
        };
        keyring.keys_mut().add(shared, details).unwrap();
        let ids = |keys: &[Arc<VaultKey>]| keys.iter().map(|key| key.id()).collect::<Vec<_>>();
        let keys = StoreKeys::of_keyring(&keyring).unwrap();
        assert_eq!((ids(&keys.sealing), keys.retired.len()), (vec![first.id()], 0));
        keyring.keys_mut().rotate("vault", "vault-2", 1).unwrap();
        let keys = StoreKeys::of_keyring(&keyring).unwrap();
        assert_ne!(ids(&keys.sealing), [first.id()]);
        assert_eq!(keys.retired, [first.id()]);
    }
}
