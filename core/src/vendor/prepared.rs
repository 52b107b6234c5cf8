//! A key in the form of one layout, kept while many values are opened.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::inout::InOutBuf;
use zeroize::Zeroizing;

use super::fields::{Aad, Check, Cipher, KeyForm, Padding, PartOrder, TextEncoding};
use super::layout::Layout;
use super::open::{HEADER_LEN, LayoutKey};
use super::padding::{BLOCK_LEN, unpad};
use crate::error::DecryptError;
use crate::key::VaultKey;
use crate::secret::SecretBytes;

/// A key, ready to try one layout.
#[derive(Debug)]
pub(crate) struct PreparedKey {
    key: LayoutKey,
    /// The same layout with the padding that a text turns out to have; for a layout that is only a guess.
    padded: Option<Layout>,
    /// Whether the vault key's own schedule serves.
    is_plain_gcm: bool,
}

impl PreparedKey {
    /// For a layout that was found or given: it is taken as it is.
    pub(crate) fn exact(layout: &Layout, key: &VaultKey) -> Self {
        Self {
            key: LayoutKey::new(layout, key),
            padded: None,
            is_plain_gcm: is_plain_gcm(layout),
        }
    }

    /// For an unpadded layout of the catalogue: a padding is taken off when the text has one.
    pub(crate) fn guess(layout: &Layout, key: &VaultKey) -> Self {
        let padded = layout.with_padding(Padding::Pkcs7);
        Self {
            padded,
            ..Self::exact(layout, key)
        }
    }

    /// The text's bytes, and the layout that gave them.
    pub(crate) fn open(&self, key: &VaultKey, envelope: &[u8]) -> Result<(SecretBytes, Layout), DecryptError> {
        let bytes = match self.is_plain_gcm {
            true => open_plain_gcm(key, envelope)?,
            false => self.key.open_encoded(envelope)?,
        };
        match &self.padded {
            Some(padded) if looks_padded(bytes.expose_secret()) => {
                let text = unpad(Padding::Pkcs7, bytes.expose_secret())?;
                Ok((SecretBytes::from(text.to_vec()), padded.clone()))
            }
            _ => Ok((bytes, self.key.layout().clone())),
        }
    }
}

/// Whether an unpadded text must be a padded one: nobody's password ends in the bytes of PKCS#7. Tabs and line ends
/// are the exception: nine, ten or thirteen of them can end a note, and stay.
fn looks_padded(bytes: &[u8]) -> bool {
    let padding = bytes.last().copied().unwrap_or_default();
    bytes.len().is_multiple_of(BLOCK_LEN)
        && !matches!(padding, b'\t' | b'\n' | b'\r')
        && unpad(Padding::Pkcs7, bytes).is_ok()
}

/// Whether it is the one layout for which a vault key is prepared already.
fn is_plain_gcm(layout: &Layout) -> bool {
    let it = layout.description();
    it.cipher == Cipher::Aes256Gcm
        && (it.iv, it.tag, it.key) == (12, 16, KeyForm::Raw)
        && (it.order, it.aad, it.check) == (PartOrder::IvCiphertextTag, Aad::None, Check::Number)
        && (it.padding, it.text) == (Padding::None, TextEncoding::Utf8)
}

fn open_plain_gcm(key: &VaultKey, envelope: &[u8]) -> Result<SecretBytes, DecryptError> {
    let body = envelope.get(HEADER_LEN..).ok_or(DecryptError)?;
    let (nonce, sealed) = body.split_first_chunk::<12>().ok_or(DecryptError)?;
    let (text, tag) = sealed.split_last_chunk::<16>().ok_or(DecryptError)?;
    let mut plaintext = Zeroizing::new(vec![0; text.len()]);
    let buffers = InOutBuf::new(text, &mut plaintext).map_err(|_| DecryptError)?;
    key.gcm()
        .decrypt_inout_detached(nonce.into(), &[], buffers, tag.into())
        .map_err(|_| DecryptError)?;
    Ok(SecretBytes::from(std::mem::take(&mut *plaintext)))
}
