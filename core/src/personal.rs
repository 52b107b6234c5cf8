//! Personal keys, and the keys that are derived from them for one purpose each (docs/spec/keyring.md#personal-keys).
//!
//! ```text
//! sub(label, fields…) = HMAC-SHA-256(personal key, context(label, fields…))
//! ```
//!
//! What belongs to one person alone is under these keys, because colleagues have the same vault keys: the local
//! store, pins, records of a device, and backups (threat model, Z46). A personal key seals nothing itself. Each
//! purpose has a label of its own, and most have an account or an identifier as well, so that keys of two purposes
//! say nothing about each other.
//!
//! HMAC-SHA-256 is the derivation: the personal key is uniformly random, so that no extract step is needed, and one
//! block is as long as a key. The identifier or fingerprint of a personal key is never written anywhere.
//!
//! ```
//! use zkvault_core::account::AccountName;
//! use zkvault_core::backup::ChainKey;
//! use zkvault_core::personal::PersonalKey;
//!
//! let mine = PersonalKey::from_slice(&[1; 32])?;
//! let tag = |account: &str| AccountName::parse(account).map(|account| ChainKey::derive(&mine, &account).tag());
//! // Two accounts of one person have nothing in common that a storage could see.
//! assert_ne!(tag("acme.logmeonce.com")?, tag("example.com")?);
//! assert_eq!(format!("{mine:?}"), "PersonalKey([REDACTED])");
//! assert!(PersonalKey::from_slice(&[1; 16]).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use hmac::digest::FixedOutput as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::account::AccountName;
use crate::cobblestone::InputKey;
use crate::context::{Context, Label};
use crate::error::{KeyLengthError, RandomError};
use crate::secret::SecretArray;

/// Bytes of a personal key, and of every key that is derived from one.
pub const PERSONAL_KEY_LEN: usize = 32;
/// Bytes that HMAC-SHA-256 pads a key to.
const HMAC_BLOCK_LEN: usize = 64;

/// A key that only its person has: 32 random bytes, never sealed for anybody else. Compared in constant time.
///
/// Wiped when it is dropped, with what computing left on the stack. The first of a keyring is in use; the former ones
/// only open what they made.
#[derive(Debug, PartialEq, Eq)]
pub struct PersonalKey(SecretArray<PERSONAL_KEY_LEN>);

impl PersonalKey {
    pub(crate) fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self)
    }

    /// A key from its 32 bytes, which the caller wipes.
    ///
    /// # Errors
    /// [`KeyLengthError`] when there are more or fewer.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        SecretArray::from_slice(bytes).map(Self)
    }

    /// The 32 bytes. Anyone who has them can make what this person alone is believed to make.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; PERSONAL_KEY_LEN] {
        self.0.expose()
    }

    /// `sub("zkvault.personal.local.v1", account)`, the key of what is kept on a device: for an account, or for none of them,
    /// whose name is empty.
    pub(crate) fn local_key(&self, account: Option<&AccountName>) -> InputKey {
        let account = account.map(AccountName::as_str).unwrap_or_default();
        self.subkey(&Context::new(Label::PersonalLocalV1).text(account))
            .input_key()
    }

    /// The key for one purpose.
    pub(crate) fn subkey(&self, purpose: &Context) -> SubKey {
        SubKey(hmac(self.0.expose(), purpose))
    }
}

/// A key that was derived from a personal key for one purpose.
///
/// Its type says that it was derived: a personal key itself has no `input_key`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SubKey(SecretArray<PERSONAL_KEY_LEN>);

impl SubKey {
    /// To seal and open with.
    pub(crate) fn input_key(&self) -> InputKey {
        InputKey::new(self.0.expose())
    }

    /// To make names with.
    pub(crate) fn name_key(&self) -> NameKey {
        NameKey(Box::new(keyed(self.0.expose())))
    }
}

/// A key that makes names, with its HMAC pads absorbed: there may be tens of thousands of names.
///
/// Cloned for each name, which costs less than to absorb the key again.
pub(crate) struct NameKey(Box<Hmac<Sha256>>);

impl NameKey {
    /// `HMAC-SHA-256(names, context)`: a pseudorandom text, which is no secret.
    pub(crate) fn name(&self, what: &Context) -> [u8; PERSONAL_KEY_LEN] {
        let mac = (*self.0).clone().chain_update(what.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// `HMAC-SHA-256(key, context)`.
fn hmac(key: &[u8; PERSONAL_KEY_LEN], context: &Context) -> SecretArray<PERSONAL_KEY_LEN> {
    let mut derived = SecretArray::zeroed();
    let mac = keyed(key).chain_update(context.as_bytes());
    mac.finalize_into(derived.expose_mut().into());
    derived
}

fn keyed(key: &[u8; PERSONAL_KEY_LEN]) -> Hmac<Sha256> {
    // HMAC pads a short key with zeros to a block; doing it here needs no fallible constructor.
    let mut block = Zeroizing::new([0; HMAC_BLOCK_LEN]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_key_is_not_shown() {
        insta::assert_snapshot!(format!("{:?}", PersonalKey::generate().unwrap()), @"PersonalKey([REDACTED])");
        let purpose = Context::new(Label::PersonalStoreV1);
        let subkey = PersonalKey::generate().unwrap().subkey(&purpose);
        insta::assert_snapshot!(format!("{subkey:?}"), @"SubKey([REDACTED])");
    }

    /// Computed with Python: hmac.new(b"\x01" * 32, b"zkvault.personal.store.v1\0" + (16).to_bytes(4) + b"\x05" * 16, "sha256")
    #[test]
    fn a_subkey_is_the_specified_one() {
        let key = PersonalKey::from_slice(&[1; 32]).unwrap();
        let subkey = key.subkey(&Context::new(Label::PersonalStoreV1).bytes(&[5; 16]));
        let hex: String = subkey.0.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, SUBKEY);
    }

    const SUBKEY: &str = "7f1ca33897cefb889529a472ab90cd7a9b573f5fc20f934f071f8bb7fa1c938f";

    #[test]
    fn a_personal_key_has_32_bytes() {
        for length in [0, 31, 33] {
            assert!(PersonalKey::from_slice(&vec![1; length]).is_err(), "{length}");
        }
    }
}
