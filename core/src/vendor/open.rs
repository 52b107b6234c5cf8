//! Opening values under a layout.
//!
//! Order: length, version, check value, MAC, cipher with its tag, padding, encoding. All failures are one
//! [`DecryptError`]. What was decrypted before a failure is wiped; padding is removed in constant time, since where
//! nothing authenticates, a service could otherwise ask with changed values (threat model, Z59).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::check::{self, CHECK_LEN};
use super::cipher::{self, Parts};
use super::fields::{Aad, Covers, Hash, KeyEncoding, Mac, MacKey, PartOrder, TextEncoding};
use super::key_form::FormedKey;
use super::layout::Layout;
use super::padding::unpad;
use crate::envelope::MAX_ENVELOPE_LEN;
use crate::error::DecryptError;
use crate::secret::{SecretBytes, SecretText};
use crate::vault_key::{KEY_LEN, VaultKey};

/// The longest envelope that is opened, in bytes.
pub const MAX_VENDOR_LEN: usize = MAX_ENVELOPE_LEN;
/// Version byte and check bytes.
pub(super) const HEADER_LEN: usize = 1 + CHECK_LEN;

/// An envelope, cut as a layout says.
///
/// Borrowed: cutting copies nothing.
struct Cut<'a> {
    header: &'a [u8; HEADER_LEN],
    iv: &'a [u8],
    text: &'a [u8],
    tag: &'a [u8],
}

/// A key in the form that a layout uses: derived once, for many values.
///
/// The derived form is wiped when the last layout that uses it is dropped.
#[derive(Debug)]
pub(super) struct LayoutKey {
    layout: Layout,
    formed: Arc<FormedKey>,
}

impl Layout {
    /// Opens the base64 text of a value to its text.
    ///
    /// The base64 must be canonical.
    ///
    /// # Errors
    /// [`DecryptError`], whatever the cause: a wrong length, check, tag, MAC, padding or text.
    pub fn open_text(&self, key: &VaultKey, value: &str) -> Result<SecretText, DecryptError> {
        let envelope = STANDARD.decode(value).map_err(|_| DecryptError)?;
        self.open(key, &envelope)
    }

    /// Opens an envelope, of at most [`MAX_VENDOR_LEN`] bytes, to its text.
    ///
    /// # Errors
    /// [`DecryptError`], whatever the cause.
    pub fn open(&self, key: &VaultKey, envelope: &[u8]) -> Result<SecretText, DecryptError> {
        let text = LayoutKey::new(self, key).open_encoded(envelope)?;
        SecretText::from_utf8(text).map_err(|_| DecryptError)
    }

    /// Opens an envelope that holds the key of a site or a group.
    ///
    /// # Errors
    /// [`DecryptError`] when it does not open, or holds anything but 32 bytes in the layout's encoding of keys.
    pub fn open_key(&self, key: &VaultKey, envelope: &[u8]) -> Result<VaultKey, DecryptError> {
        LayoutKey::new(self, key).open_site_key(envelope)
    }

    /// Bytes of text that an envelope of this length holds at most, if the layout has such envelopes.
    ///
    /// From the length alone: for CBC and paddings of blocks, what is left must be whole blocks.
    #[must_use]
    pub fn text_len(&self, envelope_len: usize) -> Option<usize> {
        let description = self.description();
        let len = envelope_len.checked_sub(HEADER_LEN + usize::from(description.iv) + usize::from(description.tag))?;
        let fits = description.padding == super::Padding::None || (len > 0 && len.is_multiple_of(16));
        fits.then_some(len)
    }

