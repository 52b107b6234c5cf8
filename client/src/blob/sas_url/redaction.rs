//! Texts of others, in which a signature may have been repeated.

use std::ops::Range;

use super::SasUrl;
use super::claims::value;

/// What stands in its place.
const REDACTED: &str = "[REDACTED]";
/// Letters and digits of a signature that are looked for alone. Shorter ones are no signatures, and part of any text.
const MIN_LEN: usize = 8;
/// How often a text may have been escaped.
const MAX_ROUNDS: usize = 8;
/// Escapes of a number of hexadecimal digits.
const HEXADECIMAL: [(&str, usize); 4] = [("%u", 4), ("%", 2), ("\\u", 4), ("\\x", 2)];
/// Names of HTML for what a signature may hold, and for what other escapes begin with.
const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("plus", '+'),
    ("sol", '/'),
    ("equals", '='),
    ("percnt", '%'),
    ("num", '#'),
];
/// Letters of the longest escape, such as `&equals;`.
const MAX_ESCAPE: usize = 8;

impl SasUrl {
    /// A text without the token's signature, and without whatever else it calls one.
    pub(in crate::blob) fn conceal(&self, text: &str) -> String {
        let signature = value(self.token.expose_secret(), "sig").unwrap_or_default();
        without_named(&without(text, &signature))
    }
}

/// Without a signature in any spelling: with other escapes, with more or fewer of them, without its padding, or with
/// spaces in it. All of these have its letters and digits in their order.
fn without(text: &str, signature: &str) -> String {
    let wanted: Vec<char> = signature.chars().filter(char::is_ascii_alphanumeric).collect();
    let hidden = hidden(text, &wanted);
    let (mut plain, mut was_hidden) = (String::with_capacity(text.len()), false);
    for (at, letter) in text.char_indices() {
        let is_hidden = hidden.get(at) == Some(&true);
        match (is_hidden, was_hidden) {
            (true, false) => plain.push_str(REDACTED),
            (true, true) => {}
            (false, _) => plain.push(letter),
        }
        was_hidden = is_hidden;
    }
    plain
}

/// Which bytes of a text are these letters, in their order: as it is, or as it is when it was decoded some times.
fn hidden(text: &str, wanted: &[char]) -> Vec<bool> {
    let mut hidden = vec![false; text.len()];
    let letters = text.char_indices();
    let mut letters: Vec<_> = letters
        .map(|(at, letter)| (letter, at..at + letter.len_utf8()))
        .collect();
    for _ in 0..MAX_ROUNDS {
        let known = letters.iter().filter(|(letter, _)| letter.is_ascii_alphanumeric());
        let known: Vec<_> = known.collect();
        let spans = known.windows(wanted.len().max(MIN_LEN));
        for span in spans.filter(|span| span.iter().map(|(letter, _)| letter).eq(wanted)) {
            if let [(_, first), .., (_, last)] = span {
                let found = hidden.get_mut(first.start..last.end).unwrap_or_default();
                found.fill(true);
            }
        }
        let decoded = decoded(&letters);
        if decoded.len() == letters.len() {
            break;
        }
        letters = decoded;
    }
    hidden
}

/// A letter, and where it stands in the text.
type Letter = (char, Range<usize>);

/// Without the outermost escapes.
fn decoded(letters: &[Letter]) -> Vec<Letter> {
    let (mut decoded, mut rest) = (Vec::with_capacity(letters.len()), letters);
    while let Some(((letter, place), after)) = rest.split_first() {
        let escape = escape(*letter, rest).and_then(|(letter, len)| {
            let (escape, after) = rest.split_at_checked(len)?;
            Some((letter, place.start..escape.last()?.1.end, after))
        });
        let (letter, place, after) = escape.unwrap_or((*letter, place.clone(), after));
        decoded.push((letter, place));
        rest = after;
    }
    decoded
}

/// The letter that an escape at the start stands for, and the number of letters that it has itself.
fn escape(first: char, letters: &[Letter]) -> Option<(char, usize)> {
    if !matches!(first, '%' | '\\' | '&') {
        return None;
    }
    let ahead: String = letters.iter().take(MAX_ESCAPE).map(|(letter, _)| letter).collect();
    let hexadecimal = HEXADECIMAL.iter().find_map(|(start, len)| {
        let digits = ahead.strip_prefix(start)?.get(..*len)?;
        Some((letter_of(digits, 16)?, start.len() + len))
    });
    hexadecimal.or_else(|| entity(&ahead))
}

