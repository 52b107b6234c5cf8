//! The modes, each over a text that is decrypted in place.
//!
//! Every mode is that of a published crate but OCB2, which is our own. The parts come from an envelope that was cut
//! by a layout, so that lengths are right for the cipher; a wrong one is an error all the same.
//!
//! | | crate | nonce |
//! |---|---|---|
//! | GCM | `aes-gcm` | 12 or 16 bytes; of 16, GHASH makes the counter (NIST SP 800-38D §7.1) |
//! | CCM | `ccm` | the first 12 or 13 bytes of the IV, as SJCL cuts it |
//! | CBC, CTR | `cbc`, `ctr` | 16 bytes |

use aes::{Aes128, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::array::typenum::Unsigned;
use aes_gcm::aead::consts::{U8, U12, U13, U16};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use ccm::Ccm;
use ctr::Ctr128BE;
use subtle::ConstantTimeEq as _;

use super::fields::Cipher;
use super::ocb2;
use super::padding::BLOCK_LEN;
use crate::error::DecryptError;

/// The longest text for which SJCL's CCM counts the length in two bytes.
const SHORT_CCM_LEN: usize = 0xffff;

/// What a cipher needs beside its key and the text.
///
/// Borrowed from the envelope: nothing of it is secret.
pub(super) struct Parts<'a> {
    /// The initialisation vector.
    pub(super) iv: &'a [u8],
    /// The tag of an AEAD; empty for the others.
    pub(super) tag: &'a [u8],
    /// What its tag covers beside the ciphertext.
    pub(super) aad: &'a [u8],
}

/// Decrypts `text` in place. When a tag does not fit, the text is of no use: the caller wipes it unseen.
pub(super) fn decrypt(cipher: Cipher, key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    match cipher {
        Cipher::Aes256Gcm if parts.iv.len() == 12 => gcm::<AesGcm<Aes256, U12>>(key, parts, text),
        Cipher::Aes256Gcm => gcm::<AesGcm<Aes256, U16>>(key, parts, text),
        Cipher::Aes128Gcm if parts.iv.len() == 12 => gcm::<AesGcm<Aes128, U12>>(key, parts, text),
        Cipher::Aes128Gcm => gcm::<AesGcm<Aes128, U16>>(key, parts, text),
        Cipher::Aes256Ccm => ccm(key, parts, text),
        Cipher::Aes256Ocb2 => {
            let iv = parts.iv.try_into().map_err(|_| DecryptError)?;
            let cipher = aes(key)?;
            ocb2::decrypt(&cipher, iv, text, parts.tag)
        }
        Cipher::Aes256Cbc => cbc_decrypt::<cbc::Decryptor<Aes256>>(key, parts, text),
        Cipher::Aes128Cbc => cbc_decrypt::<cbc::Decryptor<Aes128>>(key, parts, text),
        Cipher::Aes256Ctr => stream::<Ctr128BE<Aes256>>(key, parts, text),
        Cipher::Aes128Ctr => stream::<Ctr128BE<Aes128>>(key, parts, text),
    }
}

/// Encrypts `text` in place and returns `tag_len` bytes of tag, none for a cipher without. `None` for OCB2, in which
/// nothing is ever sealed, and for a key or IV of a wrong length.
pub(super) fn encrypt(
    cipher: Cipher,
    key: &[u8],
    parts: &Parts<'_>,
    tag_len: usize,
    text: &mut [u8],
) -> Option<Vec<u8>> {
    match cipher {
        Cipher::Aes256Gcm if parts.iv.len() == 12 => seal::<AesGcm<Aes256, U12>>(key, parts, tag_len, text),
        Cipher::Aes256Gcm => seal::<AesGcm<Aes256, U16>>(key, parts, tag_len, text),
        Cipher::Aes128Gcm if parts.iv.len() == 12 => seal::<AesGcm<Aes128, U12>>(key, parts, tag_len, text),
        Cipher::Aes128Gcm => seal::<AesGcm<Aes128, U16>>(key, parts, tag_len, text),
        Cipher::Aes256Ccm => ccm_seal(key, parts, tag_len, text),
        Cipher::Aes256Cbc => cbc_encrypt::<cbc::Encryptor<Aes256>>(key, parts, text),
        Cipher::Aes128Cbc => cbc_encrypt::<cbc::Encryptor<Aes128>>(key, parts, text),
        Cipher::Aes256Ctr => stream::<Ctr128BE<Aes256>>(key, parts, text).ok().map(|()| Vec::new()),
        Cipher::Aes128Ctr => stream::<Ctr128BE<Aes128>>(key, parts, text).ok().map(|()| Vec::new()),
        Cipher::Aes256Ocb2 => None,
    }
}

fn aes<C: KeyInit>(key: &[u8]) -> Result<C, DecryptError> {
    C::new_from_slice(key).map_err(|_| DecryptError)
}

fn nonce<A: AeadInOut>(iv: &[u8]) -> Result<&Nonce<A>, DecryptError> {
    let cut = iv.get(..A::NonceSize::USIZE).ok_or(DecryptError)?;
    cut.try_into().map_err(|_| DecryptError)
}