    fn cut<'a>(&self, envelope: &'a [u8]) -> Option<Cut<'a>> {
        if envelope.len() > MAX_VENDOR_LEN {
            return None;
        }
        let text_len = self.text_len(envelope.len())?;
        let (header, body) = envelope.split_first_chunk()?;
        let description = self.description();
        let (iv_len, tag_len) = (usize::from(description.iv), usize::from(description.tag));
        let (iv, text, tag) = match description.order {
            PartOrder::IvCiphertextTag => in_order(body, iv_len, text_len),
            PartOrder::IvTagCiphertext => in_order(body, iv_len, tag_len).map(|(iv, tag, text)| (iv, text, tag)),
            PartOrder::TagIvCiphertext => in_order(body, tag_len, iv_len).map(|(tag, iv, text)| (iv, text, tag)),
            PartOrder::CiphertextIvTag => in_order(body, text_len, iv_len).map(|(text, iv, tag)| (iv, text, tag)),
        }?;
        Some(Cut { header, iv, text, tag })
    }
}

impl LayoutKey {
    pub(super) fn new(layout: &Layout, key: &VaultKey) -> Self {
        let formed = FormedKey::derive(layout.description().key, key);
        Self::with_form(layout.clone(), Arc::new(formed))
    }

    /// With the form of the key that the layout uses, which other layouts may share.
    pub(super) fn with_form(layout: Layout, formed: Arc<FormedKey>) -> Self {
        Self { layout, formed }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The cipher's key.
    pub(super) fn cipher(&self) -> &[u8] {
        self.formed.cipher(self.layout.description().cipher.key_len())
    }

    /// The text's UTF-8 bytes, of which nobody looked whether they are UTF-8.
    pub(super) fn open_encoded(&self, envelope: &[u8]) -> Result<SecretBytes, DecryptError> {
        let plain = self.open_bytes(envelope)?;
        decode_text(self.layout.description().text, plain)
    }

    /// The key of a site or a group.
    pub(super) fn open_site_key(&self, envelope: &[u8]) -> Result<VaultKey, DecryptError> {
        let plain = self.open_bytes(envelope)?;
        let mut raw = Zeroizing::new([0; KEY_LEN]);
        decode_key(self.layout.description().keys, plain.expose_secret(), &mut raw)?;
        VaultKey::from_slice(raw.as_slice()).map_err(|_| DecryptError)
    }

    /// The bytes behind the padding.
    pub(super) fn open_bytes(&self, envelope: &[u8]) -> Result<SecretBytes, DecryptError> {
        let description = self.layout.description();
        let cut = self.layout.cut(envelope).ok_or(DecryptError)?;
        let [version, stated @ ..] = *cut.header;
        if version != 1 || !check::fits(description.check, self.cipher(), stated) {
            return Err(DecryptError);
        }
        if let Some(mac) = &description.mac {
            self.verify(mac, &cut)?;
        }
        let parts = Parts {
            iv: cut.iv,
            tag: if description.mac.is_some() { &[] } else { cut.tag },
            aad: associated(description.aad, cut.header),
        };
        let mut text = Zeroizing::new(cut.text.to_vec());
        cipher::decrypt(description.cipher, self.cipher(), &parts, &mut text)?;
        unpad(description.padding, &text).map(|plain| SecretBytes::from(plain.to_vec()))
    }

    /// Before anything is decrypted, and over the bytes that `covers` says.
    fn verify(&self, mac: &Mac, cut: &Cut<'_>) -> Result<(), DecryptError> {
        let computed = self.mac(mac, cut.header, cut.iv, cut.text);
        let stated = computed.get(..cut.tag.len()).ok_or(DecryptError)?;
        if stated.ct_eq(cut.tag).into() {
            Ok(())
        } else {
            Err(DecryptError)
        }
    }

    /// The whole MAC.
    pub(super) fn mac(&self, mac: &Mac, header: &[u8; HEADER_LEN], iv: &[u8], text: &[u8]) -> Vec<u8> {
        let key = match mac.key {
            MacKey::Cipher => self.cipher(),
            MacKey::SecondHalf => self.formed.second(self.layout.description().key),
        };
        let parts: [&[u8]; 3] = match mac.covers {
            Covers::Ciphertext => [&[], &[], text],
            Covers::IvCiphertext => [&[], iv, text],
            Covers::HeaderIvCiphertext => [header, iv, text],
        };
        match mac.hash {
            Hash::Sha1 => hmac::<Hmac<Sha1>>(key, parts),
            Hash::Sha256 => hmac::<Hmac<Sha256>>(key, parts),
            Hash::Sha512 => hmac::<Hmac<Sha512>>(key, parts),
        }
    }
}

/// An HMAC takes a key of any length, so that there always is one.
fn hmac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], parts: [&[u8]; 3]) -> Vec<u8> {
    let Ok(mac) = <M as hmac::KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    let mac = parts.iter().fold(mac, |mac, part| mac.chain_update(part));
    mac.finalize().into_bytes().to_vec()
}