/// `&#43;`, `&#x2b;` or `&plus;`.
fn entity(ahead: &str) -> Option<(char, usize)> {
    let (name, _) = ahead.strip_prefix('&')?.split_once(';')?;
    let letter = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => letter_of(digits, 16),
            None => letter_of(number, 10),
        },
        None => ENTITIES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, letter)| *letter),
    };
    Some((letter?, name.len() + 2))
}

fn letter_of(digits: &str, radix: u32) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, radix).ok()?).filter(char::is_ascii)
}

/// Without values behind `sig=`, however that is written.
fn without_named(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, value)) = next_named(rest) {
        plain.push_str(before);
        plain.push_str(REDACTED);
        rest = value.trim_start_matches(|letter: char| !letter.is_whitespace() && !"&\"'<>()[],;".contains(letter));
    }
    plain.push_str(rest);
    plain
}

/// What stands before the next name of a signature, and what follows it.
fn next_named(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find("sig").map(|at| from + at) {
        let (before, name) = text.split_at_checked(at)?;
        let after = name.get(3..)?.trim_start();
        let value = ["=", "%3d", "%3D", ":"]
            .iter()
            .find_map(|sign| after.strip_prefix(sign));
        match value {
            Some(value) if !before.ends_with(|letter: char| letter.is_alphanumeric()) => {
                return Some((before, value.trim_start()));
            }
            _ => from = at + 3,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_known_in_every_spelling() {
        const SIGNATURE: &str = "aB3+cD/4eF+gH5==";
        for spelling in [
            "aB3+cD/4eF+gH5==",
            "aB3%2BcD%2F4eF%2BgH5%3D%3D",
            "aB3%2bcD%2f4eF%2bgH5%3d%3d",
            "aB3%252BcD%252F4eF%252BgH5%253D%253D",
            "aB3%25252bcD%25252f4eF%25252bgH5",
            "aB3&#43;cD&#47;4eF&#43;gH5&#61;&#61;",
            "aB3&#x2B;cD&#x2f;4eF&#x2B;gH5",
            "aB3&plus;cD&sol;4eF&plus;gH5&equals;&equals;",
            "aB3&amp;#43;cD&amp;#47;4eF&amp;#43;gH5",
            "aB3&amp;amp;#43;cD/4eF+gH5",
            "aB3\\u002bcD\\/4eF\\u002BgH5\\u003d",
            "aB3%u002bcD/4eF%u002bgH5",
            "aB3 cD/4eF gH5==",
            "aB3-cD_4eF-gH5",
            "aB3%2BcD/4eF+gH5%3d%3D",
            "%61B3+cD/4eF+gH%35",
            // What stands before it is no part of an escape that swallows its first letters.
            "%aB3+cD/4eF+gH5==",
        ] {
            for text in [format!("of {spelling} here"), format!("of {spelling}|{spelling} here")] {
                let plain = without(&text, SIGNATURE);
                assert!(
                    !plain.contains("B3") && !plain.contains("eF") && !plain.contains("gH"),
                    "{text}: {plain}"
                );
                assert!(
                    plain.starts_with("of ") && plain.ends_with(" here") && plain.contains(REDACTED),
                    "{plain}"
                );
            }
        }
        for other in ["aB3+cD/4eF+gH", "ab3+cD/4eF+gH5", "of ä&b;%", "%2", "&#;&#x;&;", ""] {
            assert_eq!(without(other, SIGNATURE), other);
        }
        assert_eq!(without("an x is no signature", "x"), "an x is no signature");
    }

    #[test]
    fn only_signatures_are_left_out() {
        for (text, expected) in [
            ("sv=1&sig=abc&sp=r", "sv=1&[REDACTED]&sp=r"),
            ("SIG%3Dabc%2B", "[REDACTED]"),
            ("sig: abc, then", "[REDACTED], then"),
            ("the design=good signature = none", "the design=good signature = none"),
            ("ä sig=b ö sig=c", "ä [REDACTED] ö [REDACTED]"),
            ("sig", "sig"),
            ("(sig=)", "([REDACTED])"),
        ] {
            assert_eq!(without_named(text), expected);
        }
    }
}
