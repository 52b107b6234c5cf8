//! Digests by which a text is recognised that is not kept.
//!
//! SHA-256 with a prefix that ends in a zero byte, so that a digest of one kind is never one of another kind. They
//! are no MACs: anyone who has the text can make them, and they are kept where the texts themselves would not be
//! secret. See docs/spec/trust.md#pins for where they are used.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

const VALUE_PREFIX: &[u8] = b"zkvault.pin.value.v1\0";

/// 32 bytes, written as base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hash([u8; 32]);

impl Hash {
    /// `SHA-256(prefix || text)`.
    pub(crate) fn of(prefix: &[u8], text: &str) -> Self {
        Self(Sha256::new().chain_update(prefix).chain_update(text).finalize().into())
    }

    /// Writes the first four bytes, as much as a person compares.
    ///
    /// 32 bits: to recognise one that was shown before, not to tell forgeries apart.
    pub(crate) fn write_start(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a digest is the base64 of 32 bytes"))
    }
}

/// Names one ciphertext: `SHA-256("zkvault.pin.value.v1" || 0x00 || value)`, 32 bytes, of the `value` string as
/// it came.
///
/// Two honest ciphertexts are never equal, since each has random bytes in it. So equal digests in two places mean
/// that a ciphertext was copied, which is how [`crate::trust`] notices it without keeping the ciphertexts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueDigest(Hash);

impl ValueDigest {
    /// Of a value as it came.
    pub(crate) fn of(value: &str) -> Self {
        Self(Hash::of(VALUE_PREFIX, value))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Hash(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0.0
    }
}

impl fmt::Debug for ValueDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueDigest(")?;
        self.0.write_start(f)?;
        f.write_str(")")
    }
}
