//! Vault keys, their identifiers, and the set of keys that are available when values are opened.
//!
//! ```
//! use zkvault_core::key::VaultKey;
//!
//! // 32 bytes, 64 hexadecimal digits or base64: what a key file may contain.
//! let key = VaultKey::from_file("07".repeat(32).as_bytes())?;
//! assert_eq!(key.expose_secret(), &[7; 32]);
//! assert_eq!(key.id(), VaultKey::from_slice(&[7; 32])?.id());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A vault key is 32 random bytes that a person or a team has. It seals values and entries, wraps file keys, and
//! names blobs. Three things name it where the key itself must not appear:
//!
//! | | bytes | shown as | proves |
//! |---|---|---|---|
//! | [`KeyId`] | 4 | 8 hexadecimal digits | nothing: it says which keys to try |
//! | [`KeyFingerprint`] | 16 | 32 digits, or base64 in files | which key it is |
//! | a label | | text, in a keyring | what a person calls it |
//!
//! A [`KeySet`] is the keys that are available when something is opened, with the order in which they are tried and
//! what is known of each: whether it is retired, which key it replaces, and the vendor's number of it. A
//! [`keyring`](crate::keyring) makes one with [`Keys::key_set`](crate::keyring::Keys::key_set); key files need no
//! keyring.

mod group;
mod set;
mod text;

pub use crate::vault_key::{FINGERPRINT_LEN, KEY_LEN, KeyFingerprint, KeyId, KeyIdError, VaultKey};
pub(crate) use group::{GroupId, GroupKey};
pub use set::{KeyMember, KeySet};
pub use text::{KeyTextError, MAX_KEY_FILE_LEN};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    #[test]
    fn a_set_counts_its_keys_and_finds_them_by_their_own_id() {
        let mut keys = KeySet::new();
        assert!(keys.is_empty());
        (1..=3).for_each(|byte| keys.add(key(byte), None));
        assert_eq!((keys.len(), keys.is_empty()), (3, false));
        assert_eq!(keys.with_id(key(2).id()).collect::<Vec<_>>(), [&key(2)]);
    }

    #[test]
    fn a_key_imported_under_the_vendors_number_is_tried_first() {
        let id = KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c]);
        let mut keys = KeySet::new();
        keys.add(key(1), None);
        keys.add(key(2), Some(id));
        keys.add(key(3), Some(KeyId::from_bytes([0; 4])));
        let order: Vec<_> = keys.prepared_for(id).map(|(key, _)| key.expose_secret()[0]).collect();
        assert_eq!(order, [2, 1, 3]);
    }
}
