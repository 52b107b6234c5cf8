//! Keys as files and people hold them: 32 bytes, or the text of them.
//!
//! ```text
//! 32 bytes                          as they are, also with one line end after them
//! 64 hexadecimal digits             in either case, unless there are 44 characters
//! base64 of 32 bytes                in either alphabet, padded or not
//! ```
//!
//! Tried in this order (docs/spec/conventions.md#key-files). It is the one place where base64 need not be canonical:
//! a key comes from a person's hands, through mail programs and clipboards, and whether it is the right one shows
//! when it opens something.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::{KEY_LEN, VaultKey};
use crate::secret_buffer::SecretBuffer;
use crate::text::{self, TextError};

/// Bytes of the longest key file: more than 64 hexadecimal digits in UTF-16, each on a line of its own.
pub const MAX_KEY_FILE_LEN: usize = 1024;
/// Characters of a key in base64, with its padding.
const BASE64_LEN: usize = 44;

impl VaultKey {
    /// Reads a key file, or what a person pasted: 32 bytes as they are, or as text, 64 hexadecimal digits or base64
    /// in either alphabet, padded or not. Around and between the characters there may be what [`text::unwrapped`] removes,
    /// and one line end may follow raw bytes.
    ///
    /// Exactly 32 bytes are always the key itself, and 44 characters always base64.
    ///
    /// ```
    /// use zkvault_core::key::{KeyTextError, VaultKey};
    ///
    /// let key = VaultKey::from_slice(&[0xff; 32])?;
    /// // Both alphabets, without padding, in a mail that was quoted and wrapped.
    /// let slashes = |count: usize| "/".repeat(count);
    /// for text in [slashes(42) + "8=", "_".repeat(42) + "8", format!("> {}\r\n> {}8=\r\n", slashes(22), slashes(20))] {
    ///     assert_eq!(VaultKey::from_file(text.as_bytes())?, key);
    /// }
    /// assert_eq!(VaultKey::from_file("FF".repeat(32).as_bytes())?, key);
    /// assert_eq!(VaultKey::from_file(b"hunter2"), Err(KeyTextError::Bytes { actual: 7 }));
    /// assert_eq!(VaultKey::from_file(b"00ff"), Err(KeyTextError::Length { actual: 2 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// * [`KeyTextError::TooLong`] above 1,024 bytes, and [`KeyTextError::Empty`] when there is only white space.
    /// * [`KeyTextError::Text`] for UTF-16 without a byte order mark, or damaged, and for UTF-32.
    /// * [`KeyTextError::Bytes`] when it is neither hexadecimal nor base64, and [`KeyTextError::Length`] when it is
    ///   one of them and stands for another number of bytes than 32.
    ///
    /// No error repeats the text: it may be a key that was cut.
    pub fn from_file(file: &[u8]) -> Result<Self, KeyTextError> {
        if file.len() > MAX_KEY_FILE_LEN {
            return Err(KeyTextError::TooLong);
        }
        let line = file.strip_suffix(b"\n").unwrap_or(file);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        for raw in [file, line] {
            if let Ok(key) = Self::from_slice(raw) {
                return Ok(key);
            }
        }
        Self::from_key_text(file)
    }

    fn from_key_text(file: &[u8]) -> Result<Self, KeyTextError> {
        let mut buffer = SecretBuffer::new();
        let text = text::decode(file, &mut buffer).map_err(|error| match error {
            TextError::NotUtf8 => KeyTextError::Bytes { actual: file.len() },
            error => KeyTextError::Text(error),
        })?;
        let digits = text::unwrapped(text);
        if digits.expose_secret().is_empty() {
            return Err(KeyTextError::Empty);
        }
        let mut bytes = Zeroizing::new([0; MAX_KEY_FILE_LEN]);
        let length = decode(digits.expose_secret().as_bytes(), bytes.as_mut_slice());
        let length = length.ok_or(KeyTextError::Bytes { actual: file.len() })?;
        let key = bytes.get(..length).unwrap_or_default();
        Self::from_slice(key).map_err(|error| KeyTextError::Length { actual: error.actual })
    }
}

/// Decodes hexadecimal digits or base64 to the beginning of `bytes`, and returns how many there are.
///
/// The buffer is the caller's, which wipes it; the decoders write to it and nowhere else.
fn decode(digits: &[u8], bytes: &mut [u8]) -> Option<usize> {
    // A padded base64 key, even if all of its characters happen to be digits.
    if digits.len() != BASE64_LEN
        && let Some(length) = decode_hex(digits, bytes)
    {
        return Some(length);
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let is_url_safe = digits.iter().any(|digit| matches!(digit, b'-' | b'_'));
    let alphabet = if is_url_safe {
        &alphabet::URL_SAFE
    } else {
        &alphabet::STANDARD
    };
    GeneralPurpose::new(alphabet, config).decode_slice(digits, bytes).ok()
}

fn decode_hex(digits: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (value_of(*high)? << 4) | value_of(*low)?;
    }
    Some(pairs.len())
}

fn value_of(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}

