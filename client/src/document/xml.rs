//! XML answers, as a tree. Their element names are not published, so a tree is all that is known beforehand.
//!
//! Elements, text, CDATA and the references that XML itself has; no document types, no entities, and limits on
//! depth and number. A processing instruction or a comment says nothing.

mod convert;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::ClientError;

/// Elements within elements.
const MAX_DEPTH: usize = 64;
/// Elements of a document.
const MAX_ELEMENTS: usize = 1 << 20;
/// Elements within elements whose attributes are read, and how many of each.
const ATTRIBUTE_DEPTH: usize = 4;
const MAX_ATTRIBUTES: usize = 16;
/// What an element is called whose name is in its attribute `name`, because it cannot be an element's.
const MEMBER: &str = "member";

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    children: Vec<Element>,
    /// All text in it, without that of its children.
    text: String,
    /// Whether it was written `<name/>`.
    closed: bool,
    /// Of the root and what is near to it: some services put there how it went.
    attributes: Vec<(String, String)>,
}

/// Reads a document.
///
/// # Errors
/// [`ClientError`] of the kind `Malformed` or `TooLarge`. It quotes nothing of the document.
pub(crate) fn parse(document: &[u8]) -> Result<Element, ClientError> {
    let text = str::from_utf8(document).map_err(|_| malformed("its XML is not UTF-8"))?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(|_| malformed("it is no well-formed XML"))? {
            Event::Start(start) => tree.open(&start, false)?,
            Event::Empty(start) => {
                tree.open(&start, true)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.add(&text.xml10_content())?,
            Event::CData(text) => tree.add(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = reference
                    .resolve_char_ref()
                    .map_err(|_| malformed("its XML has a bad reference"))?;
                match (character, resolve_xml_entity(&reference)) {
                    (Some(character), _) => tree.add(character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => tree.add(text)?,
                    (None, None) => return Err(malformed("its XML has an entity of its own")),
                }
            }
            Event::DocType(_) => return Err(malformed("its XML has a document type, which is not read")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// A tree that grows.
#[derive(Default)]
struct Tree {
    root: Option<Element>,
    /// From the root to where text belongs now.
    open: Vec<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, closed: bool) -> Result<(), ClientError> {
        self.elements += 1;
        if self.open.len() == MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(ClientError::too_large(MAX_ELEMENTS).with_detail("its XML has too many elements"));
        }
        if self.root.is_some() {
            return Err(malformed("its XML has two roots"));
        }
        let name = name(start)?;
        let attributes = match self.open.len() < ATTRIBUTE_DEPTH {
            true => attributes(start)?,
            false => Vec::new(),
        };
        self.open.push(Element {
            name,
            closed,
            attributes,
            ..Element::default()
        });
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), ClientError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(malformed("it is no XML: there is text outside of its root")),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ClientError> {
        let element = self.open.pop().ok_or_else(|| malformed("it is no well-formed XML"))?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, ClientError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(malformed("its XML is cut off")),
        }
    }
}

fn name(start: &BytesStart<'_>) -> Result<String, ClientError> {
    let local = start.local_name();
    let local: &str = local.as_ref();
    if local != MEMBER {
        return Ok(local.to_owned());
    }
    let bad = || malformed("its XML has a bad attribute");
    match start.try_get_attribute("name").map_err(|_| bad())? {
        Some(name) => Ok(name
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| bad())?
            .into_owned()),
        None => Ok(local.to_owned()),
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, ClientError> {
    let bad = || malformed("its XML has a bad attribute");
    let mut all = Vec::new();
    for attribute in start.attributes().take(MAX_ATTRIBUTES) {
        let attribute = attribute.map_err(|_| bad())?;
        let name: &str = attribute.key.as_ref();
        if name == "xmlns" || name.contains(':') {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?;
        all.push((name.to_owned(), value.into_owned()));
    }
    Ok(all)
}

fn malformed(detail: &str) -> ClientError {
    ClientError::malformed(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn kind(text: &str) -> Result<(), ErrorKind> {
        parse(text.as_bytes()).map(drop).map_err(|error| error.kind())
    }

    #[test]
    fn text_is_put_together_from_its_pieces() {
        let root = parse(b"<?xml version=\"1.0\"?>\n<a>x &lt;<!-- no --><![CDATA[<y>&amp;]]>&#228;&#x41;<b/> z</a>\n")
            .unwrap();
        assert_eq!(root.text, "x <<y>&amp;äA z");
        assert_eq!(root.children.len(), 1);
        assert!(root.children[0].closed);
        let named = parse(b"<r><member name=\"1 &quot;b&quot;\">x</member><n:c xmlns:n=\"u\"/></r>").unwrap();
        let names: Vec<_> = named.children.iter().map(|child| child.name.as_str()).collect();
        assert_eq!(names, ["1 \"b\"", "c"]);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let cases = [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "</a>",
            "<a>&nbsp;</a>",
            "<a>&#0;</a>",
            "<a>& b</a>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a",
            "<a b=\"c\"",
            "{\"a\":1}",
        ];
        for text in cases {
            assert_eq!(kind(text), Err(ErrorKind::Malformed), "{text}");
        }
        assert!(parse(b"<a>\xff</a>").is_err());
    }

    #[test]
    fn depth_and_number_are_limited() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(kind(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(kind(&nested(MAX_DEPTH + 1)), Err(ErrorKind::TooLarge));
        let many = |number: usize| format!("<a>{}</a>", "<b/>".repeat(number - 1));
        assert_eq!(kind(&many(MAX_ELEMENTS)), Ok(()));
        assert_eq!(kind(&many(MAX_ELEMENTS + 1)), Err(ErrorKind::TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_answer(text in "[<>/&;a#! \\[\\]\"=?-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
