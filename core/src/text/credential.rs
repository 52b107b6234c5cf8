//! What nobody sees in a text that has to be typed again, and API keys as people paste them.

use super::{is_deceptive, trimmed};
use crate::secret::SecretText;

/// Quotation marks that come around a text that was copied out of a file or a message.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];
/// Characters that join letters or pictures: they have no width, and some scripts cannot be written without them.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// A text is no API key and no API secret. No message quotes it but for the one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// It has no characters that anybody sees.
    #[error("it is empty")]
    Empty,
    /// It has a line end inside.
    #[error("it has several lines: keep only the one with the key or secret")]
    Lines,
    /// It has another character inside that nobody sees.
    #[error("it has a character that cannot be seen: U+{:04X}", u32::from(*character))]
    Unseen {
        /// The character.
        character: char,
    },
    /// It begins with a name, as a line of a settings file does.
    #[error("it begins with a name and a sign, as in NAME=value: keep only the value")]
    Named,
}

/// The first character of a text that nobody sees or that is not what it looks like: a control character, one of no
/// width, a mark of direction, or white space other than the space.
///
/// A passphrase with one opens nothing when it is typed from what is seen. The joiners that scripts and emoji are written
/// with are no such characters between two others that are not ASCII.
///
/// ```
/// use zkvault_core::text::unseen;
///
/// assert_eq!(unseen("four words of mine"), None);
/// assert_eq!(unseen("four words\u{a0}of mine\u{200b}"), Some('\u{a0}'));
/// ```
#[must_use]
pub fn unseen(text: &str) -> Option<char> {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let is_script = |other: Option<char>| other.is_some_and(|other| !other.is_ascii() && !is_unseen(other));
        let joins = JOINERS.contains(&character) && is_script(before) && is_script(rest.peek().copied());
        if is_unseen(character) && !joins {
            return Some(character);
        }
        before = Some(character);
    }
    None
}

fn is_unseen(character: char) -> bool {
    is_deceptive(character) || (character.is_whitespace() && character != ' ')
}

/// An API key or API secret without what copying adds: as [`trimmed`], and without the quotation marks around the whole.
///
/// # Errors
/// [`CredentialError`] for what a service would refuse in words that do not say why: nothing, several lines, characters
/// that nobody sees, and a whole line `NAME=value`.
///
/// ```
/// use zkvault_core::text::{CredentialError, credential};
///
/// assert_eq!(credential("\"4f6c2a\"\r\n"), Ok("4f6c2a"));
/// assert_eq!(credential("CLIENT_SECRET=4f6c2a"), Err(CredentialError::Named));
/// ```
pub fn credential(text: &str) -> Result<&str, CredentialError> {
    let text = trimmed(unquoted(trimmed(text)));
    match unseen(text) {
        _ if text.is_empty() => Err(CredentialError::Empty),
        Some('\r' | '\n') => Err(CredentialError::Lines),
        Some(character) => Err(CredentialError::Unseen { character }),
        None if is_named(text) => Err(CredentialError::Named),
        None => Ok(text),
    }
}

impl SecretText {
    /// The text as [`credential`] reads it.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn into_credential(self) -> Result<Self, CredentialError> {
        match credential(self.expose_secret())? {
            text if text.len() == self.expose_secret().len() => Ok(self),
            text => Ok(Self::from(text.to_owned())),
        }
    }
}

fn unquoted(text: &str) -> &str {
    let mut pairs = QUOTES.iter();
    let inner = pairs.find_map(|(first, last)| text.strip_prefix(*first)?.strip_suffix(*last));
    inner.unwrap_or(text)
}

/// Whether a text is a name of a key or secret with its value. Base64 may end with `=`, so something else has to follow.
fn is_named(text: &str) -> bool {
    let Some((name, value)) = text.split_once(['=', ':']) else {
        return false;
    };
    let mut words = name.rsplit(|letter: char| !letter.is_ascii_alphanumeric());
    let last = words
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let names = ["secret", "apikey", "clientid", "clientkey", "accesskey"];
    let is_name = matches!(last.as_str(), "key" | "id") || names.iter().any(|name| last.ends_with(name));
    is_name && !value.trim_matches('=').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_key_is_removed_and_what_is_inside_is_named() {
        for text in [
            "4f=6c:2a",
            " \"4f=6c:2a\"\r\n",
            "\u{feff}'4f=6c:2a'",
            "`4f=6c:2a`",
            "\u{201c} 4f=6c:2a \u{201d}",
        ] {
            assert_eq!(credential(text), Ok("4f=6c:2a"), "{text:?}");
        }
        for text in ["c2VjcmV0LWtleQ==", "my-key=", "\"", "a b", "it's"] {
            assert_eq!(credential(text), Ok(text), "{text:?}");
        }
        for text in ["", "\n", "\"\"", "\u{200b} ", "' '"] {
            assert_eq!(credential(text), Err(CredentialError::Empty), "{text:?}");
        }
        for text in ["4f6c\n2a", "4f6c\r\n2a", "\"4f6c\n2a\""] {
            assert_eq!(credential(text), Err(CredentialError::Lines), "{text:?}");
        }
        for (text, character) in [
            ("4f\0", '\0'),
            ("4f\u{200b}6c", '\u{200b}'),
            ("4f\u{a0}6c", '\u{a0}'),
            ("4f\t6c", '\t'),
        ] {
            assert_eq!(credential(text), Err(CredentialError::Unseen { character }), "{text:?}");
        }
        for text in [
            "CLIENT_SECRET=4f",
            "client_id=4f",
            "export ZKV_LOGMEONCE_KEY=\"4f\"",
            "apiKey: 4f",
            "\"clientSecret\":\"4f\"",
            "API key: 4f",
        ] {
            assert_eq!(credential(text), Err(CredentialError::Named), "{text:?}");
        }
    }

    #[test]
    fn messages_name_the_character_and_nothing_else() {
        let error = credential("hunter2\u{200b}x").unwrap_err();
        assert_eq!(error.to_string(), "it has a character that cannot be seen: U+200B");
    }

    #[test]
    fn joiners_count_where_a_script_has_them() {
        for text in ["\u{645}\u{6cc}\u{200c}\u{62e}", "\u{1f469}\u{200d}\u{1f4bb}", "a  b"] {
            assert_eq!(unseen(text), None, "{text:?}");
        }
        for text in [
            "a\u{200d}b",
            "\u{645}\u{200c}",
            "\u{200c}\u{645}",
            "\u{645}\u{200c}\u{200c}\u{645}",
        ] {
            assert!(
                unseen(text).is_some_and(|character| JOINERS.contains(&character)),
                "{text:?}"
            );
        }
        for character in [
            '\0', '\t', '\n', '\u{a0}', '\u{ad}', '\u{200b}', '\u{202e}', '\u{3000}', '\u{feff}',
        ] {
            assert_eq!(unseen(&format!("a{character}b")), Some(character));
        }
    }
}
