//! One vault key: its bytes, its schedules, and what names it.
//!
//! Apart from [`crate::key`], which has the sets and the reading of files: what other modules need of a key depends
//! neither on layouts nor on text.

mod fingerprint;

use std::fmt;

use aes_gcm::aead::consts::U4;
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::{Digest, Sha256};

use crate::cobblestone::InputKey;
use crate::error::{KeyLengthError, RandomError};
use crate::secret::SecretArray;
use crate::stack::wipe_stack;

pub use fingerprint::{FINGERPRINT_LEN, KeyFingerprint};

/// Bytes of a vault key.
pub const KEY_LEN: usize = 32;
const KEY_ID_PREFIX: &[u8] = b"zkvault.key-id.v1\0";

/// Names a vault key without telling anything useful about it: 4 bytes, shown as 8 hexadecimal digits.
///
/// zkvault's own identifiers are the first 4 bytes of `SHA-256("zkvault.key-id.v1" || 0x00 || key)`. In the
/// vendor's layout the 4 bytes are the vendor's own and mean nothing that we can check. Several keys may share
/// an identifier; it only says which keys to try.
///
/// 32 bits: among a thousand keys two share one once in about 8,600 keyrings. So readers try every key that has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// An identifier from its 4 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The 4 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }

    fn of(key: &[u8; KEY_LEN]) -> Self {
        let digest = Sha256::new().chain_update(KEY_ID_PREFIX).chain_update(key).finalize();
        let (id, _rest) = digest.split_ref::<U4>();
        Self((*id).into())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Reads the 8 hexadecimal digits that `Display` writes.
///
/// In either case: a person may have typed it.
impl std::str::FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u32::from_str_radix(text, 16) {
            Ok(id) if digits => Ok(Self(id.to_be_bytes())),
            _ => Err(KeyIdError),
        }
    }
}

/// A key identifier is not 8 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 8 hexadecimal digits")]
pub struct KeyIdError;

/// A 32-byte vault key: seals and opens values, and wraps file keys.
///
/// Holds the key schedule and the HMAC pads as well, so that a value costs only its own bytes. Share it by
/// `Arc`: there is no `Clone`.
///
/// Wiped when it is dropped, with what computing with it left on the stack; compared in constant time; `Debug` shows
/// the id alone. 32 bytes only, so that a length can never select a weaker cipher (threat model, Z08).
///
/// ```
/// use zkvault_core::key::{KeyId, VaultKey};
///
/// let key = VaultKey::from_slice(&[1; 32])?;
/// assert_eq!(key.id(), "878694ff".parse::<KeyId>()?);
/// assert_eq!(key.fingerprint().to_string(), "46b7767005b2e689c578d53d0be0a186");
/// assert_eq!(format!("{key:?}"), "VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }");
/// assert!(VaultKey::from_slice(&[1; 16]).is_err(), "no AES-128 by accident");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VaultKey {
    id: KeyId,
    fingerprint: KeyFingerprint,
    secret: SecretArray<KEY_LEN>,
    /// Its first round keys are the key itself: they stay where they are when this is moved.
    gcm: Box<Aes256Gcm>,
    input_key: InputKey,
}

impl VaultKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self::from_secret)
    }

    /// A key from its 32 bytes, which the caller wipes.
    ///
    /// # Errors
    /// [`KeyLengthError`] when there are not exactly 32: the length never selects a cipher.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        SecretArray::from_slice(bytes).map(Self::from_secret)
    }

    pub(crate) fn from_secret(secret: SecretArray<KEY_LEN>) -> Self {
        let (id, fingerprint) = (KeyId::of(secret.expose()), KeyFingerprint::of(secret.expose()));
        let (gcm, input_key) = schedules(secret.expose());
        wipe_stack();
        Self {
            id,
            fingerprint,
            secret,
            gcm,
            input_key,
        }
    }

    /// The identifier that zkvault derives from the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What stands for the key in pins, and in the keys that replace it.
    ///
    /// 16 bytes of SHA-256, so that nobody makes a second key for one.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.fingerprint
    }

    /// The 32 bytes, for an export that a person asked for.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; KEY_LEN] {
        self.secret.expose()
    }

    pub(crate) fn gcm(&self) -> &Aes256Gcm {
        &self.gcm
    }

    pub(crate) fn input_key(&self) -> &InputKey {
        &self.input_key
    }
}

/// Apart, so that what it leaves on the stack is below its caller.
#[inline(never)]
fn schedules(key: &[u8; KEY_LEN]) -> (Box<Aes256Gcm>, InputKey) {
    (Box::new(Aes256Gcm::new(key.into())), InputKey::new(key))
}

/// Compares the keys in constant time.
impl PartialEq for VaultKey {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl Eq for VaultKey {}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            fingerprint: _,
            secret,
            gcm: _,
            input_key: _,
        } = self;
        f.debug_struct("VaultKey")
            .field("id", id)
            .field("secret", secret)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    #[test]
    fn debug_shows_the_id_and_not_the_key() {
        insta::assert_snapshot!(format!("{:?}", key(1)), @"VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }");
    }

    #[test]
    fn key_ids_round_trip_and_refuse_anything_else() {
        let id: KeyId = "d87f7e0c".parse().unwrap();
        assert_eq!(id.to_bytes(), [0xd8, 0x7f, 0x7e, 0x0c]);
        assert_eq!(id.to_string(), "d87f7e0c");
        for wrong in ["", "d87f7e0", "d87f7e0cc", "+87f7e0c", "d87f7e0g", " 87f7e0c"] {
            assert_eq!(wrong.parse::<KeyId>(), Err(KeyIdError), "{wrong:?}");
        }
    }

    #[test]
    fn no_key_length_but_32_is_a_key() {
        for length in [0, 16, 24, 31, 33, 64] {
            assert!(VaultKey::from_slice(&vec![0; length]).is_err());
        }
    }

    #[test]
    fn keys_are_equal_when_their_bytes_are() {
        assert_eq!(key(1), key(1));
        assert_ne!(key(1), key(2));
    }
}
