//! Values: the `value` strings of a site's login inputs (docs/spec/value.md).
//!
//! A value is the padded standard base64 of an envelope. Its first byte is the version: 1 is the vendor's
//! layout, which we infer, 2 is our own, which is bound to the input it belongs to.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::key::{KeySet, VaultKey};
//! use zkvault_core::value::{Envelope, ValueContext, seal_bound};
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let place = ValueContext { site_id: 1_749_398, input_type: "password", input_name: "[\"Passwd\"]" };
//! let value = seal_bound(&key, &place, "hunter2")?;
//!
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! let envelope = Envelope::parse(&value)?;
//! assert_eq!(envelope.open(&keys, Some(&place))?.text.expose_secret(), "hunter2");
//! // It is bound to its input: nobody can put it into another site.
//! let elsewhere = ValueContext { site_id: 7, ..place };
//! assert!(envelope.open(&keys, Some(&elsewhere)).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bound;
mod ladder;
mod vendor;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use bound::seal_bound;
pub(crate) use ladder::{GroupId, GroupKey, Rung};
pub use ladder::{MAX_GROUP_KEYS, SiteKey};
pub use vendor::seal_vendor;

use crate::error::DecryptError;
use crate::key::{KeyId, KeySet, VaultKey};
use crate::secret::{NotUtf8, SecretBytes, SecretText};
use crate::vendor as vendor_layouts;

/// The longest plaintext of a value: 1 MiB.
pub const MAX_VALUE_LEN: usize = 1024 * 1024;
/// The longest envelope that is read: the longest plaintext, padded and sealed, and some room.
pub const MAX_ENVELOPE_LEN: usize = MAX_VALUE_LEN + 8 * 1024;
/// The most base64 characters that an envelope of that length has.
const MAX_BASE64_LEN: usize = MAX_ENVELOPE_LEN.div_ceil(3) * 4;
/// Version byte and key identifier.
const HEADER_LEN: usize = 5;

/// The input a bound value belongs to. The value opens only with the same three.
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
}

/// How the bytes behind the header are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// Version 2: a Cobblestone-256 message of the padded text.
    Bound,
    /// Version 1: the vendor's own, in one of its layouts.
    Vendor(vendor_layouts::Layout),
}

impl Layout {
    /// The layout's name in output.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Bound => "bound",
            Self::Vendor(layout) => layout.name(),
        }
    }

    /// Whether a changed value can open to a different text.
    #[must_use]
    pub fn trust(&self) -> vendor_layouts::Trust {
        match self {
            Self::Bound => vendor_layouts::Trust::Authenticated,
            Self::Vendor(layout) => layout.trust(),
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A layout that an envelope's length allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The layout.
    pub layout: Layout,
    /// Bytes of plaintext under it; with padding for [`Layout::Bound`].
    pub plaintext_len: usize,
}

/// A value that was read but not opened.
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
    /// [`EnvelopeError`], which says what is wrong with the text; nothing about keys.
    pub fn parse(base64: &str) -> Result<Self, EnvelopeError> {
        if base64.len() > MAX_BASE64_LEN {
            return Err(EnvelopeError::TooLong {
                characters: base64.len(),
            });
        }
        let bytes = STANDARD.decode(base64).map_err(|_| EnvelopeError::NotBase64)?;
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
        let envelope = Self { version, header, bytes };
        match envelope.candidates().next() {
            Some(_) => Ok(envelope),
            None => Err(wrong_length),
        }
    }

    /// The version in the first byte.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The identifier of the key it was sealed under, by its own word.
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

    /// The layouts that the length allows, in the order in which they are tried; at least one.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + use<> {
        let body_len = self.body().len();
        let (bound, vendor) = match self.version {
            Version::Bound => (bound::candidate(body_len), None),
            Version::Vendor => (None, Some(vendor::candidates(self.bytes.len()))),
        };
        bound.into_iter().chain(vendor.into_iter().flatten())
    }

    /// Opens the value with whichever of `keys` fits.
    ///
    /// A bound value needs its `context` and a key with its key identifier. A vendor value takes no context:
    /// keys imported under its number are tried first, then the others, each with every layout, until 64 MiB of
    /// ciphertext were tried (one key at least).
    ///
    /// # Errors
    /// [`OpenValueError`]; failed authentication is one opaque [`DecryptError`] whatever its cause.
    pub fn open(&self, keys: &KeySet, context: Option<&ValueContext<'_>>) -> Result<OpenedValue, OpenValueError> {
        self.authenticate(keys, context)?.into_text()
    }

    /// The bytes of the envelope, header included.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Opens the value, whether what it holds is text or not, and says which key did.
    pub(crate) fn authenticate<'a>(
        &self,
        keys: &'a KeySet,
        context: Option<&ValueContext<'_>>,
    ) -> Result<Authentic<'a>, OpenValueError> {
        match self.version {
            Version::Bound => {
                let context = context.ok_or(OpenValueError::NoContext)?;
                bound::open(&self.header, self.body(), keys, context)
            }
            Version::Vendor => vendor::open(self.key_id(), &self.bytes, keys),
        }
    }

    fn body(&self) -> &[u8] {
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

/// The plaintext of a value and the layout that gave it.
#[derive(Debug, PartialEq, Eq)]
pub struct OpenedValue {
    /// The plaintext.
    pub text: SecretText,
    /// The layout it was sealed in.
    pub layout: Layout,
}

/// What an envelope holds, before it is known to be text.
pub(crate) struct Authentic<'a> {
    pub(crate) bytes: SecretBytes,
    pub(crate) layout: Layout,
    /// The key that opened it.
    pub(crate) key: &'a VaultKey,
}

impl Authentic<'_> {
    fn into_text(self) -> Result<OpenedValue, OpenValueError> {
        let text = SecretText::from_utf8(self.bytes)?;
        let layout = self.layout;
        Ok(OpenedValue { text, layout })
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

/// A value could not be opened. The value itself is untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenValueError {
    /// It is not a value at all.
    #[error(transparent)]
    Malformed(#[from] EnvelopeError),
    /// It is bound to an input, and nothing says which one this is.
    #[error("a version 2 value opens only with its site id, input type and input name")]
    NoContext,
    /// There is no key that could fit.
    #[error("no key with the id {0} is available")]
    NoKey(KeyId),
    /// Authentication failed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// It opened, but ends in control characters: the account's layout is a different one.
    #[error("the value opened to a text that ends in control characters: its layout is a different one")]
    ControlCharacters,
    /// It opened, but what it holds is not text.
    #[error(transparent)]
    NotText(#[from] NotUtf8),
}

/// Writes `header || body` as base64.
fn encode(header: [u8; HEADER_LEN], body: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(body);
    STANDARD.encode(bytes)
}

/// The five bytes in front of every envelope.
fn header(version: Version, key_id: KeyId) -> [u8; HEADER_LEN] {
    let [a, b, c, d] = key_id.to_bytes();
    [version.number(), a, b, c, d]
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
