//! What a body is, by what it holds: heads are often wrong about it.

use serde::de::IgnoredAny;
use zkvault_core::{SecretBuffer, text};

use crate::error::ClientError;

/// Bytes in which a page for people shows that it is one.
const START: usize = 1024;

/// What a program prints that has nothing to say but that it worked.
const ASSENTS: &[&str] = &["ok", "success", "done"];
/// Elements with which HTML begins, or a piece of it. No document of an API begins with one.
const TAGS: &[&str] = &[
    "html", "head", "body", "meta", "title", "style", "script", "center", "div", "p", "span", "br", "hr", "b",
    "strong", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "form", "img", "ul", "ol", "section",
    "main", "nav", "iframe", "noscript",
];

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// Nothing, or white space; or no more than `OK`.
    Empty,
    /// Valid JSON.
    Json,
    /// It begins as XML does.
    Xml,
    /// Neither, and no page for people.
    Other,
}

impl Media {
    /// Looks at a whole body.
    ///
    /// # Errors
    /// [`ErrorKind::Foreign`](crate::ErrorKind::Foreign) for a page for people, `Malformed` for what begins like JSON
    /// and is none.
    pub(crate) fn of(text: &str) -> Result<Self, ClientError> {
        match text.trim_start().as_bytes().first() {
            None => Ok(Self::Empty),
            Some(b'<') if is_page(text) => Err(html_page()),
            Some(b'<') => Ok(Self::Xml),
            Some(first) => match serde_json::from_str::<IgnoredAny>(text) {
                Ok(_) => Ok(Self::Json),
                Err(_) if matches!(first, b'{' | b'[') => Err(ClientError::malformed("it is no valid JSON")),
                Err(_) if ASSENTS.contains(&text.trim().to_ascii_lowercase().as_str()) => Ok(Self::Empty),
                Err(_) => Ok(Self::Other),
            },
        }
    }
}

/// A body as text in UTF-8, whatever it came in.
pub(crate) fn text_of(body: SecretBuffer) -> Result<SecretBuffer, ClientError> {
    let mut buffer = SecretBuffer::new();
    let text = text::decode(body.expose_secret(), &mut buffer);
    let text = text.map_err(|error| ClientError::malformed(error.to_string()))?;
    if text.len() == body.len() {
        return Ok(body);
    }
    let mut decoded = SecretBuffer::new();
    decoded.extend(text.as_bytes());
    Ok(decoded)
}

/// The text of a body, which [`text_of`] brought into its form.
pub(crate) fn utf8(text: &SecretBuffer) -> Result<&str, ClientError> {
    str::from_utf8(text.expose_secret()).map_err(|_| ClientError::malformed("it is not UTF-8"))
}

/// Whether it is written for people: a page, a piece of one, or what PHP prints before one.
fn is_page(text: &str) -> bool {
    let text = text.trim_start();
    let start = text.get(..text.floor_char_boundary(START)).unwrap_or(text);
    let lower = start.to_ascii_lowercase();
    // In a section of text, XML may quote a page.
    let start = lower.split("<![cdata[").next().unwrap_or_default();
    start.starts_with("<!doctype html") || start.contains("<html") || TAGS.contains(&first_tag(start))
}

/// The name of the first element, after comments and what else comes before it.
fn first_tag(text: &str) -> &str {
    let tags = text.split('<').skip(1);
    let mut names = tags.filter(|tag| tag.starts_with(|letter: char| letter.is_ascii_lowercase()));
    let tag = names.next().unwrap_or_default();
    let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric());
    tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
}

pub(crate) fn html_page() -> ClientError {
    ClientError::foreign("it is an HTML page, as a proxy or the login page of a network sends it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn buffer(bytes: &[u8]) -> SecretBuffer {
        let mut buffer = SecretBuffer::new();
        buffer.extend(bytes);
        buffer
    }

    #[test]
    fn the_content_says_what_it_is() {
        let media = |text: &str| Media::of(text).map_err(|error| error.kind());
        for empty in [" \r\n", "", "OK\n", "success"] {
            assert_eq!(media(empty), Ok(Media::Empty), "{empty:?}");
        }
        assert_eq!(
            (media(" {\"a\":1} "), media("null"), media("\"x\"")),
            (Ok(Media::Json), Ok(Media::Json), Ok(Media::Json))
        );
        assert_eq!(
            (media("<r/>"), media("<?xml version=\"1.0\"?><r/>")),
            (Ok(Media::Xml), Ok(Media::Xml))
        );
        assert_eq!(
            media("<r><note><![CDATA[<html><p>]]></note></r>"),
            Ok(Media::Xml),
            "it quotes a page"
        );
        assert_eq!(
            (media("https://a.example"), media("Access denied")),
            (Ok(Media::Other), Ok(Media::Other))
        );
        for page in [
            "<!DOCTYPE html><p>",
            "<HTML>",
            "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">",
            "<br />\n<b>Warning</b>: x {}",
            "<h1>Forbidden</h1>",
            "<!-- of the proxy -->\n<center>Please log in</center>",
            "<div class=\"x\">Your session has ended</div>",
            "<Meta http-equiv=\"refresh\" content=\"0\"/>",
        ] {
            assert_eq!(media(page), Err(ErrorKind::Foreign), "{page}");
        }
        assert_eq!(
            (media("{\"a\":"), media("[1,]")),
            (Err(ErrorKind::Malformed), Err(ErrorKind::Malformed))
        );
    }

    #[test]
    fn marks_are_no_part_of_the_text() {
        let text = "{\"ä\":\"😀\"}";
        let le: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [text.as_bytes(), format!("\u{feff}{text}").as_bytes(), &le, &be] {
            let read = text_of(buffer(bytes)).unwrap();
            assert_eq!(utf8(&read).unwrap(), text);
        }
        assert!(text_of(buffer(&le[..le.len() - 1])).is_err());
        assert!(text_of(buffer(&[0xff, 0xfe, 0, 0xd8])).is_err());
        assert!(utf8(&buffer(&[0xff])).is_err());
    }
}
