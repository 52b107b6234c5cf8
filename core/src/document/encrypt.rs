//! Seals the values of a site.
//!
//! All or nothing: a site of which half was sealed would look like one that was sealed. A value that has the form of
//! an envelope is refused, also where a person's text happens to have it, because sealing twice cannot be told from
//! it (docs/spec/document.md#encryption).

use super::decrypt::{SiteKeyOf, has_site_key};
use super::site::{InputPlace, InputRef, Outcome, SiteError, rewrite};
use super::text::text_of;
use crate::error::SealError;
use crate::key::{KeyId, KeySet, VaultKey};
use crate::secret_buffer::SecretBuffer;
use crate::value::{Envelope, seal_bound, seal_vendor};
use crate::vendor::{Layout, SealLayoutError};

/// How the values of a site are sealed.
///
/// A person chooses: nothing in a document says what it is to be sealed as.
#[derive(Debug, Clone, Copy)]
pub enum SealAs<'a> {
    /// Version 2, bound to site, type and name.
    Bound(&'a VaultKey),
    /// Version 1, bound to nothing, under the vendor's number of the key.
    Vendor(&'a VaultKey, KeyId),
    /// Version 1, in one layout of the vendor's family.
    Layout(SealInLayout<'a>),
}

/// How the values of a site are sealed in one layout of the vendor's family.
///
/// Whether it may be sealed in is asked before
/// ([`StoredLayout::require_sealing`](crate::keyring::StoredLayout::require_sealing)).
#[derive(Debug, Clone, Copy)]
pub struct SealInLayout<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// The key, for sites that have none of their own.
    pub key: &'a VaultKey,
    /// The vendor's number of the key.
    pub number: KeyId,
    /// What the keys of sites are opened with: the values of a site that has one are sealed under it, as the vendor's
    /// client reads them.
    pub keys: &'a KeySet,
}

/// A site was not encrypted. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptSiteError {
    /// The bytes are no site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// One of its values cannot be sealed.
    #[error("{place}: {error}")]
    Input {
        /// The input.
        place: InputPlace,
        /// Why its value cannot be sealed.
        error: SealInputError,
    },
}

/// The value of an input cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealInputError {
    /// It is an envelope already: sealed twice, it would not open to what was meant.
    #[error("the value is encrypted already")]
    AlreadySealed,
    /// It is no JSON string, or a string with half of a surrogate pair.
    #[error("the value is not a string of text")]
    NotAString,
    /// There is nothing to bind it to.
    #[error(
        "a value is bound to its site id, input type and input name, and one of them is missing or of a wrong type"
    )]
    NoContext,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The layout does not take the text.
    #[error(transparent)]
    Layout(#[from] SealLayoutError),
    /// The site has a key of its own, which does not open: under another key the value would be unreadable there.
    #[error("the site has a key of its own, and it does not open")]
    SiteKey,
}

/// Copies one site to the end of `output`, with every value sealed, an empty one like any other. A value that
/// is absent or `null` stays. Returns the number of values that were sealed.
///
/// # Errors
/// * [`EncryptSiteError::Site`] when the bytes are no site.
/// * [`EncryptSiteError::Input`] when one value cannot be sealed, with the input: it is an envelope already, no text,
///   or lacks what it would be bound to; or the site's own key does not open.
///
/// There is no half-encrypted site: `output` is then as it was.
pub fn encrypt_site(seal: SealAs<'_>, site: &[u8], output: &mut SecretBuffer) -> Result<usize, EncryptSiteError> {
    let (mut sealed, mut site_key) = (0, SiteKeyOf::Unknown);
    rewrite(site, output, |input, value, output| {
        let value = seal_value(seal, &mut site_key, input, value).map_err(|error| {
            let place = input.place();
            EncryptSiteError::Input { place, error }
        })?;
        output.extend_json(&value);
        sealed += 1;
        Ok::<_, EncryptSiteError>(Outcome::Replaced)
    })?;
    Ok(sealed)
}

fn seal_value(
    seal: SealAs<'_>,
    site_key: &mut SiteKeyOf,
    input: &InputRef<'_>,
    value: &str,
) -> Result<String, SealInputError> {
    let text = text_of(value).ok_or(SealInputError::NotAString)?;
    if Envelope::parse(&text).is_ok() {
        return Err(SealInputError::AlreadySealed);
    }
    let sealed = match seal {
        SealAs::Bound(key) => input.with_context(|context| {
            let context = context.ok_or(SealInputError::NoContext)?;
            Ok::<_, SealInputError>(seal_bound(key, context, &text)?)
        })?,
        SealAs::Vendor(key, key_id) => seal_vendor(key, key_id, &text)?,
        SealAs::Layout(seal) => {
            let key = match site_key.get(seal.keys, input) {
                Some(own) => own.key().ok_or(SealInputError::SiteKey)?,
                None if has_site_key(input) => return Err(SealInputError::SiteKey),
                None => seal.key,
            };
            seal.layout.seal(key, seal.number.to_bytes(), &text)?
        }
    };
    Ok(sealed)
}