/// A file or text is not a key. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// It contains nothing.
    #[error("it is empty")]
    Empty,
    /// It is longer than [`MAX_KEY_FILE_LEN`].
    #[error("it is longer than {MAX_KEY_FILE_LEN} bytes")]
    TooLong,
    /// It is text in an encoding that is not read.
    #[error(transparent)]
    Text(TextError),
    /// It is neither 32 bytes nor hexadecimal digits nor base64.
    #[error("it holds {actual} bytes")]
    Bytes {
        /// How many bytes there are.
        actual: usize,
    },
    /// It is hexadecimal or base64, but not of 32 bytes.
    #[error("a key of {KEY_LEN} bytes is needed, {actual} were given as text")]
    Length {
        /// How many bytes the text stands for.
        actual: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn raw() -> Vec<u8> {
        (0..32).collect()
    }

    fn key(file: &[u8]) -> Result<Vec<u8>, KeyTextError> {
        VaultKey::from_file(file).map(|key| key.expose_secret().to_vec())
    }

    fn message(file: &[u8]) -> String {
        key(file).unwrap_err().to_string()
    }

    #[test]
    fn every_form_with_every_line_end_is_the_same_key() {
        let upper = HEX.to_uppercase();
        let texts = [HEX, &upper, BASE64, BASE64.trim_end_matches('=')];
        for form in texts.map(|text| text.as_bytes().to_vec()).into_iter().chain([raw()]) {
            for end in ["", "\n", "\r\n"] {
                let file = [&form, end.as_bytes()].concat();
                assert_eq!(key(&file), Ok(raw()), "{file:?}");
            }
        }
    }

    #[test]
    fn what_machines_add_is_no_part_of_the_key() {
        let spaced: String = HEX
            .as_bytes()
            .chunks(8)
            .map(|part| format!("{} ", str::from_utf8(part).unwrap()))
            .collect();
        let (first, second) = BASE64.split_at(20);
        for text in [
            format!("\u{feff}{HEX}\r\n\r\n"),
            format!("  {BASE64}\t"),
            format!("{first}\r\n{second}\r\n"),
            format!("\"{BASE64}\"\n"),
            format!("-----BEGIN VAULT KEY-----\n{BASE64}\n-----END VAULT KEY-----\n"),
            spaced,
        ] {
            assert_eq!(key(text.as_bytes()), Ok(raw()), "{text:?}");
            let utf16: Vec<u8> = [0xfeff]
                .into_iter()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            assert_eq!(key(&utf16), Ok(raw()), "{text:?} in UTF-16");
        }
        let unmarked: Vec<u8> = HEX.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(key(&unmarked), Err(KeyTextError::Text(TextError::UnmarkedUtf16)));
    }

    #[test]
    fn a_raw_key_may_end_in_a_line_end_or_begin_with_a_mark_of_its_own() {
        for (place, byte) in [(31, b'\n'), (31, b'\r')] {
            let mut bytes = raw();
            bytes[place] = byte;
            assert_eq!(key(&bytes), Ok(bytes));
        }
        for mark in [&b"\xef\xbb\xbf"[..], b"\xff\xfe"] {
            let mut bytes = raw();
            bytes[..mark.len()].copy_from_slice(mark);
            assert_eq!(key(&bytes), Ok(bytes.clone()));
        }
    }

    #[test]
    fn both_alphabets_are_read_and_no_mixture_of_them() {
        let standard = "+/8CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let url_safe = standard.replace('+', "-").replace('/', "_");
        assert_eq!(key(standard.as_bytes()).unwrap(), key(url_safe.as_bytes()).unwrap());
        assert_eq!(
            key(standard.replace('+', "-").as_bytes()),
            Err(KeyTextError::Bytes { actual: 44 })
        );
    }

    #[test]
    fn digits_that_could_be_both_are_told_apart_by_their_number() {
        let base64_of_digits = [b'0'; 43];
        assert_eq!(key(&base64_of_digits).map(|key| key.len()), Ok(32));
        assert_eq!(key(&[b'0'; 44]), Err(KeyTextError::Length { actual: 33 }));
        assert_eq!(key(&[b'0'; 64]), Ok(vec![0; 32]));
    }

    #[test]
    fn any_other_length_is_refused_with_its_number() {
        assert_eq!(message(b""), "it is empty");
        assert_eq!(message(b" \r\n"), "it is empty");
        assert_eq!(message(&raw()[..31]), "it holds 31 bytes");
        assert_eq!(message(&[0xff; 34]), "it holds 34 bytes");
        assert_eq!(
            message(&HEX.as_bytes()[..62]),
            "a key of 32 bytes is needed, 31 were given as text"
        );
        assert_eq!(
            message(&[b'0'; 66]),
            "a key of 32 bytes is needed, 33 were given as text"
        );
        assert_eq!(
            message("x".repeat(64).as_bytes()),
            "a key of 32 bytes is needed, 48 were given as text"
        );
        assert_eq!(
            message(&[b'0'; 1024]),
            "a key of 32 bytes is needed, 512 were given as text"
        );
        assert_eq!(message(&[b'0'; 1025]), "it is longer than 1024 bytes");
    }

    #[test]
    fn base64_with_stray_bits_is_refused() {
        let stray = BASE64.replace("8=", "9=");
        assert_eq!(key(stray.as_bytes()), Err(KeyTextError::Bytes { actual: 44 }));
    }

    #[test]
    fn no_error_quotes_the_file() {
        for file in [&b"hunter2 hunter2"[..], b"hunter2\xff", b"h\0u\0n\0"] {
            let error = VaultKey::from_file(file).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_key_is_read_from_every_form(bytes: [u8; 32]) {
            let hex = hex::encode(bytes);
            let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
            let url_safe = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(key(&bytes).unwrap(), &bytes);
            for text in [hex, base64, url_safe] {
                prop_assert_eq!(key(text.as_bytes()).unwrap(), &bytes, "{}", text);
                prop_assert_eq!(key(format!("\u{feff}{text}\r\n").as_bytes()).unwrap(), &bytes);
            }
        }

        #[test]
        fn whatever_is_given_never_panics(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = key(&file);
        }
    }
}
