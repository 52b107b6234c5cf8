//! The XML of the blob service, read piece by piece: listings are long.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::BlobError;

/// Elements within elements; the deepest document has 6.
const MAX_DEPTH: usize = 16;
/// What stands for a character that cannot be read.
const UNREADABLE: char = '\u{fffd}';

/// The text of an element, in front of which its last child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    /// Whether characters of it could not be read. One such text is no reason to give up all others.
    pub(super) is_damaged: bool,
}

/// Walks through a document. `visit` gets the names from the root to each element that ends, and its text.
pub(super) fn walk(
    document: &[u8],
    mut visit: impl FnMut(&[&str], Text<'_>) -> Result<(), BlobError>,
) -> Result<(), BlobError> {
    let document = String::from_utf8_lossy(document);
    let is_lossy = matches!(document, std::borrow::Cow::Owned(_));
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    let (mut path, mut element) = (Path::default(), Element::default());
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => {
                path.enter(start.local_name().as_ref())?;
                element.begin(&start);
            }
            Event::Empty(start) => {
                path.enter(start.local_name().as_ref())?;
                element.begin(&start);
                element.end(is_lossy, |text| path.names(|names| visit(names, text)))?;
                path.leave();
            }
            Event::End(_) => {
                element.end(is_lossy, |text| path.names(|names| visit(names, text)))?;
                path.leave();
            }
            Event::Text(piece) => element.text.push_str(&piece.xml10_content()),
            Event::CData(piece) => element.text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => element.push_reference(&reference),
            Event::DocType(_) => return Err(malformed()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if path.depth == 0 => return Ok(()),
            Event::Eof => return Err(malformed()),
        }
    }
}

/// The names from the root to an element. A listing has fifteen elements for every blob: the room of a name is used
/// again by the next.
#[derive(Default)]
struct Path {
    names: Vec<String>,
    depth: usize,
}

impl Path {
    fn enter(&mut self, name: &str) -> Result<(), BlobError> {
        if self.depth == MAX_DEPTH {
            return Err(malformed());
        }
        match self.names.get_mut(self.depth) {
            Some(room) => name.clone_into(room),
            None => self.names.push(name.to_owned()),
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn names<R>(&self, visit: impl FnOnce(&[&str]) -> R) -> R {
        let mut names = [""; MAX_DEPTH];
        let known = self.names.iter().take(self.depth);
        names.iter_mut().zip(known).for_each(|(to, name)| *to = name);
        visit(names.get(..self.depth).unwrap_or_default())
    }
}

/// The text since the last element began or ended.
#[derive(Default)]
struct Element {
    text: String,
    is_damaged: bool,
    /// `Encoded="true"`: the text is percent-encoded, since XML has no letters for what is in it.
    is_encoded: bool,
}

impl Element {
    fn begin(&mut self, start: &BytesStart<'_>) {
        let encoded = start.try_get_attribute("Encoded").ok().flatten();
        self.text.clear();
        self.is_damaged = false;
        self.is_encoded = encoded.is_some_and(|encoded| encoded.value.trim().eq_ignore_ascii_case("true"));
    }

    fn end(&mut self, is_lossy: bool, visit: impl FnOnce(Text<'_>) -> Result<(), BlobError>) -> Result<(), BlobError> {
        if self.is_encoded {
            match percent_decode_str(&self.text).decode_utf8() {
                Ok(decoded) => self.text = decoded.into_owned(),
                Err(_) => self.is_damaged = true,
            }
        }
        visit(Text {
            text: &self.text,
            is_damaged: self.is_damaged || is_lossy && self.text.contains(UNREADABLE),
        })?;
        self.text.clear();
        (self.is_damaged, self.is_encoded) = (false, false);
        Ok(())
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.text.push(character),
            Ok(None) => match resolve_xml_entity(reference) {
                Some(text) => self.text.push_str(text),
                None => self.push_unreadable(),
            },
            Err(_) => self.push_unreadable(),
        }
    }

    fn push_unreadable(&mut self) {
        self.text.push(UNREADABLE);
        self.is_damaged = true;
    }
}

pub(super) fn malformed() -> BlobError {
    BlobError::malformed("its XML is not in the documented form")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(document: &[u8]) -> Vec<(String, String, bool)> {
        let mut seen = Vec::new();
        walk(document, |path, Text { text, is_damaged }| {
            seen.push((path.join("/"), text.to_owned(), is_damaged));
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn references_and_pieces_are_put_together() {
        let document = "\u{feff}<?xml version=\"1.0\"?><a><b>x &lt;&#228;<![CDATA[&]]></b><c/></a>";
        let expected = [("a/b", "x <ä&"), ("a/c", ""), ("a", "")];
        let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned(), false));
        assert_eq!(texts(document.as_bytes()), expected);
    }

    #[test]
    fn what_is_encoded_is_decoded_once() {
        let of = |element: &str| texts(element.as_bytes()).remove(0);
        for (element, text) in [
            ("<N Encoded=\"true\">a%EF%BF%BE%01b%2541</N>", "a\u{fffe}\u{1}b%41"),
            ("<N Encoded='True'>%20</N>", " "),
            ("<N Encoded=\"false\">%20</N>", "%20"),
            ("<N>%20</N>", "%20"),
        ] {
            assert_eq!(of(element), ("N".to_owned(), text.to_owned(), false), "{element}");
        }
        assert!(of("<N Encoded=\"true\">%FF</N>").2);
    }

    #[test]
    fn what_cannot_be_read_damages_its_own_element_only() {
        let document = b"<a><b>x\xffy</b><c>&nope;</c><d>&#xFFFFFFFF;</d><e>good</e></a>";
        let damaged: Vec<_> = texts(document)
            .into_iter()
            .map(|(path, _, damaged)| (path, damaged))
            .collect();
        let expected = [
            ("a/b", true),
            ("a/c", true),
            ("a/d", true),
            ("a/e", false),
            ("a", false),
        ];
        assert_eq!(damaged, expected.map(|(path, damaged)| (path.to_owned(), damaged)));
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH + 1), "</a>".repeat(MAX_DEPTH + 1));
        for wrong in [
            "<a>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            deep.as_str(),
        ] {
            assert!(walk(wrong.as_bytes(), |_, _| Ok(())).is_err(), "{wrong}");
        }
    }
}
