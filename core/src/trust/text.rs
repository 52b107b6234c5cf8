//! What a pin remembers of a text or a value: enough to notice a change and to show it.
//!
//! A person who accepts a change should see what it was, so short texts are kept whole. Long ones would make pins as
//! large as a service likes: of these the length and a digest notice every change.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::digest::Hash;

/// Bytes of a text that is pinned whole. Of a longer one its length and digest are kept.
pub const MAX_PINNED_TEXT_LEN: usize = 1024;

const TEXT_PREFIX: &[u8] = b"zkvault.pin.text.v1\0";

/// A text of a site as it was pinned: whole when it has at most [`MAX_PINNED_TEXT_LEN`] bytes, else its length
/// and `SHA-256("zkvault.pin.text.v1" || 0x00 || text)`. Never empty: an empty text counts as none.
///
/// A text of 1,024 bytes and one of 1,025 are never equal: each text has one of the two forms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PinnedText(Kept);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
enum Kept {
    Whole(Box<str>),
    Digest(Box<Long>),
}

/// A text or an object. Derived, it would be read into a tree first, which is much code in a module that browsers fetch.
impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeptVisitor)
    }
}

struct KeptVisitor;

impl<'de> Visitor<'de> for KeptVisitor {
    type Value = Kept;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or the digest of one")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Kept, E> {
        Ok(Kept::Whole(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Kept, A::Error> {
        Long::deserialize(MapAccessDeserializer::new(map)).map(|long| Kept::Digest(Box::new(long)))
    }
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
        self.sha256.write_start(f)
    }
}
