//! The digest that names a snapshot.
//!
//! It names a snapshot in manifests, heads, backup records and on printed sheets. It is no secret and proves nothing
//! by itself: the record that contains it does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// SHA-256 of a snapshot's document: 32 bytes, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotDigest([u8; 32]);

impl SnapshotDigest {
    /// The digest of a document in memory; [`Snapshot::digest`](super::Snapshot::digest) writes it for that.
    ///
    /// Any bytes have one: the file of a keyring in a backup is named in the same form.
    #[must_use]
    pub fn of_document(document: &[u8]) -> Self {
        Self(Sha256::digest(document).into())
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for SnapshotDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SnapshotDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SnapshotDigest({self})")
    }
}

/// Reads the 64 digits that `Display` writes.
///
/// Upper case is refused, so that two texts are equal exactly when their digests are.
impl FromStr for SnapshotDigest {
    type Err = SnapshotDigestError;

    fn from_str(text: &str) -> Result<Self, SnapshotDigestError> {
        let digit = |character: &u8| match character {
            b'0'..=b'9' => Some(character - b'0'),
            b'a'..=b'f' => Some(character - b'a' + 10),
            _ => None,
        };
        let (pairs, odd) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs
            .iter()
            .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?))
            .collect();
        let bytes = bytes.filter(|_| odd.is_empty()).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(SnapshotDigestError)
    }
}

impl Serialize for SnapshotDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SnapshotDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A snapshot's digest is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a snapshot's digest is 64 lower-case hexadecimal digits")]
pub struct SnapshotDigestError;
