//! The text of a JSON string (RFC 8259 section 7), without leaving a copy of it behind.
//!
//! `serde_json` would unescape into a `String` of its own and leave copies when that grows. Here the result has room
//! for the whole text from the beginning, in a buffer that is wiped.

use std::ops::Deref;
use std::str::Chars;

use zeroize::Zeroizing;

/// The text of a JSON string: a part of the document where nothing is escaped, else a copy that is wiped.
pub(super) enum Text<'a> {
    Plain(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// The text of `json`, one JSON value that a parser has accepted. `None` when it is no string, or when an
/// escape in it is half of a surrogate pair, which is no character.
///
/// Text without a backslash is borrowed, as nearly every value is.
pub(super) fn text_of(json: &str) -> Option<Text<'_>> {
    let quoted = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', quoted.as_bytes()).is_none() {
        return Some(Text::Plain(quoted));
    }
    unescape(quoted).map(Text::Unescaped)
}

/// No escape is shorter than its character in UTF-8, so the text never grows out of its allocation.
fn unescape(quoted: &str) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(quoted.len()));
    let mut rest = quoted;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut chars = escape.chars();
        text.push(match chars.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode(&mut chars)?,
            itself @ ('"' | '\\' | '/') => itself,
            _ => return None,
        });
        rest = chars.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The character of the four digits after `\u`, or of two such escapes that are a surrogate pair.
///
/// RFC 8259 §7: a character beyond U+FFFF is two escapes, the high surrogate first.
fn unicode(chars: &mut Chars<'_>) -> Option<char> {
    let first = code_unit(chars)?;
    if !matches!(first, 0xd800..=0xdbff) {
        return char::from_u32(first);
    }
    if (chars.next(), chars.next()) != (Some('\\'), Some('u')) {
        return None;
    }
    match code_unit(chars)? {
        second @ 0xdc00..=0xdfff => char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)),
        _ => None,
    }
}

fn code_unit(chars: &mut Chars<'_>) -> Option<u32> {
    let mut digit = || chars.next()?.to_digit(16);
    Some(digit()? << 12 | digit()? << 8 | digit()? << 4 | digit()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(json: &str) -> Option<String> {
        text_of(json).map(|text| text.to_owned())
    }

    #[test]
    fn what_is_no_text_has_none() {
        let no_text = [
            "1",
            "null",
            "{}",
            "\"",
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800x""#,
            r#""\ud800\n""#,
            r#""\ud800\u0041""#,
            r#""\ud800\ud800""#,
            r#""\u12""#,
            r#""\u123g""#,
            r#""\x""#,
            r#""\""#,
        ];
        for json in no_text {
            assert_eq!(decoded(json), None, "{json}");
        }
    }

    #[test]
    fn every_escape_is_read() {
        assert_eq!(decoded(r#""\"\\\/\b\f\n\r\t""#).unwrap(), "\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(decoded(r#""a\u0000\u00e9\u20AC\ud83d\uDE00ü""#).unwrap(), "a\0é€😀ü");
        assert_eq!(decoded(r#""\\u0041""#).unwrap(), "\\u0041");
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads(text in "(\\\\[\"\\\\/bfnrtux]|\\\\u[dD][89abAB c-f][0-9]{2}|\\\\u00e9|[a-zé😀])*") {
            let json = format!("\"{text}\"");
            prop_assert_eq!(decoded(&json), serde_json::from_str::<String>(&json).ok());
        }
    }
}
