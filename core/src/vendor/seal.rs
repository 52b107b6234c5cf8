//! Sealing in a layout, for accounts of which a person said that the vendor's client reads it, and for tests.
//!
//! Version 1 is bound to nothing, so that it is written only when a person asked for it, in a layout that
//! [`StoredLayout::require_sealing`](crate::keyring::StoredLayout::require_sealing) allows. What is sealed here opens
//! with [`Layout::open`] and in the vendor's client, if the layout is its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::check::{self, CHECK_LEN};
use super::cipher::{self, Parts};
use super::fields::{Check, KeyEncoding, PartOrder, TextEncoding};
use super::key_form::hex_digit;
use super::layout::Layout;
use super::open::{HEADER_LEN, LayoutKey, associated};
use super::padding::{pad, unpad};
use crate::envelope::MAX_VALUE_LEN;
use crate::error::RandomError;
use crate::random;
use crate::vault_key::VaultKey;

impl Layout {
    /// Seals a text. Returns the base64 text of the value.
    ///
    /// `number` is the vendor's number of the key, of which a layout with a check value takes no notice. The value
    /// is bound to nothing: a server can move it to another input unnoticed. The IV is random.
    ///
    /// # Errors
    /// * [`SealLayoutError::TooLong`] above 1 MiB.
    /// * [`SealLayoutError::Padding`] when the layout's padding would swallow the end of the text.
    /// * [`SealLayoutError::ReadOnly`] for OCB2, and [`SealLayoutError::Random`] without random bytes.
    pub fn seal(&self, key: &VaultKey, number: [u8; CHECK_LEN], text: &str) -> Result<String, SealLayoutError> {
        if text.len() > MAX_VALUE_LEN {
            return Err(SealLayoutError::TooLong);
        }
        let encoded = Zeroizing::new(encode_text(self.description().text, text));
        self.seal_bytes(key, number, &encoded)
    }

    /// Seals the key of a site or a group.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_key(
        &self,
        key: &VaultKey,
        number: [u8; CHECK_LEN],
        sealed: &VaultKey,
    ) -> Result<String, SealLayoutError> {
        let raw = sealed.expose_secret();
        let encoded = Zeroizing::new(match self.description().keys {
            KeyEncoding::Raw => raw.to_vec(),
            KeyEncoding::Hex => raw
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .map(hex_digit)
                .collect(),
            KeyEncoding::Base64 => STANDARD.encode(raw).into_bytes(),
        });
        self.seal_bytes(key, number, &encoded)
    }

    fn seal_bytes(&self, key: &VaultKey, number: [u8; CHECK_LEN], plain: &[u8]) -> Result<String, SealLayoutError> {
        let description = self.description();
        let key = LayoutKey::new(self, key);
        let header = header(description.check, key.cipher(), number);
        let mut iv = vec![0; usize::from(description.iv)];
        random::fill(&mut iv)?;
        let padded = Zeroizing::new(pad(description.padding, plain));
        // A text that ends in what the layout takes for padding would come back as a different one.
        if unpad(description.padding, &padded) != Ok(plain) {
            return Err(SealLayoutError::Padding);
        }
        let mut text = padded.to_vec();
        let parts = Parts {
            iv: &iv,
            tag: &[],
            aad: associated(description.aad, &header),
        };
        let tag_len = usize::from(description.tag);
        let sealed = cipher::encrypt(description.cipher, key.cipher(), &parts, tag_len, &mut text);
        let mut tag = sealed.ok_or(SealLayoutError::ReadOnly)?;
        if let Some(mac) = &description.mac {
            tag = key.mac(mac, &header, &iv, &text);
            tag.truncate(tag_len);
        }
        let parts: [&[u8]; 3] = match description.order {
            PartOrder::IvCiphertextTag => [&iv, &text, &tag],
            PartOrder::IvTagCiphertext => [&iv, &tag, &text],
            PartOrder::TagIvCiphertext => [&tag, &iv, &text],
            PartOrder::CiphertextIvTag => [&text, &iv, &tag],
        };
        Ok(STANDARD.encode([header.as_slice(), &parts.concat()].concat()))
    }
}

/// A check value is that of the cipher's key, as a reader computes it.
fn header(check: Check, key: &[u8], number: [u8; CHECK_LEN]) -> [u8; HEADER_LEN] {
    let [a, b, c, d] = match check {
        Check::Number => number,
        Check::Key { hash, end } => check::value(hash, end, key),
    };
    [1, a, b, c, d]
}

fn encode_text(encoding: TextEncoding, text: &str) -> Vec<u8> {
    match encoding {
        TextEncoding::Utf8 => text.as_bytes().to_vec(),
        TextEncoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        TextEncoding::Base64 => STANDARD.encode(text).into_bytes(),
    }
}

/// A text was not sealed in a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealLayoutError {
    /// The operating system gave no random bytes for the IV.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The text is longer than [`MAX_VALUE_LEN`].
    #[error("the text is longer than {MAX_VALUE_LEN} bytes")]
    TooLong,
    /// The text ends in what the layout takes for padding.
    #[error("the text is empty, or ends in what the layout would take for padding")]
    Padding,
    /// The cipher is broken, and only read.
    #[error("nothing is sealed in a layout of this cipher, which is broken")]
    ReadOnly,
}
