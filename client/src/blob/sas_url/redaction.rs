//! Texts of others, in which a signature may have been repeated.

use super::SasUrl;
use super::claims::value;

/// What stands in its place.
const REDACTED: &str = "[REDACTED]";
/// Characters of a signature that are looked for alone. Shorter ones are no signatures, and part of any text.
const MIN_LEN: usize = 8;

impl SasUrl {
    /// A text without the token's signature, and without whatever else it calls one.
    pub(in crate::blob) fn conceal(&self, text: &str) -> String {
        let token = self.token.expose_secret();
        let sent = token
            .split('&')
            .find_map(|pair| pair.strip_prefix("sig="))
            .unwrap_or_default();
        let decoded = value(token, "sig").unwrap_or_default();
        let forms = [sent, &decoded].into_iter().filter(|form| form.len() >= MIN_LEN);
        let text = forms.fold(text.to_owned(), |text, form| text.replace(form, REDACTED));
        without_named(&text)
    }
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
