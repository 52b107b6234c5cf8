//! Tells a document from a bare value.
//!
//! A command takes both, and its input may come from a pipe: so the first bytes decide, and at most a few of them.

use crate::secret_buffer::SecretBuffer;
use crate::text::{Decoder, TextError};

/// What the first bytes of an input say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A JSON document, for a [`Framer`](super::Framer).
    Document,
    /// Anything else: a bare value.
    Bare,
}

/// Looks at the first bytes of an input, in any encoding that a [`Decoder`] reads: `{` or `[` after JSON white space begins
/// a document.
///
/// `None` means that the bytes do not suffice yet.
///
/// ```
/// use zkvault_core::document::{Sniffed, sniff};
///
/// assert_eq!(sniff(b" \r\n [{")?, Some(Sniffed::Document));
/// assert_eq!(sniff(b"AgGHhpT/")?, Some(Sniffed::Bare));
/// assert_eq!(sniff(b"\xff\xfe[\0")?, Some(Sniffed::Document), "UTF-16, as PowerShell writes it");
/// assert_eq!(sniff(b"  ")?, None, "more is needed");
/// # Ok::<(), zkvault_core::text::TextError>(())
/// ```
///
/// # Errors
/// [`TextError`] when the bytes are in an encoding that is not read.
pub fn sniff(first: &[u8]) -> Result<Option<Sniffed>, TextError> {
    let mut buffer = SecretBuffer::new();
    let text = Decoder::new().decode(first, &mut buffer)?;
    Ok(text.iter().find(|byte| !is_space(**byte)).map(|byte| match byte {
        b'{' | b'[' => Sniffed::Document,
        _ => Sniffed::Bare,
    }))
}

/// White space of JSON (RFC 8259 section 2).
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_is_no_white_space_decides() {
        assert_eq!(sniff(b" \r\n\t{"), Ok(Some(Sniffed::Document)));
        assert_eq!(sniff(b"[]"), Ok(Some(Sniffed::Document)));
        assert_eq!(sniff(b"Adh/"), Ok(Some(Sniffed::Bare)));
        assert_eq!(
            sniff(b"\x0b{"),
            Ok(Some(Sniffed::Bare)),
            "a vertical tab is no JSON white space"
        );
        assert_eq!(
            sniff("\u{ff01}".as_bytes()),
            Ok(Some(Sniffed::Bare)),
            "begins like the mark"
        );
    }

    #[test]
    fn too_few_bytes_decide_nothing() {
        for few in [
            &b""[..],
            b" \n",
            b"\xef",
            b"\xef\xbb",
            b"\xff\xfe",
            b"\xff\xfe \0",
            b"{",
        ] {
            assert_eq!(sniff(few), Ok(None), "{few:?}");
        }
    }

    #[test]
    fn a_document_is_one_in_every_encoding() {
        for document in [&b"\xef\xbb\xbf {"[..], b"\xff\xfe{\0", b"\xfe\xff\0 \0["] {
            assert_eq!(sniff(document), Ok(Some(Sniffed::Document)), "{document:?}");
        }
        assert_eq!(sniff(b"\xff\xfeA\0"), Ok(Some(Sniffed::Bare)));
        assert_eq!(sniff(b"{\0}\0"), Err(TextError::UnmarkedUtf16));
    }
}
