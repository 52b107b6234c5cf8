//! Opens the values of a site, or only looks at them.

use super::site::{InputPlace, InputRef, Outcome, SiteError, key_of, rewrite, visit_values};
use super::text::text_of;
use crate::key::KeySet;
use crate::secret_buffer::SecretBuffer;
use crate::value::{Envelope, OpenValueError, OpenedValue, SiteKey, Version};

/// Is told what becomes of every value while a site is decrypted. A `Vec<InputFailure>` keeps the failures.
///
/// What was opened is lent with its layout, so that a caller can warn of one that does not authenticate.
pub trait DecryptReport {
    /// The value of `input` was opened. Ignored unless implemented.
    fn opened(&mut self, input: &InputRef<'_>, value: OpenedValue) {
        let _ = (input, value);
    }

    /// The value of `input` did not open and stays as it was.
    fn failed(&mut self, input: &InputRef<'_>, error: InputError);
}

impl DecryptReport for Vec<InputFailure> {
    fn failed(&mut self, input: &InputRef<'_>, error: InputError) {
        let place = input.place();
        self.push(InputFailure { place, error });
    }
}

/// An input whose value did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {error}")]
pub struct InputFailure {
    /// The input.
    pub place: InputPlace,
    /// Why it did not open.
    pub error: InputError,
}

/// The value of an input is no value, or did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// It is no JSON string, or a string with half of a surrogate pair.
    #[error("the value is not a string of text")]
    NotAString,
    /// It did not open.
    #[error(transparent)]
    Open(#[from] OpenValueError),
}

/// Copies one site to the end of `output`, with the plaintext in place of every value that opens.
///
/// A value that does not open stays as it was and is reported; the others are still opened. A value that is
/// absent, `null` or empty stays and is no failure. Needs nothing but its arguments, so that sites can be
/// decrypted on several threads.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::SecretBuffer;
/// use zkvault_core::document::{InputFailure, SealAs, decrypt_site, encrypt_site};
/// use zkvault_core::key::{KeySet, VaultKey};
///
/// let key = Arc::new(VaultKey::generate()?);
/// let plain = br#"{"id":7, "login":{"inputs":[{"name":"pw","type":"password","value":"hunter2"}]}}"#;
/// let mut sealed = SecretBuffer::new();
/// assert_eq!(encrypt_site(SealAs::Bound(&key), plain, &mut sealed)?, 1);
///
/// let mut keys = KeySet::new();
/// let (mut opened, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
/// decrypt_site(&keys, sealed.expose_secret(), &mut opened, &mut failures)?;
/// assert_eq!(failures[0].to_string(), format!("site 7, input \"pw\": no key with the id {} is available", key.id()));
/// assert_eq!(opened.expose_secret(), sealed.expose_secret(), "what does not open stays");
///
/// keys.add(key, None);
/// opened.clear();
/// failures.clear();
/// decrypt_site(&keys, sealed.expose_secret(), &mut opened, &mut failures)?;
/// assert_eq!((opened.expose_secret(), failures.len()), (plain.as_slice(), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SiteError`] when the bytes are no site. `output` is then as it was.
pub fn decrypt_site(
    keys: &KeySet,
    site: &[u8],
    output: &mut SecretBuffer,
    report: &mut impl DecryptReport,
) -> Result<(), SiteError> {
    let mut site_key = SiteKeyOf::Unknown;
    rewrite(site, output, |input, value, output| {
        match open(keys, &mut site_key, input, value) {
            Ok(None) => return Ok(Outcome::Keep),
            Ok(Some(opened)) => {
                output.extend_json(opened.text.expose_secret());
                report.opened(input, opened);
            }
            Err(error) => {
                report.failed(input, error);
                return Ok(Outcome::Keep);
            }
        }
        Ok(Outcome::Replaced)
    })
}

/// Calls `visit` with the envelope of every value of one site, or with why it has none. Needs no key.
///
/// Values that are absent, `null` or empty are passed over.
///
/// For commands that say what a document holds: versions, key ids, lengths.
///
/// # Errors
/// [`SiteError`] when the bytes are no site.
pub fn inspect_site(
    site: &[u8],
    mut visit: impl FnMut(&InputRef<'_>, Result<Envelope, InputError>),
) -> Result<(), SiteError> {
    visit_values(site, |_, input, value| {
        if let Some(envelope) = envelope(value).transpose() {
            visit(input, envelope);
        }
        Ok(())
    })
}

/// The envelope of the site's [own key](crate::value::SiteKey), if it has one. Needs no key.
///
/// # Errors
/// [`SiteError`] when the bytes are no site.
pub fn inspect_site_key(site: &[u8]) -> Result<Option<Envelope>, SiteError> {
    Ok(key_of(site)?.and_then(|key| envelope(key).ok().flatten()))
}

/// The site's own key, opened when the first vendor value is.
///
/// Most sites have none, and opening one costs as much as opening a value.
pub(super) enum SiteKeyOf {
    Unknown,
    Known(Option<SiteKey>),
}

impl SiteKeyOf {
    pub(super) fn get(&mut self, keys: &KeySet, input: &InputRef<'_>) -> Option<&SiteKey> {
        if let Self::Unknown = self {
            let sealed = sealed_key_of(input);
            *self = Self::Known(sealed.and_then(|sealed| SiteKey::of_envelope(&sealed, keys)));
        }
        match self {
            Self::Known(key) => key.as_ref(),
            Self::Unknown => None,
        }
    }
}

fn sealed_key_of(input: &InputRef<'_>) -> Option<Envelope> {
    input.site_key().and_then(|key| envelope(key).ok().flatten())
}

/// Whether the site of an input has a key of its own, which may not open.
pub(super) fn has_site_key(input: &InputRef<'_>) -> bool {
    sealed_key_of(input).is_some()
}

fn open(
    keys: &KeySet,
    site_key: &mut SiteKeyOf,
    input: &InputRef<'_>,
    value: &str,
) -> Result<Option<OpenedValue>, InputError> {
    let Some(envelope) = envelope(value)? else {
        return Ok(None);
    };
    let opened = match envelope.version() {
        Version::Bound => input.with_context(|context| envelope.open(keys, context)),
        Version::Vendor => envelope.open_in(keys, site_key.get(keys, input), None),
    };
    Ok(Some(opened?))
}

/// The envelope of a value in JSON; none when the value is empty.
fn envelope(value: &str) -> Result<Option<Envelope>, InputError> {
    let text = text_of(value).ok_or(InputError::NotAString)?;
    if text.is_empty() {
        return Ok(None);
    }
    let envelope = Envelope::parse(&text).map_err(OpenValueError::from)?;
    Ok(Some(envelope))
}
