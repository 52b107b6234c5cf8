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
//!
//! | | version 1 | version 2 |
//! |---|---|---|
//! | made by | the vendor's client; by zkvault only when a person asks | zkvault |
//! | sealed | in one of the vendor's layouts, which are inferred: [`crate::vendor`] | Cobblestone-256 |
//! | bound to | nothing: a server can swap two of them | site, input type, input name, key, version |
//! | length | shows the text's, at best to a block of 16 | in steps of 32 bytes |
//! | opened with | every key, those with its number first | keys with its identifier alone |
//!
//! A site that is shared may have a key of its own, under which its values of version 1 are: [`SiteKey`]. What a
//! value holds is wiped when it is dropped, and reaches no error.

mod bound;
mod ladder;
mod vendor;

use std::fmt;

pub use bound::seal_bound;
pub(crate) use ladder::Rung;
pub use ladder::{MAX_GROUP_KEYS, SealedGroupKey, SiteKey};
pub use vendor::seal_vendor;

pub use crate::envelope::{Envelope, EnvelopeError, MAX_ENVELOPE_LEN, MAX_VALUE_LEN, ValueContext, Version};
use crate::error::DecryptError;
use crate::key::{KeyId, KeySet, VaultKey};
use crate::secret::{NotUtf8, SecretBytes, SecretText};
use crate::vendor as vendor_layouts;

/// How the bytes behind the header are sealed.
///
/// A value that opened says in which one. A caller warns when [`Layout::trust`] is not
/// [`Authenticated`](crate::vendor::Trust::Authenticated).
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
///
/// For `inspect`: what a value could be, without any key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The layout.
    pub layout: Layout,
    /// Bytes of plaintext under it; with padding for [`Layout::Bound`].
    pub plaintext_len: usize,
}

impl Envelope {
    /// The layouts that the length allows, in the order in which they are tried; at least one.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + use<> {
        let body_len = self.body().len();
        let (bound, vendor) = match self.version() {
            Version::Bound => (bound::candidate(body_len), None),
            Version::Vendor => (None, Some(vendor::candidates(self.sealed_len()))),
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
    /// * [`OpenValueError::NoContext`] for a bound value without a context.
    /// * [`OpenValueError::NoKey`] when no key has the identifier of a bound value, or there is no key at all.
    /// * [`OpenValueError::Decrypt`] for everything that authentication finds, without saying what.
    /// * [`OpenValueError::ControlCharacters`] when a vendor value opened to a text that ends in what is padding in
    ///   another layout: a search finds the account's.
    /// * [`OpenValueError::NotText`] when it holds bytes that are not UTF-8. Nothing is repaired.
    pub fn open(&self, keys: &KeySet, context: Option<&ValueContext<'_>>) -> Result<OpenedValue, OpenValueError> {
        self.authenticate(keys, context)?.into_text()
    }

    /// Opens the value, whether what it holds is text or not, and says which key did.
    pub(crate) fn authenticate<'a>(
        &self,
        keys: &'a KeySet,
        context: Option<&ValueContext<'_>>,
    ) -> Result<Authentic<'a>, OpenValueError> {
        match self.version() {
            Version::Bound => {
                let context = context.ok_or(OpenValueError::NoContext)?;
                bound::open(self.header(), self.body(), keys, context)
            }
            Version::Vendor => vendor::open(self.key_id(), self.bytes(), keys),
        }
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
///
/// The bytes are wiped when it is dropped.
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

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
