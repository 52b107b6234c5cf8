//! Whole messages: sealed and opened in one call.
//!
//! For what fits in memory anyway: values, records, keyrings, wrapped keys. The plaintext goes to one allocation of
//! its exact length, which the caller's type wipes.

use zeroize::Zeroizing;

use super::derive::{InputKey, MessageKey};
use super::{CHUNK_LEN, HEADER_LEN, SEALED_CHUNK_LEN, TAG_LEN};
use crate::context::Context;
use crate::error::{DecryptError, SealError};
use crate::secret::SecretBytes;

/// Bytes of the message that seals `plaintext_len` bytes; `None` when that does not fit 64 bits.
pub(crate) const fn sealed_len(plaintext_len: u64) -> Option<u64> {
    let tags = (plaintext_len / CHUNK_LEN as u64 + 1) * TAG_LEN as u64;
    plaintext_len.checked_add(tags + HEADER_LEN as u64)
}

/// Bytes of plaintext in a message of `sealed_len` bytes; `None` when no message has that length.
///
/// Every plaintext length has one message length and the reverse, so that a length alone refuses most damaged
/// messages. A last chunk has 16 to 16,399 bytes: a full one would not be the last.
pub(crate) const fn plaintext_len(sealed_len: u64) -> Option<u64> {
    let Some(chunks) = sealed_len.checked_sub(HEADER_LEN as u64) else {
        return None;
    };
    let last = chunks % SEALED_CHUNK_LEN as u64;
    if last < TAG_LEN as u64 {
        return None;
    }
    Some(chunks / SEALED_CHUNK_LEN as u64 * CHUNK_LEN as u64 + last - TAG_LEN as u64)
}

/// Seals `plaintext` under a fresh salt.
///
/// # Errors
/// [`SealError::Random`] without random bytes for the salt, and [`SealError::TooLong`] beyond 2³⁸ chunks.
pub(crate) fn seal(key: &InputKey, context: &Context, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut message = Vec::new();
    seal_into(key, context, plaintext, &mut message)?;
    Ok(message)
}

/// As [`seal`], appending the message to `out`.
pub(crate) fn seal_into(
    key: &InputKey,
    context: &Context,
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), SealError> {
    let (message_key, header) = MessageKey::generate(key, context)?;
    let length = sealed_len(plaintext.len() as u64).and_then(|length| usize::try_from(length).ok());
    out.reserve(length.ok_or(SealError::TooLong)?);
    out.extend_from_slice(&header);
    let whole_chunks = plaintext.chunks_exact(CHUNK_LEN);
    let short_chunk = whole_chunks.remainder();
    for (index, chunk) in (0..).zip(whole_chunks.chain([short_chunk])) {
        message_key.seal_chunk(index, chunk, out)?;
    }
    Ok(())
}

/// Opens a whole message, or nothing.
///
/// # Errors
/// [`DecryptError`] for every cause. A message that was cut at a chunk's border misses its short chunk, and is
/// refused by its length.
pub(crate) fn open(key: &InputKey, context: &Context, message: &[u8]) -> Result<SecretBytes, DecryptError> {
    let mut plaintext = Zeroizing::new(Vec::new());
    open_into(key, context, message, &mut plaintext)?;
    Ok(SecretBytes::from(std::mem::take(&mut *plaintext)))
}

/// Opens a whole message into `plaintext`, which is replaced. On failure it holds what opened so far, and the
/// caller drops it.
pub(crate) fn open_into(
    key: &InputKey,
    context: &Context,
    message: &[u8],
    plaintext: &mut Zeroizing<Vec<u8>>,
) -> Result<(), DecryptError> {
    let length = plaintext_len(message.len() as u64).and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or(DecryptError)?;
    let (header, chunks) = message.split_first_chunk::<HEADER_LEN>().ok_or(DecryptError)?;
    let message_key = MessageKey::receive(key, context, header)?;
    plaintext.clear();
    plaintext.reserve_exact(length);
    plaintext.resize(length, 0);
    for (index, sealed) in (0..).zip(chunks.chunks(SEALED_CHUNK_LEN)) {
        let offset = index as usize * CHUNK_LEN;
        let end = length.min(offset + CHUNK_LEN);
        let opened = plaintext.get_mut(offset..end).unwrap_or_default();
        message_key.open_chunk(index, sealed, opened)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::context::Label;
    use crate::random;

    fn key() -> InputKey {
        InputKey::new(&[7; 32])
    }

    fn context() -> Context {
        Context::new(Label::FileMetaV1).integer(1)
    }

    #[test]
    fn lengths_agree_at_every_edge() {
        for chunks in 0..4 {
            for delta in [0, 1, 2, 16_382, 16_383] {
                let plain = chunks * CHUNK_LEN as u64 + delta;
                let sealed = sealed_len(plain).unwrap();
                assert_eq!(plaintext_len(sealed), Some(plain));
                let message = seal(&key(), &context(), &vec![1; plain as usize]).unwrap();
                assert_eq!(message.len() as u64, sealed);
                assert_eq!(open(&key(), &context(), &message).unwrap().len() as u64, plain);
            }
        }
    }

    #[test]
    fn impossible_lengths_have_no_plaintext() {
        for length in [0, 55, 56, 71, 56 + 16_400, 56 + 16_400 + 15] {
            assert_eq!(plaintext_len(length), None, "{length}");
        }
        assert_eq!(sealed_len(u64::MAX), None);
    }

    #[test]
    fn a_message_cut_at_any_length_does_not_open() {
        let message = seal(&key(), &context(), &[1; CHUNK_LEN + 10]).unwrap();
        for length in (0..200).chain(message.len() - 200..message.len()) {
            assert_eq!(open(&key(), &context(), &message[..length]), Err(DecryptError));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let message = seal(&key(), &context(), b"correct horse").unwrap();
        for bit in 0..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key(), &context(), &flipped), Err(DecryptError), "bit {bit}");
        }
    }

    #[test]
    fn no_random_bytes_means_no_message() {
        let result = random::failing::with(|| seal(&key(), &context(), b"secret"));
        assert!(matches!(result, Err(SealError::Random(_))));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plaintext in proptest::collection::vec(any::<u8>(), 0..40_000)) {
            let message = seal(&key(), &context(), &plaintext).unwrap();
            let opened = open(&key(), &context(), &message).unwrap();
            prop_assert_eq!(opened.expose_secret(), &plaintext);
        }

        #[test]
        fn another_key_or_context_never_opens(other in any::<[u8; 32]>(), field in 2u64..) {
            let message = seal(&key(), &context(), b"secret").unwrap();
            prop_assert!(open(&InputKey::new(&other), &context(), &message).is_err());
            let elsewhere = Context::new(Label::FileMetaV1).integer(field);
            prop_assert!(open(&key(), &elsewhere, &message).is_err());
        }
    }
}
