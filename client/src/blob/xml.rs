//! The XML of the blob service, read piece by piece: listings are long.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::error::BlobError;

/// Elements within elements; the deepest document has 6.
const MAX_DEPTH: usize = 16;

/// A step through a document.
pub(super) enum Step<'a> {
    /// An element begins. Its name is the last of the path.
    Open,
    /// An element ends, which had this text in front of its last child.
    Close(&'a str),
}

/// Walks through a document. `visit` gets the names from the root to the element, and what happens to it.
pub(super) fn walk(
    document: &[u8],
    mut visit: impl FnMut(&[String], Step<'_>) -> Result<(), BlobError>,
) -> Result<(), BlobError> {
    let text = str::from_utf8(document).map_err(|_| malformed())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut path, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => {
                if path.len() == MAX_DEPTH {
                    return Err(malformed());
                }
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
                visit(&path, Step::Open)?;
            }
            Event::Empty(start) => {
                path.push(start.local_name().as_ref().to_owned());
                visit(&path, Step::Open)?;
                visit(&path, Step::Close(""))?;
                path.pop();
            }
            Event::End(_) => {
                visit(&path, Step::Close(&text))?;
                path.pop();
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|_| malformed())? {
                Some(character) => text.push(character),
                None => text.push_str(resolve_xml_entity(&reference).ok_or_else(malformed)?),
            },
            Event::DocType(_) => return Err(malformed()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err(malformed()),
        }
    }
}

/// The code in the body of an error.
pub(super) fn error(body: &[u8]) -> Option<String> {
    let mut code = None;
    let walked = walk(body, |path, step| {
        if let (["Error", "Code"], Step::Close(text)) = (&names(path)[..], step) {
            code = Some(text.trim().to_owned());
        }
        Ok(())
    });
    walked.ok().and(code)
}

/// A path to match on.
pub(super) fn names(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

pub(super) fn malformed() -> BlobError {
    BlobError::malformed("its XML is not in the documented form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_pieces_are_put_together() {
        let mut seen = Vec::new();
        let document = "\u{feff}<?xml version=\"1.0\"?><a><b>x &lt;&#228;<![CDATA[&]]></b><c/></a>";
        walk(document.as_bytes(), |path, step| {
            if let Step::Close(text) = step {
                seen.push((path.join("/"), text.to_owned()));
            }
            Ok(())
        })
        .unwrap();
        let expected = [("a/b", "x <ä&"), ("a/c", ""), ("a", "")];
        assert_eq!(seen, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH + 1), "</a>".repeat(MAX_DEPTH + 1));
        for wrong in [
            "<a>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&b;</a>",
            deep.as_str(),
        ] {
            assert!(walk(wrong.as_bytes(), |_, _| Ok(())).is_err(), "{wrong}");
        }
        assert!(walk(b"<a>\xff</a>", |_, _| Ok(())).is_err());
        assert_eq!(error(b"<html>no</html>"), None);
    }
}
