//! Secret bytes and text: wiped when dropped, never printed, compared in constant time.
//!
//! `SecretArray` is for keys, [`SecretBytes`] and [`SecretText`] for what was opened. None has `Clone`, `Display` or
//! `Serialize`: the one way to the inside is `expose_secret`, which a reviewer can search for (threat model, Z20 and
//! Z33).
//!
//! ```
//! use zkvault_core::{NotUtf8, SecretBytes, SecretText};
//!
//! let text = SecretText::from(String::from("hunter2"));
//! assert_eq!(format!("{text:?}"), "SecretText([REDACTED])");
//! assert_eq!(text.expose_secret(), "hunter2");
//! // Compared in constant time.
//! assert_eq!(SecretText::from_utf8(SecretBytes::from(b"hunter2".to_vec()))?, text);
//! // Nothing is repaired: a password with a replacement character would be a different one.
//! assert_eq!(SecretText::from_utf8(SecretBytes::from(b"hunter\xff".to_vec())), Err(NotUtf8));
//! # Ok::<(), NotUtf8>(())
//! ```

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{KeyLengthError, RandomError};
use crate::random;
use crate::stack::wipe_stack;

/// `N` secret bytes, filled in place on the heap.
///
/// Moving a plain array leaves copies on the stack that nobody wipes, so there is no way to build one of
/// these from an array by value.
pub(crate) struct SecretArray<const N: usize>(Box<[u8; N]>);

impl<const N: usize> SecretArray<N> {
    /// `N` zero bytes, to be filled through [`Self::expose_mut`].
    pub(crate) fn zeroed() -> Self {
        Self(Box::new([0; N]))
    }

    /// `N` bytes of the operating system's generator.
    pub(crate) fn generate() -> Result<Self, RandomError> {
        let mut secret = Self::zeroed();
        random::fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// A copy of `bytes`, which the caller wipes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        let mut secret = Self::zeroed();
        if bytes.len() != N {
            return Err(KeyLengthError {
                expected: N,
                actual: bytes.len(),
            });
        }
        secret.0.copy_from_slice(bytes);
        Ok(secret)
    }

    /// The same bytes in a place of their own, which is wiped as well.
    pub(crate) fn copy(&self) -> Self {
        let mut secret = Self::zeroed();
        secret.0.copy_from_slice(self.0.as_slice());
        secret
    }

    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

/// Wipes what computations with it left on the stack as well: a key is dropped when nobody computes with it any more.
impl<const N: usize> Drop for SecretArray<N> {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
        wipe_stack();
    }
}

impl<const N: usize> ZeroizeOnDrop for SecretArray<N> {}

impl<const N: usize> PartialEq for SecretArray<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for SecretArray<N> {}

impl<const N: usize> fmt::Debug for SecretArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Secret bytes of any length, wiped when dropped and redacted in `Debug`.
///
/// The whole allocation is wiped, also what lies behind the length. A `Vec` that grew before it got here left copies
/// behind: [`SecretBuffer`](crate::SecretBuffer) is for growing.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// The bytes themselves.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }

    /// The number of bytes, which is not a secret.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Shortens to `len` bytes. The tail is wiped, not only forgotten.
    pub(crate) fn truncate(&mut self, len: usize) {
        if let Some(tail) = self.0.get_mut(len..) {
            tail.zeroize();
        }
        self.0.truncate(len);
    }
}

/// Takes the buffer over without copying it.
impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Compares in constant time; only a difference in length shows at once.
impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("SecretBytes([REDACTED])")
    }
}

/// Secret text: always UTF-8, wiped when dropped and redacted in `Debug`.
///
/// Text that came from elsewhere, such as a terminal, is wiped from here on and not before.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Reads bytes as UTF-8, strictly: a password with replacement characters in it would be another password.
    ///
    /// # Errors
    /// [`NotUtf8`] when the bytes are not UTF-8. They are wiped.
    pub fn from_utf8(bytes: SecretBytes) -> Result<Self, NotUtf8> {
        let mut bytes = bytes;
        match String::from_utf8(std::mem::take(&mut bytes.0)) {
            Ok(text) => Ok(Self(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(NotUtf8)
            }
        }
    }

    /// The text itself.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

/// Takes the string over without copying it.
impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Compares in constant time; only a difference in length shows at once.
impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretText {}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("SecretText([REDACTED])")
    }
}

/// Bytes that should have been text are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the decrypted bytes are not UTF-8 text")]
pub struct NotUtf8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let array = SecretArray::<4>::from_slice(b"abcd").unwrap();
        let text = SecretText::from("hunter2".to_owned());
        let bytes = SecretBytes::from(b"hunter2".to_vec());
        insta::assert_snapshot!(
            format!("{array:?} {text:?} {bytes:?}"),
            @"[REDACTED] SecretText([REDACTED]) SecretBytes([REDACTED])"
        );
    }

    #[test]
    fn secrets_are_equal_only_byte_for_byte() {
        let equal = |left: &str, right: &str| {
            let [left, right] = [left, right].map(|text| SecretText::from(text.to_owned()));
            let bytes = |text: &SecretText| SecretBytes::from(text.expose_secret().as_bytes().to_vec());
            assert_eq!(left == right, bytes(&left) == bytes(&right));
            left == right
        };
        assert!(equal("", "") && equal("hunter2", "hunter2"));
        for other in ["", "hunter", "hunter3", "Hunter2", "hunter22"] {
            assert!(!equal("hunter2", other), "{other}");
        }
    }

    #[test]
    fn invalid_utf8_is_refused() {
        assert_eq!(SecretText::from_utf8(vec![0xff].into()), Err(NotUtf8));
    }

    #[test]
    fn wrong_length_names_both_lengths() {
        let error = SecretArray::<32>::from_slice(&[0; 31]).unwrap_err();
        assert_eq!(error.to_string(), "a key of 32 bytes is needed, 31 were given");
    }

    #[test]
    fn a_failing_generator_gives_no_key() {
        let result = random::failing::with(SecretArray::<32>::generate);
        assert_eq!(result.unwrap_err(), RandomError);
    }
}
