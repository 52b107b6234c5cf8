//! The text of a value: what is read before any key is tried (docs/spec/value.md).
//!
//! ```text
//! envelope  = version(1) || key_id(4) || body            value = base64(envelope), canonical and padded
//! version 2   body = Cobblestone-256(vault key, context, pad32(text)): 104 bytes at least, so the envelope has 109
//! version 1   body = the vendor's, at least an IV of 16 bytes and a tag of 8, so the envelope has 29
//! ```
//!
//! Parsing says what a value claims to be. It needs no key and tells no secret, so that a listing can show it and a
//! document can be checked before a passphrase is asked for. What opens it is in [`crate::value`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::{Simd, general_purpose::PAD};

use crate::cobblestone;
use crate::vault_key::KeyId;

/// The longest plaintext of a value: 1 MiB.
///
/// For writers. A reader is bound by [`MAX_ENVELOPE_LEN`] alone, since other writers may pad differently.
pub const MAX_VALUE_LEN: usize = 1024 * 1024;
/// The longest envelope that is read: the longest plaintext, padded and sealed, and some room.
///
/// 1,056,768 bytes. A longer text is refused before it is decoded, so that a hostile listing costs no memory of its
/// choice.
pub const MAX_ENVELOPE_LEN: usize = MAX_VALUE_LEN + 8 * 1024;
/// The most base64 characters that an envelope of that length has.
const MAX_BASE64_LEN: usize = MAX_ENVELOPE_LEN.div_ceil(3) * 4;
/// Bytes of the shortest envelope of the vendor's: header, a vector of 16 bytes, no text, and a tag of 8.
const MIN_VENDOR_LEN: usize = HEADER_LEN + 16 + 8;
/// Bound plaintexts are padded to a multiple of this, so that a value's length does not tell a password's.
pub(crate) const PAD_LEN: usize = 32;
/// Version byte and key identifier.
pub(crate) const HEADER_LEN: usize = 5;

/// Reads base64 with the wide instructions of the processor if it has them. The same texts are canonical.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static BASE64: std::sync::LazyLock<Simd> = std::sync::LazyLock::new(|| Simd::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::engine::general_purpose::STANDARD as BASE64;

/// Bytes of padded plaintext in the body of a bound value; none when no body has this length.
pub(crate) fn bound_len(body_len: usize) -> Option<usize> {
    let padded_len = usize::try_from(cobblestone::plaintext_len(body_len as u64)?).ok()?;
    let is_whole = padded_len > 0 && padded_len.is_multiple_of(PAD_LEN);
    is_whole.then_some(padded_len)
}

/// The input a bound value belongs to. The value opens only with the same three.
///
/// All three are the API's own words, with JSON escapes resolved and otherwise as they came: not trimmed, not folded.
/// A missing type or name is the empty text. What is not bound: the account, the position of the input, and the other
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueContext<'a> {
    /// The API's number of the site.
    pub site_id: u64,
    /// The API's `type` of the input, byte for byte.
    pub input_type: &'a str,
    /// The API's `name` of the input, byte for byte.
    pub input_name: &'a str,
}

/// The first byte of an envelope.
///
/// There is no negotiation: a reader takes both, and a writer chooses by what a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// 1: the vendor's layout, as we infer it; not bound to its input.
    Vendor,
    /// 2: zkvault's own, bound to its input and committed to its key.
    Bound,
}

impl Version {
    /// The version byte.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Vendor => 1,
            Self::Bound => 2,
        }
    }

    /// Whether an envelope of this version can have so many bytes.
    fn has_len(self, envelope_len: usize) -> bool {
        match self {
            Self::Vendor => envelope_len >= MIN_VENDOR_LEN,
            Self::Bound => bound_len(envelope_len.saturating_sub(HEADER_LEN)).is_some(),
        }
    }
}

