//! Hides secrets in what a program prints.
//!
//! This is a net and no wall: a program that prints a password in base64, or letter by letter in colours, prints it
//! (threat model, Z65). What it is for is the log of a build that shows its environment.
//!
//! Secrets of fewer than four bytes are not hidden, because they would be found everywhere; the lines of a longer one
//! are hidden by themselves from eight bytes on, so that a private key which is printed with an indentation is still
//! hidden.

use std::fmt;

use memchr::memmem;
use zeroize::Zeroizing;
use zkvault_core::{SecretBytes, SecretText};

/// What is printed in the place of a secret.
pub const MASK: &str = "********";

/// Secrets that are shorter are not hidden, in bytes: they would be found everywhere.
const LEAST: usize = 4;
/// A line of a secret of several lines is hidden by itself from this length on, in bytes.
const LEAST_LINE: usize = 8;

/// Hides secrets in a stream of bytes, wherever it is cut. What is printed in another form, such as in base64, is not found.
///
/// ```
/// use zkvault::core::SecretText;
/// use zkvault::delivery::Masker;
///
/// let secret = SecretText::from(String::from("hunter2"));
/// let (mut masker, mut shown) = (Masker::new([&secret]), Vec::new());
/// masker.feed(b"the password is hun", &mut shown);
/// masker.feed(b"ter2.", &mut shown);
/// masker.finish(&mut shown);
/// assert_eq!(shown, b"the password is ********.");
/// ```
pub struct Masker {
    /// The longest first: of two that begin alike, that one is hidden whole.
    secrets: Vec<SecretBytes>,
    /// What may be the beginning of a secret.
    held: Zeroizing<Vec<u8>>,
}

impl Masker {
    /// A masker of these secrets. Those under four bytes are not hidden.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretText>) -> Self {
        let mut hidden = Vec::new();
        for secret in secrets {
            let secret = secret.expose_secret();
            let lines = secret.lines().filter(|line| line.len() >= LEAST_LINE);
            let whole = (secret.len() >= LEAST).then_some(secret);
            hidden.extend(
                whole
                    .into_iter()
                    .chain(lines)
                    .map(|text| SecretBytes::from(text.as_bytes().to_vec())),
            );
        }
        hidden.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self {
            secrets: hidden,
            held: Zeroizing::new(Vec::new()),
        }
    }

    /// Takes what comes next, and appends to `out` all that is certain. What may become a secret is held back, and so is a
    /// secret that may yet turn out to be the beginning of a longer one.
    ///
    /// No more is held back than the length of the longest secret, so a program that waits after a prompt shows the
    /// prompt, unless it ends like the beginning of a secret.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut text = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        text.extend_from_slice(&self.held);
        text.extend_from_slice(bytes);
        let open = text.len() - self.beginning(&text);
        let rest = self.hide(&text, open, out);
        self.held = Zeroizing::new(rest.to_vec());
    }

    /// Nothing comes any more: what was held back is what it is.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let text = std::mem::take(&mut self.held);
        let rest = self.hide(&text, text.len(), out);
        out.extend_from_slice(rest);
    }

    /// Appends what comes before the place `open`, its secrets hidden, and returns the rest.
    fn hide<'t>(&self, text: &'t [u8], open: usize, out: &mut Vec<u8>) -> &'t [u8] {
        let mut rest = text;
        while let Some((start, len)) = self.first(rest) {
            if text.len() - rest.len() + start >= open {
                break;
            }
            let (before, found) = rest.split_at(start);
            out.extend_from_slice(before);
            out.extend_from_slice(MASK.as_bytes());
            rest = found.get(len..).unwrap_or_default();
        }
        let certain = open.saturating_sub(text.len() - rest.len());
        let (certain, rest) = rest.split_at(certain.min(rest.len()));
        out.extend_from_slice(certain);
        rest
    }

    /// The first secret in `text`, and of those that begin there the longest: where, and how long.
    fn first(&self, text: &[u8]) -> Option<(usize, usize)> {
        let found = self.secrets.iter().filter_map(|secret| {
            let secret = secret.expose_secret();
            Some((memmem::find(text, secret)?, secret.len()))
        });
        found.min_by_key(|(start, len)| (*start, std::cmp::Reverse(*len)))
    }

    /// How many bytes at the end of `text` may be the beginning of a secret.
    fn beginning(&self, text: &[u8]) -> usize {
        let of = |secret: &SecretBytes| {
            let most = text.len().min(secret.len().saturating_sub(1));
            let begins = |end: &&[u8]| secret.expose_secret().starts_with(end);
            let ends = (1..=most).rev().filter_map(|len| text.get(text.len() - len..));
            ends.filter(|end| begins(end)).map(<[u8]>::len).next().unwrap_or(0)
        };
        self.secrets.iter().map(of).max().unwrap_or(0)
    }
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masker")
            .field("secrets", &self.secrets.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In pieces of `size` bytes.
    fn masked(secrets: &[&str], text: &str, size: usize) -> String {
        let secrets: Vec<SecretText> = secrets.iter().map(|secret| (*secret).to_owned().into()).collect();
        let (mut masker, mut out) = (Masker::new(&secrets), Vec::new());
        text.as_bytes()
            .chunks(size)
            .for_each(|piece| masker.feed(piece, &mut out));
        masker.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn secrets_are_hidden_wherever_the_stream_is_cut() {
        let secrets = ["hunter2", "hunter2000", "aaaa", "två ord"];
        let cases = [
            ("hunter2", "********"),
            ("hunter2hunter2", "****************"),
            ("xhunter2000y", "x********y"),
            ("hunter200", "********00"),
            ("hunhunter2", "hun********"),
            ("hunter", "hunter"),
            ("aaaaaaaa", "****************"),
            ("aaa aaaaa", "aaa ********a"),
            ("säger två ord.", "säger ********."),
            ("nothing", "nothing"),
            ("", ""),
        ];
        for (text, expected) in cases {
            for size in 1..=text.len().max(1) {
                assert_eq!(masked(&secrets, text, size), expected, "{text} by {size}");
            }
        }
    }

    #[test]
    fn short_secrets_are_not_hidden_and_lines_of_long_ones_are() {
        assert_eq!(masked(&["abc", ""], "abcabc", 2), "abcabc");
        let key = "-----BEGIN-----\nMIIEvQIBADANBg\nshort\n";
        assert_eq!(masked(&[key], "MIIEvQIBADANBg short", 3), "******** short");
        assert_eq!(masked(&[key], key, 5), MASK);
    }

    #[test]
    fn only_what_may_be_a_secret_is_held_back() {
        let secret = SecretText::from("hunter2".to_owned());
        let (mut masker, mut out) = (Masker::new([&secret]), Vec::new());
        masker.feed(b"Name? hu", &mut out);
        assert_eq!(out, b"Name? ");
        masker.feed(b"h?", &mut out);
        assert_eq!(out, b"Name? huh?");
    }
}