/// What a tag covers beside the ciphertext.
pub(super) fn associated(aad: Aad, header: &[u8; HEADER_LEN]) -> &[u8] {
    let len = match aad {
        Aad::None => 0,
        Aad::Version => 1,
        Aad::Header => HEADER_LEN,
    };
    header.get(..len).unwrap_or_default()
}

fn in_order(body: &[u8], first: usize, second: usize) -> Option<(&[u8], &[u8], &[u8])> {
    let (first, rest) = body.split_at_checked(first)?;
    let (second, third) = rest.split_at_checked(second)?;
    Some((first, second, third))
}

/// UTF-8 is checked by the caller, who makes a text of it.
pub(super) fn decode_text(encoding: TextEncoding, plain: SecretBytes) -> Result<SecretBytes, DecryptError> {
    match encoding {
        TextEncoding::Utf8 => Ok(plain),
        TextEncoding::Utf16Le => {
            let (units, rest) = plain.expose_secret().as_chunks();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            // Three bytes of UTF-8 for each unit at the most: the text never moves to a larger allocation.
            let mut text = Zeroizing::new(String::with_capacity(plain.expose_secret().len() / 2 * 3));
            for character in char::decode_utf16(units) {
                text.push(character.map_err(|_| DecryptError)?);
            }
            let text = std::mem::take(&mut *text).into_bytes();
            if rest.is_empty() {
                Ok(SecretBytes::from(text))
            } else {
                Err(DecryptError)
            }
        }
        TextEncoding::Base64 => {
            let decoded = STANDARD.decode(plain.expose_secret()).map_err(|_| DecryptError)?;
            Ok(SecretBytes::from(decoded))
        }
    }
}

/// Writes a key of exactly 32 bytes.
pub(super) fn decode_key(encoding: KeyEncoding, plain: &[u8], raw: &mut [u8; KEY_LEN]) -> Result<(), DecryptError> {
    let wrong = |_| DecryptError;
    match encoding {
        KeyEncoding::Raw => *raw = *<&[u8; KEY_LEN]>::try_from(plain).map_err(wrong)?,
        KeyEncoding::Hex => {
            let digits: &[u8; 2 * KEY_LEN] = plain.try_into().map_err(wrong)?;
            let (pairs, _) = digits.as_chunks::<2>();
            for (to, [high, low]) in raw.iter_mut().zip(pairs) {
                *to = nibble(*high)? << 4 | nibble(*low)?;
            }
        }
        KeyEncoding::Base64 => {
            let mut decoded = Zeroizing::new([0; KEY_LEN + 2]);
            let len = STANDARD
                .decode_slice(plain, decoded.as_mut_slice())
                .map_err(|_| DecryptError)?;
            let decoded: &[u8; KEY_LEN] = decoded.get(..len).unwrap_or_default().try_into().map_err(wrong)?;
            *raw = *decoded;
        }
    }
    Ok(())
}

/// Lower case alone, as `keys: hex` is specified.
fn nibble(digit: u8) -> Result<u8, DecryptError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DecryptError),
    }
}