/// A tag of 16 bytes is checked by the cipher. Of a shorter one, the whole tag is computed by encrypting again: GCM's
/// short tags are the first bytes of the long one.
///
/// The text is decrypted before the tag is known to be right; on an error the caller's buffer is wiped with what it
/// holds.
fn gcm<A: AeadInOut + KeyInit>(key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    if parts.tag.len() == A::TagSize::USIZE {
        return open::<A>(key, parts, text);
    }
    let cipher: A = aes(key)?;
    let nonce = nonce::<A>(parts.iv)?;
    let run = |text: &mut [u8]| cipher.encrypt_inout_detached(nonce, parts.aad, InOutBuf::from(text));
    run(text).map_err(|_| DecryptError)?;
    let mut again = zeroize::Zeroizing::new(text.to_vec());
    let tag = run(&mut again).map_err(|_| DecryptError)?;
    let computed = tag.get(..parts.tag.len()).ok_or(DecryptError)?;
    if computed.ct_eq(parts.tag).into() {
        Ok(())
    } else {
        Err(DecryptError)
    }
}

pub(super) fn open<A: AeadInOut + KeyInit>(key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    let cipher: A = aes(key)?;
    open_with(&cipher, parts, text)
}

pub(super) fn open_with<A: AeadInOut>(cipher: &A, parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    let tag = <&Tag<A>>::try_from(parts.tag).map_err(|_| DecryptError)?;
    cipher
        .decrypt_inout_detached(nonce::<A>(parts.iv)?, parts.aad, InOutBuf::from(text), tag)
        .map_err(|_| DecryptError)
}

fn seal<A: AeadInOut + KeyInit>(key: &[u8], parts: &Parts<'_>, tag_len: usize, text: &mut [u8]) -> Option<Vec<u8>> {
    let cipher: A = aes(key).ok()?;
    let nonce = nonce::<A>(parts.iv).ok()?;
    let tag = cipher
        .encrypt_inout_detached(nonce, parts.aad, InOutBuf::from(text))
        .ok()?;
    tag.get(..tag_len).map(<[u8]>::to_vec)
}

/// SJCL counts the text's length in L bytes, two where they suffice, and cuts the IV to its first 15 - L.
///
/// L is 2 for texts of up to 65,535 bytes and 3 beyond, as no value has 16 MiB.
fn ccm(key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    let long_nonce = has_long_nonce(parts.iv, text);
    match (parts.tag.len(), long_nonce) {
        (8, true) => open::<Ccm<Aes256, U8, U13>>(key, parts, text),
        (8, false) => open::<Ccm<Aes256, U8, U12>>(key, parts, text),
        (12, true) => open::<Ccm<Aes256, U12, U13>>(key, parts, text),
        (12, false) => open::<Ccm<Aes256, U12, U12>>(key, parts, text),
        (_, true) => open::<Ccm<Aes256, U16, U13>>(key, parts, text),
        (_, false) => open::<Ccm<Aes256, U16, U12>>(key, parts, text),
    }
}

fn ccm_seal(key: &[u8], parts: &Parts<'_>, tag_len: usize, text: &mut [u8]) -> Option<Vec<u8>> {
    let long_nonce = has_long_nonce(parts.iv, text);
    match (tag_len, long_nonce) {
        (8, true) => seal::<Ccm<Aes256, U8, U13>>(key, parts, tag_len, text),
        (8, false) => seal::<Ccm<Aes256, U8, U12>>(key, parts, tag_len, text),
        (12, true) => seal::<Ccm<Aes256, U12, U13>>(key, parts, tag_len, text),
        (12, false) => seal::<Ccm<Aes256, U12, U12>>(key, parts, tag_len, text),
        (_, true) => seal::<Ccm<Aes256, U16, U13>>(key, parts, tag_len, text),
        (_, false) => seal::<Ccm<Aes256, U16, U12>>(key, parts, tag_len, text),
    }
}

/// An IV of 12 bytes has no thirteenth, so that L is 3 whatever the length.
pub(super) fn has_long_nonce(iv: &[u8], text: &[u8]) -> bool {
    text.len() <= SHORT_CCM_LEN && iv.len() >= 13
}

fn cbc_decrypt<D: BlockModeDecrypt + KeyIvInit>(
    key: &[u8],
    parts: &Parts<'_>,
    text: &mut [u8],
) -> Result<(), DecryptError> {
    let mut cipher = D::new_from_slices(key, parts.iv).map_err(|_| DecryptError)?;
    let (blocks, rest) = Array::slice_as_chunks_mut(text);
    cipher.decrypt_blocks(blocks);
    if rest.is_empty() { Ok(()) } else { Err(DecryptError) }
}

fn cbc_encrypt<E: BlockModeEncrypt + KeyIvInit>(key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Option<Vec<u8>> {
    let mut cipher = E::new_from_slices(key, parts.iv).ok()?;
    if !text.len().is_multiple_of(BLOCK_LEN) {
        return None;
    }
    let (blocks, _) = Array::slice_as_chunks_mut(text);
    cipher.encrypt_blocks(blocks);
    Some(Vec::new())
}

fn stream<S: StreamCipher + KeyIvInit>(key: &[u8], parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    let mut cipher = S::new_from_slices(key, parts.iv).map_err(|_| DecryptError)?;
    cipher.try_apply_keystream(text).map_err(|_| DecryptError)
}
