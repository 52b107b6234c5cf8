//! What a pin remembers of a text or a value: enough to notice a change and to show it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// Bytes of a text that is pinned whole. Of a longer one its length and digest are kept.
pub const MAX_PINNED_TEXT_LEN: usize = 1024;

const TEXT_PREFIX: &[u8] = b"zkvault.pin.text.v1\0";
const VALUE_PREFIX: &[u8] = b"zkvault.pin.value.v1\0";

/// 32 bytes, written as base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hash([u8; 32]);

impl Hash {
    fn of(prefix: &[u8], text: &str) -> Self {
        Self(Sha256::new().chain_update(prefix).chain_update(text).finalize().into())
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueDigest(Hash);

impl ValueDigest {
    pub(crate) fn of(value: &str) -> Self {
        Self(Hash::of(VALUE_PREFIX, value))
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
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
        let bytes = self.to_bytes();
        bytes.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// A text of a site as it was pinned: whole when it has at most [`MAX_PINNED_TEXT_LEN`] bytes, else its length
/// and `SHA-256("zkvault.pin.text.v1" || 0x00 || text)`. Never empty: an empty text counts as none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PinnedText(Kept);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Whole(Box<str>),
    Digest(Box<Long>),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    bytes: u64,
    sha256: Hash,
}

impl PinnedText {
    pub(super) fn of(text: &str) -> Option<Self> {
        let kept = match text.len() {
            0 => return None,
            1..=MAX_PINNED_TEXT_LEN => Kept::Whole(text.into()),
            bytes => Kept::Digest(Box::new(Long {
                bytes: bytes as u64,
                sha256: Hash::of(TEXT_PREFIX, text),
            })),
        };
        Some(Self(kept))
    }

    /// A number, as text for a diff.
    pub(super) fn number(number: u64) -> Self {
        Self(Kept::Whole(number.to_string().into()))
    }

    /// The text, unless it is a long one.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        match &self.0 {
            Kept::Whole(text) => Some(text),
            Kept::Digest(_) => None,
        }
    }

    /// Bytes of the text.
    #[must_use]
    pub fn text_len(&self) -> u64 {
        match &self.0 {
            Kept::Whole(text) => text.len() as u64,
            Kept::Digest(long) => long.bytes,
        }
    }

    /// Whether [`Self::of`] could have made it: each text has one form.
    pub(super) fn is_canonical(&self) -> bool {
        match &self.0 {
            Kept::Whole(text) => (1..=MAX_PINNED_TEXT_LEN).contains(&text.len()),
            Kept::Digest(long) => long.bytes > MAX_PINNED_TEXT_LEN as u64,
        }
    }
}

/// The text, control characters escaped and in quotes; a long one by its length and the first bytes of its digest.
impl fmt::Display for PinnedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kept::Whole(text) => write!(f, "{text:?}"),
            Kept::Digest(long) => write!(f, "{long:?}"),
        }
    }
}

impl fmt::Debug for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of {} bytes, SHA-256 ", self.bytes)?;
        self.sha256
            .0
            .iter()
            .take(4)
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}
