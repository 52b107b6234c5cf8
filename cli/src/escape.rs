//! Foreign text on a terminal: names from a server must not move the cursor, set the title, or swap letters.

use std::borrow::Cow;
use std::path::Path;

use zkvault_core::text::is_deceptive;

/// `text` with control and direction-changing characters written as escapes, line ends included.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    escape_where(text, is_deceptive)
}

/// As [`escaped`], for text of our own around foreign parts: line ends stay.
pub(crate) fn escaped_lines(text: &str) -> Cow<'_, str> {
    escape_where(text, |character| character != '\n' && is_deceptive(character))
}

/// A path as it is shown in messages.
pub(crate) fn shown_path(path: &Path) -> String {
    escaped(&path.display().to_string()).into_owned()
}

fn escape_where(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    // Most text is ASCII, and is looked through much faster as bytes.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match is_unsafe(character) {
            true => safe.extend(character.escape_default()),
            false => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_spelled_out() {
        assert_eq!(escaped("\u{1b}]0;owned\u{7}"), "\\u{1b}]0;owned\\u{7}");
        assert_eq!(escaped("a\r\n\tb\u{9b}2J"), "a\\r\\n\\tb\\u{9b}2J");
        assert_eq!(escaped("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(
            escaped("Git\u{ad}Hub\u{3164}\u{e0041}"),
            "Git\\u{ad}Hub\\u{3164}\\u{e0041}"
        );
        assert_eq!(escaped_lines("one\ntwo\u{1b}"), "one\ntwo\\u{1b}");
    }

    #[test]
    fn ordinary_text_of_any_language_stays_as_it_is() {
        for text in [
            "Google",
            "Größe 大きさ",
            "🦀",
            "[\"password\", \"Passwd\"]",
            "back\\slash",
        ] {
            assert_eq!(escaped(text), text);
        }
    }
}
