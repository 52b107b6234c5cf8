//! Version 1: the vendor's layout, which is not published.
//!
//! Two sample values in the vendor's API page are all there is to go by. Their lengths fit the first row of the
//! table; the others are what the vendor's web libraries would make. Every row is authenticated, so trying them
//! in turn cannot give wrong text, only none.

use aes::Aes256;
use aes_gcm::AesGcm;
use aes_gcm::aead::array::typenum::Unsigned;
use aes_gcm::aead::consts::{U8, U12, U13, U16};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use ccm::Ccm;
use zeroize::Zeroizing;

use super::{Candidate, Layout, MAX_VALUE_LEN, OpenValueError, Version, encode, header};
use crate::error::{DecryptError, SealError};
use crate::key::{KeyId, KeySet, VaultKey};
use crate::random;
use crate::secret::SecretBytes;

/// Bytes of ciphertext that are tried at most for one value, with each layout: a megabyte under every key of a
/// full keyring would otherwise cost seconds.
const MAX_TRIED_LEN: usize = 64 << 20;

/// Opens a sealed text, given the IV in front of it, into a buffer as long as the text.
type OpenLayout = fn(&VaultKey, &[u8], &[u8], &mut [u8]) -> Result<(), DecryptError>;

/// One guess at the layout. A new one is a new row here and its name in [`Layout`].
struct Row {
    layout: Layout,
    iv_len: usize,
    tag_len: usize,
    open: OpenLayout,
}

const TABLE: [Row; 3] = [
    Row {
        layout: Layout::VendorGcm,
        iv_len: 12,
        tag_len: 16,
        open: open_gcm,
    },
    Row {
        layout: Layout::VendorSjclCcm,
        iv_len: 16,
        tag_len: 8,
        open: open_sjcl_ccm,
    },
    Row {
        layout: Layout::VendorGcmLongIv,
        iv_len: 16,
        tag_len: 16,
        open: open_gcm_long_iv,
    },
];

/// Seals `plaintext` in the vendor's layout under `key_id`, the vendor's number of the key. Returns the base64
/// text of the value.
///
/// The value is bound to nothing: a server can move it to another input unnoticed. The nonce is 12 random
/// bytes, so a key should seal no more than 2³² values this way (NIST SP 800-38D §8.3).
///
/// # Errors
/// [`SealError`] when there are no random bytes or the text is longer than [`MAX_VALUE_LEN`].
pub fn seal_vendor(key: &VaultKey, key_id: KeyId, plaintext: &str) -> Result<String, SealError> {
    if plaintext.len() > MAX_VALUE_LEN {
        return Err(SealError::TooLong);
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

/// Opens a body with the first key and layout that authenticate it.
pub(super) fn open(id: KeyId, body: &[u8], keys: &KeySet) -> Result<(SecretBytes, Layout), OpenValueError> {
    if keys.is_empty() {
        return Err(OpenValueError::NoKey(id));
    }
    let affordable = (MAX_TRIED_LEN / body.len().max(1)).max(1);
    for key in keys.vendor_first(id).take(affordable) {
        for row in &TABLE {
            if let Some(plaintext) = row.try_open(key, body) {
                return Ok((plaintext, row.layout));
            }
        }
    }
    Err(DecryptError.into())
}

/// The layouts that a body of this length can have.
pub(super) fn candidates(body_len: usize) -> impl Iterator<Item = Candidate> {
    TABLE.iter().filter_map(move |row| {
        let plaintext_len = body_len.checked_sub(row.iv_len + row.tag_len)?;
        Some(Candidate {
            layout: row.layout,
            plaintext_len,
        })
    })
}

impl Row {
    fn try_open(&self, key: &VaultKey, body: &[u8]) -> Option<SecretBytes> {
        let (iv, sealed) = body.split_at_checked(self.iv_len)?;
        let plaintext_len = sealed.len().checked_sub(self.tag_len)?;
        let mut plaintext = Zeroizing::new(vec![0; plaintext_len]);
        (self.open)(key, iv, sealed, &mut plaintext).ok()?;
        Some(SecretBytes::from(std::mem::take(&mut *plaintext)))
    }
}

fn open_gcm(key: &VaultKey, iv: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), DecryptError> {
    open_aead(key.gcm(), iv, sealed, out)
}

fn open_gcm_long_iv(key: &VaultKey, iv: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), DecryptError> {
    let cipher = AesGcm::<Aes256, U16>::new(key.expose_secret().into());
    open_aead(&cipher, iv, sealed, out)
}

/// SJCL counts the message length in L bytes, two where they suffice, and cuts the IV to its first 15 - L.
fn open_sjcl_ccm(key: &VaultKey, iv: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), DecryptError> {
    let cipher_key = key.expose_secret().into();
    if u16::try_from(out.len()).is_ok() {
        open_aead(&Ccm::<Aes256, U8, U13>::new(cipher_key), iv, sealed, out)
    } else {
        open_aead(&Ccm::<Aes256, U8, U12>::new(cipher_key), iv, sealed, out)
    }
}

/// Opens `sealed`, a ciphertext and its tag, with as much of the IV as the cipher's nonce holds.
fn open_aead<A: AeadInOut>(cipher: &A, iv: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), DecryptError> {
    let nonce = iv
        .get(..A::NonceSize::USIZE)
        .and_then(|nonce| <&Nonce<A>>::try_from(nonce).ok());
    let (body, tag) = sealed.split_at_checked(out.len()).ok_or(DecryptError)?;
    let tag = <&Tag<A>>::try_from(tag).map_err(|_| DecryptError)?;
    let buffers = InOutBuf::new(body, out).map_err(|_| DecryptError)?;
    let nonce = nonce.ok_or(DecryptError)?;
    cipher
        .decrypt_inout_detached(nonce, &[], buffers, tag)
        .map_err(|_| DecryptError)
}
