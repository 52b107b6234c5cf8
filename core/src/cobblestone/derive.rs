//! From an input key, a salt and a context to the keys of one message.
//!
//! HKDF-Expand (RFC 5869 §2.3) without an Extract: the input keys are uniformly random, or outputs of a KDF. Two
//! blocks of HMAC-SHA-512 are 128 bytes, of which 32 are the AES key, 12 the base nonce and 32 the commitment; the
//! rest is discarded.

use hmac::digest::FixedOutput;
use hmac::digest::array::Array;
use hmac::digest::consts::{U12, U32, U64};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::gcm::{Gcm, KEY_LEN, NONCE_LEN};
use super::{COMMITMENT_LEN, HEADER_LEN, MAX_CHUNKS, SALT_LEN, TAG_LEN};
use crate::context::Context;
use crate::error::{DecryptError, RandomError, SealError};
use crate::random;

const INFO_PREFIX: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
const HMAC_BLOCK_LEN: usize = 128;
/// One block of HKDF output.
type Block = Zeroizing<[u8; 64]>;

/// A 32-byte input key with its HMAC pads absorbed: two of eight hash compressions are paid once per key. The pads
/// are as secret as the key, and stay where they are when this is moved.
///
/// Boxed, because a moved value leaves a copy on the stack that nobody wipes. It is built once for a key that lives
/// long, such as a vault key, and not for each value.
pub(crate) struct InputKey(Box<Hmac<Sha512>>);

impl InputKey {
    /// The key is copied into the pads; the caller wipes its own.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        // HMAC pads a short key with zeros to a block; doing it here needs no fallible constructor.
        let mut block = Zeroizing::new([0; HMAC_BLOCK_LEN]);
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self(Box::new(Hmac::new((&*block).into())))
    }

    /// `T(counter) = HMAC(key, previous || info || counter)` of HKDF-Expand (RFC 5869 §2.3).
    fn expand(&self, previous: &[u8], salt: &[u8], context: &Context, counter: u8) -> Block {
        let mut mac = (*self.0).clone();
        mac.update(previous);
        mac.update(INFO_PREFIX);
        mac.update(salt);
        mac.update(context.as_bytes());
        mac.update(&[counter]);
        let mut block = Block::new([0; 64]);
        mac.finalize_into((&mut *block).into());
        block
    }
}

/// Key and base nonce of one message, bare: for who seals and opens its chunks with another AES-GCM than ours.
///
/// WebCrypto in a browser does AES-GCM several times faster than code in WebAssembly does: see `file/external.rs`.
/// The first block of output holds both, and the whole of it is wiped.
pub(crate) struct ChunkKey(Block);

impl ChunkKey {
    /// As [`MessageKey::generate`].
    pub(crate) fn generate(key: &InputKey, context: &Context) -> Result<(Self, [u8; HEADER_LEN]), RandomError> {
        let salt: [u8; SALT_LEN] = random::array()?;
        let (chunk_key, commitment) = Self::derive(key, &salt, context);
        Ok((chunk_key, header(&salt, &commitment)))
    }

    /// As [`MessageKey::receive`].
    ///
    /// The commitment is compared in constant time: where the first difference is would help to forge one.
    pub(crate) fn receive(key: &InputKey, context: &Context, header: &[u8; HEADER_LEN]) -> Result<Self, DecryptError> {
        let (salt, commitment) = header.split_at(SALT_LEN);
        let (chunk_key, expected) = Self::derive(key, salt, context);
        match bool::from(expected.ct_eq(commitment)) {
            true => Ok(chunk_key),
            false => Err(DecryptError),
        }
    }

    /// The 32 bytes of the AES key.
    pub(crate) fn key(&self) -> &[u8] {
        self.parts().0
    }

    /// The 12 bytes of the first chunk's nonce.
    pub(crate) fn base_nonce(&self) -> &[u8] {
        self.parts().1
    }

    fn parts(&self) -> (&[u8; KEY_LEN], &[u8; NONCE_LEN]) {
        let (aes_key, rest) = <&Array<u8, U64>>::from(&*self.0).split_ref::<U32>();
        (aes_key.as_ref(), rest.split_ref::<U12>().0.as_ref())
    }

    fn derive(key: &InputKey, salt: &[u8], context: &Context) -> (Self, [u8; COMMITMENT_LEN]) {
        let first = key.expand(&[], salt, context, 1);
        let second = key.expand(first.as_slice(), salt, context, 2);
        let mut commitment = [0; COMMITMENT_LEN];
        let from = first.iter().chain(second.iter()).skip(KEY_LEN + NONCE_LEN);
        commitment.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        (Self(first), commitment)
    }
}

fn header(salt: &[u8; SALT_LEN], commitment: &[u8; COMMITMENT_LEN]) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let (salt_part, commitment_part) = header.split_at_mut(SALT_LEN);
    salt_part.copy_from_slice(salt);
    commitment_part.copy_from_slice(commitment);
    header
}

