//! Ids of projects, data repositories and workstations.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest id, in bytes.
const MAX_LEN: usize = 128;
/// What is encoded in a segment of a path: all but letters, digits, `-`, `_`, `.` and `~`.
const IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An id, which may be a number or a text such as a UUID: 1 to 128 visible ASCII characters, without slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoomeId(String);

impl LoomeId {
    /// The id as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a segment of a path.
    pub(super) fn segment(&self) -> String {
        utf8_percent_encode(&self.0, IN_SEGMENT).to_string()
    }
}

impl FromStr for LoomeId {
    type Err = LoomeIdError;

    fn from_str(text: &str) -> Result<Self, LoomeIdError> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\');
        let valid = (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(plain) && !matches!(text, "." | "..");
        valid.then(|| Self(text.to_owned())).ok_or(LoomeIdError)
    }
}

impl fmt::Display for LoomeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a number, or a text without spaces and slashes of at most 128 characters")]
pub struct LoomeIdError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_and_texts() {
        for text in ["12", "6f1c2a7e-0d7b-4a52-9d0e-3d6c1b1f8a11", "a.b", "..."] {
            assert_eq!(text.parse::<LoomeId>().unwrap().segment(), text);
        }
        assert_eq!("a%2fb?c".parse::<LoomeId>().unwrap().segment(), "a%252fb%3Fc");
        for text in [
            "",
            ".",
            "..",
            "a b",
            "a/b",
            "a\\b",
            "a\n",
            "ä",
            &"a".repeat(MAX_LEN + 1),
        ] {
            assert!(text.parse::<LoomeId>().is_err(), "{text:?}");
        }
    }
}
