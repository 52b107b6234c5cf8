//! Text as machines write it: byte order marks, UTF-16 from PowerShell, line ends, and base64 that a mail wrapped.
//!
//! One reader for key files, passphrase files, identities, activations, documents and responses. It is strict about
//! characters and lenient about what surrounds them: nothing is replaced, and white space inside a secret stays.
//!
//! ```
//! use zkvault_core::text;
//!
//! // What `echo secret > file` writes in Windows PowerShell 5.1: UTF-16 with a byte order mark.
//! let file = b"\xff\xfes\0e\0c\0r\0e\0t\0\r\0\n\0";
//! assert_eq!(text::secret(file)?.expose_secret(), "secret");
//! assert_eq!(text::trimmed("\u{feff} 4f6c2a\r\n"), "4f6c2a");
//! assert_eq!(text::unwrapped("AdjYf34M\r\nAAAA").expose_secret(), "AdjYf34MAAAA");
//! # Ok::<(), text::TextError>(())
//! ```
//!
//! | | removes | for |
//! |---|---|---|
//! | [`decode`] | the byte order mark | files, documents, responses |
//! | [`secret`] | the mark, and line ends after the text | a file with one password or passphrase |
//! | [`trimmed`] | white space and invisible characters around it | identifiers, addresses, generated tokens |
//! | [`credential`] | that, and quotation marks around it; names what it must not have inside | API keys and API secrets |
//! | [`unwrapped`] | those inside as well, quotes, armour | base64 and hexadecimal digits |
//! | [`folded`] | accents composed differently, upper case | names that are compared |
//!
//! Which one is right depends on who made the text: in what a person chose, white space counts.

mod credential;
mod decoder;

use std::borrow::Cow;

use zeroize::Zeroizing;
use zkvault_host::to_nfc;

use crate::secret::SecretText;
use crate::secret_buffer::SecretBuffer;

pub use credential::{CredentialError, credential, unseen};
pub use decoder::Decoder;

/// Bytes are not text in an encoding that is read. No message quotes them: they may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// They are not UTF-8, and no mark says that they are anything else.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// They are UTF-16, but end within a character or contain half of a surrogate pair.
    #[error("it is UTF-16 text that is cut or damaged")]
    BrokenUtf16,
    /// They look like UTF-16, and no byte order mark says in which order.
    #[error("it looks like UTF-16 without a byte order mark: save it as UTF-8")]
    UnmarkedUtf16,
    /// They begin with the byte order mark of UTF-32.
    #[error("it is UTF-32: save it as UTF-8")]
    Utf32,
}

/// Reads bytes as text: UTF-8, with a byte order mark or without, or UTF-16 with one. The mark is no part of the text.
///
/// UTF-8 is borrowed as it is. `buffer` takes UTF-16 in its other form, and is overwritten.
///
/// # Errors
/// * [`TextError::NotUtf8`] when a byte is not, and no mark says that it is anything else.
/// * [`TextError::BrokenUtf16`] when UTF-16 ends within a character or holds half of a surrogate pair.
/// * [`TextError::UnmarkedUtf16`] and [`TextError::Utf32`], which say how to save the file.
///
/// Nothing is replaced: a password with U+FFFD in it would be a different one.
pub fn decode<'a>(bytes: &'a [u8], buffer: &'a mut SecretBuffer) -> Result<&'a str, TextError> {
    let text = match decoder::skip_utf8_mark(bytes) {
        Some(text) => text,
        None => {
            Decoder::new().decode_all(bytes, buffer)?;
            buffer.expose_secret()
        }
    };
    str::from_utf8(text).map_err(|_| TextError::NotUtf8)
}

