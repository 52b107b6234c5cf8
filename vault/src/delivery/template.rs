//! Templates: text in which `{{ zkv://SITE/FIELD }}` stands for a value.
//!
//! Only braces with a reference of ours in them mean anything; `{{ host }}` is some other program's. There are no
//! conditions, no loops and no files: a template from a stranger can do nothing but name values, and
//! [`Template::references`] shows which before anything is written (threat model, Z64). What a value contains is never
//! read as a template.

use zkvault_core::SecretBuffer;
use zkvault_core::SecretText;
use zkvault_core::reference::{Reference, ReferenceError};

const OPENING: &str = "{{";
const CLOSING: &str = "}}";
const SCHEME: &str = "zkv://";

/// A text with references in it. Other texts in double braces are left as they are.
///
/// ```
/// use zkvault::core::SecretText;
/// use zkvault::delivery::Template;
///
/// let template = Template::parse("password = \"{{ zkv://db/password }}\"\nhost = {{ host }}\n")?;
/// let value = SecretText::from(String::from("hunter2"));
/// let filled = template.fill(|_| Ok::<_, ()>(&value)).unwrap();
/// assert_eq!(filled.expose_secret(), b"password = \"hunter2\"\nhost = {{ host }}\n");
/// # Ok::<(), zkvault::delivery::TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Template<'a> {
    pieces: Vec<Piece<'a>>,
}

#[derive(Debug)]
enum Piece<'a> {
    Text(&'a str),
    Value(Reference),
}

/// A template has a reference that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {source}")]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub source: ReferenceError,
}

impl<'a> Template<'a> {
    /// Finds the references.
    ///
    /// Nothing is looked up yet, and the text is not copied.
    ///
    /// # Errors
    /// [`TemplateError`] for `{{ zkv://` that is followed by no whole reference and `}}`.
    pub fn parse(text: &'a str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let (mut rest, mut searched) = (text, 0);
        while let Some(start) = rest.get(searched..).and_then(|rest| rest.find(OPENING)) {
            let (before, braces) = rest.split_at(searched + start);
            let inner = braces.strip_prefix(OPENING).unwrap_or_default();
            if !inner.trim_start().starts_with(SCHEME) {
                // The second brace may be the first of the next pair.
                searched = before.len() + 1;
                continue;
            }
            let error = |source| TemplateError {
                line: 1 + lines_before(text, braces),
                source,
            };
            let (reference, after) = inner.split_once(CLOSING).ok_or(error(ReferenceError::Parts))?;
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Value(reference.trim().parse().map_err(error)?));
            (rest, searched) = (after, 0);
        }
        pieces.push(Piece::Text(rest));
        Ok(Self { pieces })
    }

    /// The references, in their order, each as often as it is there.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(reference) => Some(reference),
            Piece::Text(_) => None,
        })
    }

    /// The text with a value in the place of each reference. Values are put in as they are, whatever the text's language.
    ///
    /// # Errors
    /// The first one of `value`.
    pub fn fill<'v, E>(
        &self,
        mut value: impl FnMut(&Reference) -> Result<&'v SecretText, E>,
    ) -> Result<SecretBuffer, E> {
        let mut filled = SecretBuffer::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.extend(text.as_bytes()),
                Piece::Value(reference) => filled.extend(value(reference)?.expose_secret().as_bytes()),
            }
        }
        Ok(filled)
    }
}

/// The line ends of `text` before its end part `rest`.
fn lines_before(text: &str, rest: &str) -> usize {
    let before = text.get(..text.len().saturating_sub(rest.len())).unwrap_or_default();
    before.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        let template = Template::parse(text).unwrap();
        let values: Vec<SecretText> = template
            .references()
            .map(|reference| SecretText::from(format!("<{}|{}>", reference.site, reference.field)))
            .collect();
        let mut next = values.iter();
        let filled = template.fill(|_| next.next().ok_or(())).unwrap();
        String::from_utf8(filled.expose_secret().to_vec()).unwrap()
    }

    #[test]
    fn references_are_replaced_and_nothing_else() {
        let cases = [
            ("", ""),
            ("no braces", "no braces"),
            ("{{zkv://a/b}}", "<a|b>"),
            ("x{{ \t zkv://Bank%20A/user \n}}y{{zkv://c/d}}", "x<Bank A|user>y<c|d>"),
            (
                "{{ name }} {{ zkv://a/b }} {{ .Values.x }}",
                "{{ name }} <a|b> {{ .Values.x }}",
            ),
            ("{{{ zkv://a/b }}}", "{<a|b>}"),
            ("{ { zkv://a/b } }", "{ { zkv://a/b } }"),
            ("zkv://a/b", "zkv://a/b"),
            ("é{{zkv://ü/ß}}é", "é<ü|ß>é"),
            ("{{", "{{"),
            ("}}{{", "}}{{"),
        ];
        for (text, expected) in cases {
            assert_eq!(filled(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_is_named_by_its_line() {
        let cases = [
            ("a\nb\n{{ zkv://a }}", 3),
            ("{{ zkv://a/b", 1),
            ("\n{{ zkv://a/b/c }}", 2),
            ("{{ zkv://a/b }}\n\n\n{{ zkv:///b }}", 4),
            ("{{ zkv://a/b {{ zkv://c/d }}", 1),
        ];
        for (text, line) in cases {
            assert_eq!(Template::parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
