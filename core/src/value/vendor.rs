//! Version 1: the vendor's own values, opened by the layouts of [`crate::vendor`].
//!
//! With layouts that were found for the account, exactly those are tried. Without, the catalogue's entries whose tag
//! decides are: a wrong guess opens nothing. Such a text may still carry its padding, which is then found and taken
//! off; a text that ends in control characters is never given out as a password.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::inout::InOutBuf;

use super::{Authentic, Candidate, Layout, OpenValueError};
use crate::envelope::{MAX_VALUE_LEN, Version, encode, header};
use crate::error::{DecryptError, SealError};
use crate::key::{KeyFingerprint, KeyId, KeySet, VaultKey};
use crate::random;
use crate::secret::SecretBytes;
use crate::vendor::catalog;

/// Bytes of ciphertext that are tried at most for one value, with each layout: a megabyte under every key of a
/// full keyring would otherwise cost seconds.
///
/// The first key is always tried.
const MAX_TRIED_LEN: usize = 64 << 20;

/// Seals `plaintext` as the catalogue's `vendor-gcm` under `key_id`, the vendor's number of the key. Returns the
/// base64 text of the value.
///
/// The value is bound to nothing: a server can move it to another input unnoticed. The nonce is 12 random
/// bytes, so a key should seal no more than 2³² values this way (NIST SP 800-38D §8.3).
///
/// # Errors
/// [`SealError::Random`] without random bytes for the nonce, [`SealError::TooLong`] above 1 MiB, and
/// [`SealError::ControlCharacters`] for a text that a reader would take for a padded one.
pub fn seal_vendor(key: &VaultKey, key_id: KeyId, plaintext: &str) -> Result<String, SealError> {
    if plaintext.len() > MAX_VALUE_LEN {
        return Err(SealError::TooLong);
    }
    if ends_oddly(plaintext) {
        return Err(SealError::ControlCharacters);
    }
    let nonce: [u8; 12] = random::array()?;
    let mut body = nonce.to_vec();
    body.resize(nonce.len() + plaintext.len(), 0);
    let (_, sealed) = body.split_at_mut(nonce.len());
    let buffers = InOutBuf::new(plaintext.as_bytes(), sealed).map_err(|_| SealError::TooLong)?;
    let tag = key
        .gcm()
        .encrypt_inout_detached(&nonce.into(), &[], buffers)
        .map_err(|_| SealError::TooLong)?;
    body.extend_from_slice(&tag);
    Ok(encode(header(Version::Vendor, key_id), &body))
}

/// Opens an envelope with the first key and layout that authenticate it.
pub(super) fn open<'a>(id: KeyId, envelope: &[u8], keys: &'a KeySet) -> Result<Authentic<'a>, OpenValueError> {
    if keys.is_empty() {
        return Err(OpenValueError::NoKey(id));
    }
    let affordable = (MAX_TRIED_LEN / envelope.len().max(1)).max(1);
    for (key, prepared) in keys.prepared_for(id).take(affordable) {
        for prepared in prepared {
            if let Ok((text, layout)) = prepared.open(key, envelope) {
                let (bytes, layout) = (finish(text)?, Layout::Vendor(layout));
                return Ok(Authentic { bytes, layout, key });
            }
        }
    }
    Err(DecryptError.into())
}

/// Opens an envelope that holds the key of a site, and says with which key.
///
/// `None` for every cause: a site's key that does not open is treated as one that is not there, and pins notice the
/// difference.
pub(super) fn open_key(id: KeyId, envelope: &[u8], keys: &KeySet) -> Option<(VaultKey, KeyFingerprint)> {
    let affordable = (MAX_TRIED_LEN / envelope.len().max(1)).max(1);
    let mut tries = keys.prepared_for(id).take(affordable);
    tries.find_map(|(key, prepared)| {
        let opened = prepared
            .iter()
            .find_map(|prepared| prepared.open_key(key, envelope).ok());
        opened.map(|opened| (opened, key.fingerprint()))
    })
}

/// What opened must be a text that somebody can have typed or pasted.
///
/// A text that ends in a control character was most likely padded in a way that this layout does not remove: given
/// out, it would be a wrong password.
fn finish(text: SecretBytes) -> Result<SecretBytes, OpenValueError> {
    match str::from_utf8(text.expose_secret()).is_ok_and(ends_oddly) {
        true => Err(OpenValueError::ControlCharacters),
        false => Ok(text),
    }
}

/// Whether a text ends in what may be padding: control characters, other than those that notes and PEM keys end in.
fn ends_oddly(text: &str) -> bool {
    let last = text.chars().next_back();
    last.is_some_and(|last| last.is_control() && !matches!(last, '\t' | '\n' | '\r'))
}

/// The layouts of the catalogue that a tag decides and that an envelope of this length can have.
pub(super) fn candidates(envelope_len: usize) -> impl Iterator<Item = Candidate> {
    catalog::tried_first().filter_map(move |layout| {
        Some(Candidate {
            layout: Layout::Vendor(layout.clone()),
            plaintext_len: layout.text_len(envelope_len)?,
        })
    })
}
