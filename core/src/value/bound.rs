//! Version 2: a Cobblestone-256 message of the padded text, bound to header, site, type and name.
//!
//! ```text
//! header = 0x02 || key_id(4)
//! body   = seal(vault key, context("zkvault.value.v2", header, site id, input type, input name), pad32(text))
//! ```
//!
//! The header is in the context, so that the version and the key's identifier are authenticated as well. A value that
//! a server moves to another input, another site, or an input of another type does not open (threat model, Z01, Z02
//! and Z04).

use zeroize::Zeroizing;

use super::{Authentic, Candidate, Layout, OpenValueError};
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::envelope::{HEADER_LEN, MAX_VALUE_LEN, PAD_LEN, ValueContext, Version, bound_len, encode, header};
use crate::error::{DecryptError, SealError};
use crate::key::{KeyId, KeySet, VaultKey};
use crate::secret::SecretBytes;

/// Seals `plaintext` for one input of one site. Returns the base64 text of the value.
///
/// Two seals of one text are never equal: each has a fresh salt. The empty text is sealed like any other.
///
/// # Errors
/// [`SealError::TooLong`] above 1 MiB, and [`SealError::Random`] without random bytes.
pub fn seal_bound(key: &VaultKey, context: &ValueContext<'_>, plaintext: &str) -> Result<String, SealError> {
    if plaintext.len() > MAX_VALUE_LEN {
        return Err(SealError::TooLong);
    }
    let header = header(Version::Bound, key.id());
    let padded = pad(plaintext.as_bytes());
    let body = cobblestone::seal(key.input_key(), &encode_context(&header, context), &padded)?;
    Ok(encode(header, &body))
}

/// Each key with the identifier is tried; the commitment decides, at the cost of a few hashes.
pub(super) fn open<'a>(
    header: &[u8; HEADER_LEN],
    body: &[u8],
    keys: &'a KeySet,
    context: &ValueContext<'_>,
) -> Result<Authentic<'a>, OpenValueError> {
    let [_version, id @ ..] = *header;
    let id = KeyId::from_bytes(id);
    let context = encode_context(header, context);
    let mut outcome = Err(OpenValueError::NoKey(id));
    for key in keys.with_id(id) {
        match cobblestone::open(key.input_key(), &context, body) {
            Ok(padded) => {
                return Ok(Authentic {
                    bytes: unpad(padded)?,
                    layout: Layout::Bound,
                    key,
                });
            }
            Err(error) => outcome = Err(error.into()),
        }
    }
    outcome
}

/// The layout, when a body of this length can be a message of whole padding blocks.
pub(super) fn candidate(body_len: usize) -> Option<Candidate> {
    bound_len(body_len).map(|plaintext_len| Candidate {
        layout: Layout::Bound,
        plaintext_len,
    })
}

fn encode_context(header: &[u8; HEADER_LEN], context: &ValueContext<'_>) -> Context {
    Context::new(Label::ValueV2)
        .bytes(header)
        .integer(context.site_id)
        .text(context.input_type)
        .text(context.input_name)
}

/// `0x80` and then zeros, up to a whole number of blocks (ISO/IEC 7816-4).
///
/// Always at least one byte, so that a text that ends in `0x80` and zeros is unambiguous.
fn pad(plaintext: &[u8]) -> Zeroizing<Vec<u8>> {
    let padded_len = (plaintext.len() + 1).next_multiple_of(PAD_LEN);
    let mut padded = Zeroizing::new(Vec::with_capacity(padded_len));
    padded.extend_from_slice(plaintext);
    padded.push(0x80);
    padded.resize(padded_len, 0);
    padded
}

/// Takes the padding off. Only the shortest padding is one: at most a block of it.
///
/// After authentication, so that a faulty padding is its author's doing and no oracle.
fn unpad(mut padded: SecretBytes) -> Result<SecretBytes, DecryptError> {
    let bytes = padded.expose_secret();
    let marker = bytes.iter().rposition(|&byte| byte != 0).ok_or(DecryptError)?;
    if bytes.get(marker) != Some(&0x80) || bytes.len() - marker > PAD_LEN {
        return Err(DecryptError);
    }
    padded.truncate(marker);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpad_bytes(bytes: &[u8]) -> Result<Vec<u8>, DecryptError> {
        Ok(unpad(bytes.to_vec().into())?.expose_secret().to_vec())
    }

    #[test]
    fn padding_hides_the_length_up_to_a_block() {
        for length in 0..=100 {
            let padded = pad(&vec![7; length]);
            assert_eq!(padded.len(), length / PAD_LEN * PAD_LEN + PAD_LEN);
            assert_eq!(unpad_bytes(&padded).unwrap(), vec![7; length]);
        }
    }

    #[test]
    fn text_that_ends_like_padding_survives() {
        let text = [0x80, 0, 0];
        assert_eq!(unpad_bytes(&pad(&text)).unwrap(), text);
    }

    #[test]
    fn wrong_padding_is_refused() {
        let mut too_long = vec![b'a'; 64];
        too_long[31..].fill(0);
        too_long[31] = 0x80;
        for (fault, bytes) in [
            ("all zero", vec![0; 32]),
            ("no marker", vec![1; 32]),
            ("over a block", too_long),
        ] {
            assert_eq!(unpad_bytes(&bytes), Err(DecryptError), "{fault}");
        }
    }
}
