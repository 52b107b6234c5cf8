//! What stands for a vault key where the key itself must not: in pins, and in the keys that replace it.
//!
//! ```text
//! fingerprint(16) = first 16 bytes of SHA-256("zkvault.pin.key.v1" || 0x00 || key(32))
//! ```
//!
//! Where 4 bytes of identifier would do to find a key, 16 are needed to say which key it was: a pin that named a key
//! by its identifier would take any other key of the same four bytes for it
//! (docs/spec/conventions.md#key-identifiers).

use std::fmt;

use aes_gcm::aead::consts::U16;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::KEY_LEN;

/// Bytes of a fingerprint.
pub const FINGERPRINT_LEN: usize = 16;
const PREFIX: &[u8] = b"zkvault.pin.key.v1\0";

/// The first 16 bytes of `SHA-256("zkvault.pin.key.v1" || 0x00 || key)`: enough that no two keys share one.
///
/// Two different keys meet after about 2⁶⁴, and a second key for a given fingerprint takes 2¹²⁸ tries. It is no
/// secret: the key has 256 random bits, and cannot be searched for by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyFingerprint([u8; FINGERPRINT_LEN]);

impl KeyFingerprint {
    /// A fingerprint from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; FINGERPRINT_LEN]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; FINGERPRINT_LEN] {
        self.0
    }

    pub(super) fn of(key: &[u8; KEY_LEN]) -> Self {
        let digest = Sha256::new().chain_update(PREFIX).chain_update(key).finalize();
        let (fingerprint, _rest) = digest.split_ref::<U16>();
        Self((*fingerprint).into())
    }
}

/// Base64, as in a keyring and in pins.
impl Serialize for KeyFingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for KeyFingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a fingerprint is the base64 of 16 bytes"))
    }
}

/// 32 lower-case hexadecimal digits.
impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use crate::key::VaultKey;

    #[test]
    fn the_fingerprint_is_the_specified_one() {
        let key = VaultKey::from_slice(&[1; 32]).unwrap();
        assert_eq!(key.fingerprint().to_string(), "46b7767005b2e689c578d53d0be0a186");
        assert_ne!(key.fingerprint(), VaultKey::from_slice(&[2; 32]).unwrap().fingerprint());
    }
}