/// Key and base nonce of one message: what seals and opens its chunks, each under its number.
///
/// The cipher's round keys are wiped when it is dropped.
pub(super) struct MessageKey {
    gcm: Gcm,
    base_nonce: [u8; NONCE_LEN],
}

impl MessageKey {
    /// The keys of a new message under a fresh random salt, and the header that goes in front of it.
    pub(super) fn generate(key: &InputKey, context: &Context) -> Result<(Self, [u8; HEADER_LEN]), RandomError> {
        Ok(Self::with_salt(key, context, random::array()?))
    }

    /// As [`Self::generate`], with a given salt: for vectors only outside this module.
    pub(super) fn with_salt(key: &InputKey, context: &Context, salt: [u8; SALT_LEN]) -> (Self, [u8; HEADER_LEN]) {
        let (message_key, commitment) = Self::derive(key, &salt, context);
        (message_key, header(&salt, &commitment))
    }

    /// The keys of a message whose header was received; the commitment is checked here, so nothing can be
    /// opened under a key that the sealer did not commit to.
    pub(super) fn receive(key: &InputKey, context: &Context, header: &[u8; HEADER_LEN]) -> Result<Self, DecryptError> {
        ChunkKey::receive(key, context, header).map(|chunk_key| Self::of(&chunk_key))
    }

    fn derive(key: &InputKey, salt: &[u8], context: &Context) -> (Self, [u8; COMMITMENT_LEN]) {
        let (chunk_key, commitment) = ChunkKey::derive(key, salt, context);
        (Self::of(&chunk_key), commitment)
    }

    fn of(chunk_key: &ChunkKey) -> Self {
        let (aes_key, base_nonce) = chunk_key.parts();
        Self {
            gcm: Gcm::new(aes_key),
            base_nonce: *base_nonce,
        }
    }

    /// Seals chunk `index` and appends it to `out`, [`TAG_LEN`] bytes longer than `plaintext`.
    ///
    /// Callers in this module number the chunks of a message upwards from zero and never seal one twice.
    pub(super) fn seal_chunk(&self, index: u64, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let nonce = self.nonce(index).ok_or(SealError::TooLong)?;
        let start = out.len();
        out.extend_from_slice(plaintext);
        let body = out.get_mut(start..).unwrap_or_default();
        let tag = self.gcm.seal(nonce, body).ok_or(SealError::TooLong)?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// Opens chunk `index` from `sealed` into `plaintext`, which is [`TAG_LEN`] bytes shorter. On failure the
    /// plaintext holds nothing of the message.
    pub(super) fn open_chunk(&self, index: u64, sealed: &[u8], plaintext: &mut [u8]) -> Result<(), DecryptError> {
        let nonce = self.nonce(index).ok_or(DecryptError)?;
        let (body, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(DecryptError)?;
        match self.gcm.open(nonce, body, tag, plaintext) {
            true => Ok(()),
            false => Err(DecryptError),
        }
    }

    /// The nonce of a chunk, or `None` from the first number that C2SP forbids.
    ///
    /// `base_nonce XOR u96be(index)`: distinct for distinct numbers, whatever the base is.
    fn nonce(&self, index: u64) -> Option<[u8; NONCE_LEN]> {
        if index >= MAX_CHUNKS {
            return None;
        }
        let mut nonce = self.base_nonce;
        for (byte, counter) in nonce.iter_mut().rev().zip(index.to_le_bytes()) {
            *byte ^= counter;
        }
        Some(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Label;

    fn message_key() -> MessageKey {
        let context = Context::new(Label::FileMetaV1);
        MessageKey::with_salt(&InputKey::new(&[7; 32]), &context, [0; SALT_LEN]).0
    }

    #[test]
    fn the_nonce_counts_in_every_byte_that_chunk_numbers_have() {
        let key = message_key();
        for (index, expected) in [
            (0, "000000000000000000000000"),
            (0x0102, "000000000000000000000102"),
            (0x3f_1234_5678, "000000000000003f12345678"),
        ] {
            let nonce = key.nonce(index).unwrap();
            let counter: Vec<u8> = nonce
                .iter()
                .zip(key.base_nonce)
                .map(|(byte, base)| byte ^ base)
                .collect();
            assert_eq!(hex::encode(counter), expected);
        }
    }

    #[test]
    fn chunks_beyond_the_last_number_are_neither_sealed_nor_opened() {
        let (key, mut sealed) = (message_key(), Vec::new());
        key.seal_chunk(MAX_CHUNKS - 1, b"x", &mut sealed).unwrap();
        assert_eq!(key.open_chunk(MAX_CHUNKS - 1, &sealed, &mut [0]), Ok(()));
        for index in [MAX_CHUNKS, u64::MAX] {
            assert_eq!(key.seal_chunk(index, b"x", &mut sealed), Err(SealError::TooLong));
            assert_eq!(key.nonce(index), None);
        }
        assert_eq!(sealed.len(), 1 + TAG_LEN, "nothing was appended");
    }
}
