//! The layouts that are tried on a value when nothing is known of its account.
//!
//! Apart from the family: a module for browsers links these three, and not every cipher that a description can name.
//!
//! When nothing is known, only layouts whose tag decides may be tried, since a wrong one then opens nothing. The
//! padding is not part of the guess: after the tag was right, the text says whether it is padded.

use std::sync::{Arc, LazyLock};

use aes::Aes256;
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::{U8, U12, U13, U16};
use ccm::Ccm;
use zeroize::Zeroizing;

use super::catalog;
use super::cipher::{Parts, has_long_nonce, open, open_with};
use super::fields::{Cipher, Padding};
use super::layout::Layout;
use super::open::HEADER_LEN;
use super::padding::{BLOCK_LEN, unpad};
use super::prepared::{PreparedKey, PreparedKeys};
use crate::error::DecryptError;
use crate::secret::SecretBytes;
use crate::vault_key::{KEY_LEN, VaultKey};

/// Decrypts a text in place, under a vault key as it is.
type Decrypt = fn(&VaultKey, &Parts<'_>, &mut [u8]) -> Result<(), DecryptError>;

/// One guess: a layout of the catalogue, unpadded, whose tag decides.
///
/// Both layouts are made beforehand, so that a value that opened names the right one.
#[derive(Debug)]
struct Guess {
    layout: Layout,
    /// The same with the padding that a text may turn out to have.
    padded: Layout,
    decrypt: Decrypt,
}

/// The guesses, in the order in which they are tried: the same for every key.
///
/// Nothing depends on the key, so that all keys share one list.
pub(crate) fn prepare(_layouts: &[Layout], _key: &VaultKey) -> PreparedKeys {
    static GUESSES: LazyLock<PreparedKeys> = LazyLock::new(guesses);
    Arc::clone(&GUESSES)
}

fn guesses() -> PreparedKeys {
    let guesses = catalog::tried_first().filter_map(|layout| {
        let decrypt: Decrypt = match (layout.description().cipher, layout.description().iv) {
            (Cipher::Aes256Gcm, 12) => |key, parts, text| open_with(key.gcm(), parts, text),
            (Cipher::Aes256Gcm, _) => |key, parts, text| open::<AesGcm<Aes256, U16>>(key.expose_secret(), parts, text),
            _ => sjcl_ccm,
        };
        let (layout, padded) = (layout.clone(), layout.with_padding(Padding::Pkcs7)?.forever());
        Some(Box::new(Guess {
            layout,
            padded,
            decrypt,
        }) as Box<dyn PreparedKey>)
    });
    guesses.collect()
}

fn sjcl_ccm(key: &VaultKey, parts: &Parts<'_>, text: &mut [u8]) -> Result<(), DecryptError> {
    match has_long_nonce(parts.iv, text) {
        true => open::<Ccm<Aes256, U8, U13>>(key.expose_secret(), parts, text),
        false => open::<Ccm<Aes256, U8, U12>>(key.expose_secret(), parts, text),
    }
}

impl Guess {
    /// The bytes under the tag, their padding included.
    fn decrypted(&self, key: &VaultKey, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let it = self.layout.description();
        let body = envelope.get(HEADER_LEN..).ok_or(DecryptError)?;
        let (iv, sealed) = body.split_at_checked(usize::from(it.iv)).ok_or(DecryptError)?;
        let text_len = sealed.len().checked_sub(usize::from(it.tag)).ok_or(DecryptError)?;
        let (text, tag) = sealed.split_at_checked(text_len).ok_or(DecryptError)?;
        let mut text = Zeroizing::new(text.to_vec());
        (self.decrypt)(key, &Parts { iv, tag, aad: &[] }, &mut text)?;
        Ok(text)
    }
}

impl PreparedKey for Guess {
    fn open(&self, key: &VaultKey, envelope: &[u8]) -> Result<(SecretBytes, Layout), DecryptError> {
        let mut text = self.decrypted(key, envelope)?;
        match looks_padded(&text) {
            true => {
                let plain = unpad(Padding::Pkcs7, &text)?;
                Ok((SecretBytes::from(plain.to_vec()), self.padded.clone()))
            }
            false => Ok((SecretBytes::from(std::mem::take(&mut *text)), self.layout.clone())),
        }
    }

    /// The length says whether it is padded: the bytes of a key may look like anything.
    fn open_key(&self, key: &VaultKey, envelope: &[u8]) -> Result<VaultKey, DecryptError> {
        let text = self.decrypted(key, envelope)?;
        let raw = match text.len() {
            KEY_LEN => text.as_slice(),
            _ => unpad(Padding::Pkcs7, &text)?,
        };
        VaultKey::from_slice(raw).map_err(|_| DecryptError)
    }
}

/// Whether an unpadded text must be a padded one: nobody's password ends in the bytes of PKCS#7. Tabs and line ends
/// are the exception: nine, ten or thirteen of them can end a note, and stay.
///
/// Wrong only for a text of whole blocks that ends in other control characters, which nobody types.
fn looks_padded(bytes: &[u8]) -> bool {
    let padding = bytes.last().copied().unwrap_or_default();
    let is_text = matches!(padding, b'\t' | b'\n' | b'\r');
    bytes.len().is_multiple_of(BLOCK_LEN) && !is_text && unpad(Padding::Pkcs7, bytes).is_ok()
}
