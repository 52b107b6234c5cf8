//! What becomes of a vault key before a layout uses it.
//!
//! SJCL takes keys as arrays of bits, and a program may hand it the text of a key instead: 64 hex digits, of which a
//! cipher of 256 bits takes 32. So a layout says which of these became the cipher's key, and which half the MAC's.

use std::sync::Arc;

use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use super::fields::KeyForm;
use crate::secret::SecretArray;
use crate::vault_key::{KEY_LEN, VaultKey};

/// The forms of one key, each derived when it is first needed.
///
/// A search tries thousands of layouts with five forms.
pub(super) struct KeyForms<'a> {
    key: &'a VaultKey,
    forms: Vec<(KeyForm, Arc<FormedKey>)>,
}

impl<'a> KeyForms<'a> {
    pub(super) fn new(key: &'a VaultKey) -> Self {
        Self { key, forms: Vec::new() }
    }

    pub(super) fn get(&mut self, form: KeyForm) -> Arc<FormedKey> {
        if let Some((_, known)) = self.forms.iter().find(|(known, _)| *known == form) {
            return Arc::clone(known);
        }
        let formed = Arc::new(FormedKey::derive(form, self.key));
        self.forms.push((form, Arc::clone(&formed)));
        formed
    }
}

/// The two halves of a key's form, each 32 bytes; of the first, a cipher takes as many as it needs.
///
/// Both halves are wiped when it is dropped, with what deriving them left on the stack.
#[derive(Debug)]
pub(super) struct FormedKey {
    cipher: SecretArray<32>,
    second: SecretArray<32>,
}

impl FormedKey {
    /// Derives the form.
    pub(super) fn derive(form: KeyForm, key: &VaultKey) -> Self {
        let mut formed = Self {
            cipher: SecretArray::zeroed(),
            second: SecretArray::zeroed(),
        };
        formed.fill(form, key.expose_secret());
        formed
    }

    /// Apart, so that what hashing leaves on the stack is where dropping a [`SecretArray`] wipes.
    #[inline(never)]
    fn fill(&mut self, form: KeyForm, key: &[u8; KEY_LEN]) {
        let (cipher, second) = (self.cipher.expose_mut(), self.second.expose_mut());
        match form {
            KeyForm::Raw => {
                *cipher = *key;
                *second = *key;
            }
            KeyForm::HexText => write_hex(key, cipher, second),
            KeyForm::Sha256 => {
                Sha256::new().chain_update(key).finalize_into(cipher.into());
                *second = *cipher;
            }
            KeyForm::Sha512Halves => {
                let mut hash = Zeroizing::new([0; 64]);
                Sha512::new().chain_update(key).finalize_into((&mut *hash).into());
                let (first, last) = hash.split_at(32);
                cipher.copy_from_slice(first);
                second.copy_from_slice(last);
            }
            KeyForm::First16 => {
                let (first, last) = key.split_at(16);
                cipher.iter_mut().zip(first).for_each(|(to, from)| *to = *from);
                second.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// The cipher's key: the first `len` bytes of the first half.
    pub(super) fn cipher(&self, len: usize) -> &[u8] {
        self.cipher.expose().get(..len).unwrap_or_default()
    }

    /// The second half: 32 bytes, or 16 of [`KeyForm::First16`].
    pub(super) fn second(&self, form: KeyForm) -> &[u8] {
        let len = if form == KeyForm::First16 { 16 } else { 32 };
        self.second.expose().get(..len).unwrap_or_default()
    }
}

/// Writes 64 lower-case hex digits, half of them into each part.
///
/// Without a table, whose lookups would depend on the key.
fn write_hex(key: &[u8; KEY_LEN], first: &mut [u8; 32], second: &mut [u8; 32]) {
    let digits = first.iter_mut().chain(second);
    let nibbles = key.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.zip(nibbles).for_each(|(to, nibble)| *to = hex_digit(nibble));
}

/// The lower-case digit of a nibble, in the same time for each: after "9" come 39 other characters before "a".
pub(super) fn hex_digit(nibble: u8) -> u8 {
    let is_letter = 9_u8.wrapping_sub(nibble) >> 7;
    nibble + b'0' + is_letter * 39
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(form: KeyForm) -> (String, String) {
        let bytes: Vec<u8> = (0xe0..=0xff).collect();
        let formed = FormedKey::derive(form, &VaultKey::from_slice(&bytes).unwrap());
        (hex::encode(formed.cipher(32)), hex::encode(formed.second(form)))
    }

    /// The hashes were computed with coreutils.
    #[test]
    fn every_form_has_its_two_halves() {
        let raw: String = (0xe0..=0xff).map(|byte: u8| format!("{byte:02x}")).collect();
        assert_eq!(halves(KeyForm::Raw), (raw.clone(), raw.clone()));
        let (first, last) = halves(KeyForm::HexText);
        let text = String::from_utf8(hex::decode(first + &last).unwrap()).unwrap();
        assert_eq!(text, raw);
        let (first, last) = halves(KeyForm::First16);
        assert_eq!((first.get(..32), last.as_str()), (raw.get(..32), &raw[32..]));
    }

    #[test]
    fn every_nibble_has_its_digit() {
        let bytes: Vec<u8> = (0..32).map(|index: u8| index.wrapping_mul(0x11)).collect();
        let formed = FormedKey::derive(KeyForm::HexText, &VaultKey::from_slice(&bytes).unwrap());
        let text = [formed.cipher(32), formed.second(KeyForm::HexText)].concat();
        assert_eq!(String::from_utf8(text).unwrap(), hex::encode(bytes));
    }
}
