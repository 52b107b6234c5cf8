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

/// Walks through a document whose root has this name. `visit` gets the names from below the root to each element that
/// ends, and its text; no name for the root itself.
///
/// A document ends with its root. An empty body, plain text, or the beginning of a document is none: taken for one, it
/// would be a listing without blobs.
pub(super) fn walk(
    document: &[u8],
    root: &str,
    mut visit: impl FnMut(&[&str], Text<'_>) -> Result<(), BlobError>,
) -> Result<(), BlobError> {
    let document = String::from_utf8_lossy(document);
    let is_lossy = matches!(document, std::borrow::Cow::Owned(_));
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    // A name with a bare `&` is one odd name, and no reason to give up all others.
    reader.config_mut().allow_dangling_amp = true;
    let (mut path, mut element) = (Path::of(root), Element::default());
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
            Event::Text(piece) if path.is_inside() => element.text.push_str(&piece.xml10_content()),
            Event::CData(piece) if path.is_inside() => element.text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) if path.is_inside() => element.push_reference(&reference),
            Event::Text(between) if between.trim().is_empty() => {}
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if path.is_done => return Ok(()),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::DocType(_) | Event::Eof => {
                return Err(malformed());
            }
        }
    }
}

/// The names from the root to an element. A listing has fifteen elements for every blob: the room of a name is used
/// again by the next.
struct Path<'a> {
    root: &'a str,
    names: Vec<String>,
    depth: usize,
    /// Whether the root has ended.
    is_done: bool,
}

impl<'a> Path<'a> {
    const fn of(root: &'a str) -> Self {
        Self {
            root,
            names: Vec::new(),
            depth: 0,
            is_done: false,
        }
    }

    const fn is_inside(&self) -> bool {
        self.depth > 0
    }

    fn enter(&mut self, name: &str) -> Result<(), BlobError> {
        let is_other_root = !self.is_inside() && (self.is_done || name != self.root);
        if is_other_root || self.depth == MAX_DEPTH {
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
        self.is_done = self.depth == 0;
    }

    fn names<R>(&self, visit: impl FnOnce(&[&str]) -> R) -> R {
        let mut names = [""; MAX_DEPTH];
        let known = self.names.iter().take(self.depth);
        names.iter_mut().zip(known).for_each(|(to, name)| *to = name);
        visit(names.get(1..self.depth).unwrap_or_default())
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
        walk(document, "a", |path, Text { text, is_damaged }| {
            seen.push((path.join("/"), text.to_owned(), is_damaged));
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn references_and_pieces_are_put_together() {
        let document = "\u{feff}<?xml version=\"1.0\"?>\r\n<a><b>x &lt;&#228;<![CDATA[&]]></b><c/></a>\n<!-- end -->\n";
        let expected = [("b", "x <ä&"), ("c", ""), ("", "")];
        let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned(), false));
        assert_eq!(texts(document.as_bytes()), expected);
    }

    #[test]
    fn what_is_encoded_is_decoded_once() {
        let of = |element: &str| texts(format!("<a>{element}</a>").as_bytes()).remove(0);
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
        let expected = [("b", true), ("c", true), ("d", true), ("e", false), ("", false)];
        assert_eq!(damaged, expected.map(|(path, damaged)| (path.to_owned(), damaged)));
    }

    #[test]
    fn a_bare_ampersand_is_no_end_of_the_document() {
        let document = b"<a><b>R&D</b><c>x & y</c><d>a&b;c</d><e>good</e></a>";
        let expected = [("b", "R&D", false), ("c", "x & y", false), ("d", "a\u{fffd}c", true)];
        let expected = expected.map(|(path, text, damaged)| (path.to_owned(), text.to_owned(), damaged));
        assert_eq!(texts(document)[..3], expected);
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH + 1), "</a>".repeat(MAX_DEPTH + 1));
        for wrong in [
            "",
            " \n",
            "\u{feff}",
            "{}",
            "no blobs",
            "<?xml version=\"1.0\"?>",
            "<!-- empty -->",
            "&lt;",
            "<b/>",
            "<b><a/></b>",
            "<a/><a/>",
            "<a/><b/>",
            "<a/>text",
            "text<a/>",
            "<a/>&lt;",
            "<a/><![CDATA[text]]>",
            "<a",
            "<a><b/>",
            "<a>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            deep.as_str(),
        ] {
            assert!(walk(wrong.as_bytes(), "a", |_, _| Ok(())).is_err(), "{wrong}");
        }
    }
}