/// A value that was read but not opened.
///
/// Its version is known, its length is one that the version allows, and its base64 was canonical: two envelopes are
/// equal exactly when their texts were.
///
/// ```
/// use zkvault_core::key::VaultKey;
/// use zkvault_core::value::{Envelope, EnvelopeError, ValueContext, Version, seal_bound};
///
/// let key = VaultKey::from_slice(&[1; 32])?;
/// let place = ValueContext { site_id: 7, input_type: "password", input_name: "pw" };
/// let short = Envelope::parse(&seal_bound(&key, &place, "")?)?;
/// let longer = Envelope::parse(&seal_bound(&key, &place, "correct horse battery staple")?)?;
/// assert_eq!((short.version(), short.key_id().to_string().as_str()), (Version::Bound, "878694ff"));
/// // A text of up to 31 bytes has 109 bytes: the length says nothing about the password.
/// assert_eq!((short.sealed_len(), longer.sealed_len()), (109, 109));
/// assert_eq!(Envelope::parse("password"), Err(EnvelopeError::UnknownVersion(0xa5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    version: Version,
    header: [u8; HEADER_LEN],
    /// Everything, header included.
    bytes: Vec<u8>,
}

impl Envelope {
    /// Reads the base64 text of a value. Only the canonical form is accepted.
    ///
    /// # Errors
    /// * [`EnvelopeError::Empty`] for the empty text, which a service sends for a value that was never set.
    /// * [`EnvelopeError::TooLong`] above the text length of [`MAX_ENVELOPE_LEN`], before anything is decoded.
    /// * [`EnvelopeError::NotBase64`] for the URL alphabet, missing padding, stray bits, white space and plaintext.
    /// * [`EnvelopeError::UnknownVersion`] and [`EnvelopeError::WrongLength`] by the decoded bytes.
    pub fn parse(base64: &str) -> Result<Self, EnvelopeError> {
        if base64.len() > MAX_BASE64_LEN {
            return Err(EnvelopeError::TooLong {
                characters: base64.len(),
            });
        }
        let bytes = BASE64.decode(base64).map_err(|_| EnvelopeError::NotBase64)?;
        let version = match bytes.first() {
            Some(1) => Version::Vendor,
            Some(2) => Version::Bound,
            Some(&version) => return Err(EnvelopeError::UnknownVersion(version)),
            None => return Err(EnvelopeError::Empty),
        };
        let wrong_length = EnvelopeError::WrongLength {
            version: version.number(),
            bytes: bytes.len(),
        };
        let header = *bytes.first_chunk().ok_or(wrong_length)?;
        match version.has_len(bytes.len()) {
            true => Ok(Self { version, header, bytes }),
            false => Err(wrong_length),
        }
    }

    /// The version in the first byte.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The identifier of the key it was sealed under, by its own word.
    ///
    /// Of a bound value it is derived from the key and authenticated. Of a vendor value it is the vendor's number, or
    /// a check of the key, which nothing authenticates: it only says what to try first.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let [_version, id @ ..] = self.header;
        KeyId::from_bytes(id)
    }

    /// Bytes of the envelope before base64.
    #[must_use]
    pub fn sealed_len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of the envelope, header included.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Version and key identifier, as they came.
    pub(crate) fn header(&self) -> &[u8; HEADER_LEN] {
        &self.header
    }

    /// What is behind the header.
    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.get(HEADER_LEN..).unwrap_or_default()
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            header: _,
            bytes,
        } = self;
        f.debug_struct("Envelope")
            .field("version", version)
            .field("key_id", &self.key_id())
            .field("sealed_len", &bytes.len())
            .finish()
    }
}

/// A text is not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Nothing was given.
    #[error("the value is empty")]
    Empty,
    /// Not the canonical form of padded standard base64.
    #[error("the value is not canonical base64")]
    NotBase64,
    /// Longer than any value may be.
    #[error("the value has {characters} characters, more than the {MAX_BASE64_LEN} allowed")]
    TooLong {
        /// The characters that were given.
        characters: usize,
    },
    /// The version byte is neither 1 nor 2.
    #[error("the value has the unknown version {0}")]
    UnknownVersion(u8),
    /// No layout of this version has this length.
    #[error("no value of version {version} has {bytes} bytes")]
    WrongLength {
        /// The version byte.
        version: u8,
        /// The decoded length.
        bytes: usize,
    },
}

/// Writes `header || body` as base64.
pub(crate) fn encode(header: [u8; HEADER_LEN], body: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(body);
    STANDARD.encode(bytes)
}

/// The five bytes in front of every envelope.
pub(crate) fn header(version: Version, key_id: KeyId) -> [u8; HEADER_LEN] {
    let [a, b, c, d] = key_id.to_bytes();
    [version.number(), a, b, c, d]
}