/// Reads the text of a file that contains one secret. Line ends after it are no part of the secret; all other white space is.
///
/// # Errors
/// [`TextError`] when the bytes are not text.
pub fn secret(file: &[u8]) -> Result<SecretText, TextError> {
    let mut buffer = SecretBuffer::new();
    let text = decode(file, &mut buffer)?;
    Ok(SecretText::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Removes what copying and pasting adds to an identifier, an address or a generated key: white space around it, and
/// characters that nobody sees.
///
/// Invisible are soft hyphens, characters of no width, marks of direction, and byte order marks.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

impl SecretText {
    /// The text without what copying adds around a key or a token, as [`trimmed`] removes it. For
    /// what a service generated: in what a person chose, white space counts.
    #[must_use]
    pub fn trimmed(self) -> Self {
        match trimmed(self.expose_secret()) {
            text if text.len() == self.expose_secret().len() => self,
            text => Self::from(text.to_owned()),
        }
    }
}

/// Whether a character could deceive anyone who reads a text: controls (C0, C1, DEL), line and paragraph separators, and
/// the marks that change the reading direction or take no room.
#[must_use]
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(
            character,
            '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
        )
        || matches!(character, '\u{e0000}'..='\u{e007f}')
}

/// Which [`folded`] this is, for what is kept in the order of folded names: a number of ours, which is raised when the
/// rule changes, and the version of Unicode. Of letters that a version does not have, it folds nothing; all others are
/// folded by every later version in the same way.
pub const FOLDING: [u8; 4] = {
    let (major, minor, update) = char::UNICODE_VERSION;
    [1, major, minor, update]
};

/// The form in which names are compared: however their accents are composed (NFC), and in lower case.
///
/// ```
/// use zkvault_core::text::folded;
///
/// assert_eq!(folded("Caf\u{e9}"), folded("CAFE\u{301}"));
/// assert!(matches!(folded("github.com"), std::borrow::Cow::Borrowed(_)), "most names cost nothing");
/// ```
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    // Nothing to compose, and most names are so.
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let lower = match to_nfc(text) {
        Some(normal) => normal.to_lowercase(),
        None => text.to_lowercase(),
    };
    // In lower case, some letters are composed of two.
    let normal = to_nfc(&lower).map(|normal| (*normal).clone());
    Cow::Owned(normal.unwrap_or(lower))
}

/// As [`folded`], with a buffer that is used again: for the names of a whole store, one after the other.
#[must_use]
pub fn folded_in<'a>(text: &'a str, buffer: &'a mut String) -> &'a str {
    match text.is_ascii() {
        true => {
            buffer.clear();
            buffer.push_str(text);
            buffer.make_ascii_lowercase();
        }
        false => *buffer = folded(text).into_owned(),
    }
    buffer
}

/// Removes what a mail program, a JSON encoder or a PEM-like armour adds to base64 or hexadecimal digits: line ends and
/// other white space, the `>` of quoted lines, quotation marks with the escapes inside them, and the lines
/// `-----BEGIN …-----` and `-----END …-----`.
///
/// What is left is for the decoder to check; other characters stay.
///
/// ```
/// use zkvault_core::text::unwrapped;
///
/// for wrapped in [
///     "> AgGH\r\n> hpT/\r\n",
///     "\"AgGH\\nhpT\\/\"",
///     "-----BEGIN ZKVAULT VALUE-----\nAgGH\nhpT/\n-----END ZKVAULT VALUE-----\n",
///     "\u{feff}AgGH hpT\u{200b}/",
/// ] {
///     assert_eq!(unwrapped(wrapped).expose_secret(), "AgGHhpT/");
/// }
/// ```
#[must_use]
pub fn unwrapped(text: &str) -> SecretText {
    let unquoted = without_citation(text);
    let text = without_armour(trimmed(&unquoted));
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let mut bare = String::with_capacity(text.len());
    let mut characters = quoted.unwrap_or(text).chars().peekable();
    while let Some(character) = characters.next() {
        // In JSON, `/` may be `\/`, as PHP writes it, and a line end is `\n`.
        if quoted.is_some() && character == '\\' {
            match characters.peek() {
                Some('/') => continue,
                Some('r' | 'n') => {
                    characters.next();
                    continue;
                }
                _ => {}
            }
        }
        if !character.is_whitespace() && !is_invisible(character) {
            bare.push(character);
        }
    }
    SecretText::from(bare)
}

/// The lines without the marks by which mail programs quote them, one for each reply.
fn without_citation(text: &str) -> Zeroizing<String> {
    let mut bare = Zeroizing::new(String::with_capacity(text.len()));
    for line in text.split_inclusive(['\r', '\n']) {
        bare.push_str(
            line.trim_start_matches(|character: char| matches!(character, '>' | ' ' | '\t') || is_invisible(character)),
        );
    }
    bare
}

/// What is between the first and the last line of a PEM-like armour (RFC 7468 section 3), whatever its label.
fn without_armour(text: &str) -> &str {
    const DASHES: &str = "-----";
    let inner = || {
        let (_label, rest) = text.strip_prefix("-----BEGIN ")?.split_once(DASHES)?;
        let (inner, _label) = rest.strip_suffix(DASHES)?.split_once("-----END ")?;
        Some(inner)
    };
    inner().unwrap_or(text)
}

/// The byte order mark, characters of no width, and the marks that set the direction of text.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests;
