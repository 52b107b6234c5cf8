//! What a body is, by what it holds: heads are often wrong about it.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::IgnoredAny;
use zkvault_core::text::TextError;
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
            Some(_) if is_page(text) => Err(html_page()),
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
    let decoded = decoded(&body).map_err(undecodable)?;
    Ok(decoded.unwrap_or(body))
}

/// The text of a body, where that is not the body as it is.
fn decoded(body: &SecretBuffer) -> Result<Option<SecretBuffer>, TextError> {
    let mut buffer = SecretBuffer::new();
    let text = text::decode(body.expose_secret(), &mut buffer)?;
    Ok((text.len() != body.len()).then(|| {
        let mut decoded = SecretBuffer::new();
        decoded.extend(text.as_bytes());
        decoded
    }))
}

fn undecodable(error: TextError) -> ClientError {
    ClientError::malformed(error.to_string())
}

/// The characters of the bytes 0x80 to 0x9f in Windows-1252, which is what programs send as ISO 8859-1 too.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// As [`text_of`], of a body in which a name may be written badly: no byte of it keeps the rest from being read. What is
/// not UTF-8 is read in the encoding that the head names, or else replaced by U+FFFD; and control characters may stand in
/// the texts of JSON as they are. Says whether anything of this was needed.
pub(crate) fn lenient_text_of(body: SecretBuffer, headers: &HeaderMap) -> Result<(SecretBuffer, bool), ClientError> {
    let (text, is_utf8) = match decoded(&body) {
        Ok(decoded) => (decoded.unwrap_or(body), true),
        Err(TextError::NotUtf8) if is_latin(headers) => (of_latin(body.expose_secret()), false),
        Err(TextError::NotUtf8) => (replaced(body.expose_secret()), false),
        Err(error) => return Err(undecodable(error)),
    };
    match utf8(&text).ok().and_then(without_controls) {
        Some(text) => Ok((text, true)),
        None => Ok((text, !is_utf8)),
    }
}

/// Whether the head says that a body is in ISO 8859-1 or Windows-1252.
fn is_latin(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let parameters = kind.into_iter().flat_map(|kind| kind.split(';').skip(1));
    let mut charsets = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim().eq_ignore_ascii_case("charset")).then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    charsets.any(|charset| {
        let known = [
            "iso-8859-1",
            "iso8859-1",
            "iso_8859-1",
            "latin1",
            "windows-1252",
            "cp1252",
        ];
        known.contains(&charset.as_str())
    })
}

fn of_latin(bytes: &[u8]) -> SecretBuffer {
    let (mut text, mut room) = (SecretBuffer::new(), [0; 4]);
    for byte in bytes {
        let control = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
        let letter = control.copied().unwrap_or(char::from(*byte));
        text.extend(letter.encode_utf8(&mut room).as_bytes());
    }
    text
}

fn replaced(bytes: &[u8]) -> SecretBuffer {
    let mut text = SecretBuffer::new();
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            text.extend("\u{fffd}".as_bytes());
        }
    }
    text
}

/// JSON whose texts hold control characters, which it forbids (RFC 8259 §7), with these escaped. Nothing for all else.
fn without_controls(text: &str) -> Option<SecretBuffer> {
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    // Most documents have none at all, and need not be parsed to know it.
    if !text.bytes().any(|byte| byte < 0x20) || !text.trim_start().starts_with(['{', '[']) || is_json(text) {
        return None;
    }
    let mut escaped = SecretBuffer::new();
    let (mut in_text, mut is_escape) = (false, false);
    for byte in text.bytes() {
        match byte {
            0..0x20 if in_text => escaped.extend(format!("\\u{byte:04x}").as_bytes()),
            byte => escaped.extend(&[byte]),
        }
        in_text ^= byte == b'"' && !is_escape;
        is_escape = in_text && byte == b'\\' && !is_escape;
    }
    utf8(&escaped).is_ok_and(is_json).then_some(escaped)
}

/// The text of a body, which [`text_of`] brought into its form.
pub(crate) fn utf8(text: &SecretBuffer) -> Result<&str, ClientError> {
    str::from_utf8(text.expose_secret()).map_err(|_| ClientError::malformed("it is not UTF-8"))
}

/// What a status other than 2xx means. An API does not write pages: who sends one with it is often not the service.
pub(crate) fn error_of(status: StatusCode, after: Option<Duration>, body: &[u8]) -> ClientError {
    let error = ClientError::of_status(status, after);
    let start = body.get(..START).unwrap_or(body);
    match is_page(&String::from_utf8_lossy(start)) {
        true => {
            error.with_detail("it comes as an HTML page, as a firewall or a proxy in front of the service sends it")
        }
        false => error,
    }
}

/// Whether it is written for people: a page, a piece of one, or what PHP prints before one.
fn is_page(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with('<') {
        return false;
    }
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
    fn a_badly_written_name_keeps_nothing_from_being_read() {
        let read = |kind: &'static str, bytes: &[u8]| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(kind))]);
            let (text, is_mended) = lenient_text_of(buffer(bytes), &headers).unwrap();
            (utf8(&text).unwrap().to_owned(), is_mended)
        };
        let json = "application/json";
        assert_eq!(read(json, b"[\"M\xfcller\"]"), ("[\"M\u{fffd}ller\"]".to_owned(), true));
        for latin in [
            "application/json; charset=iso-8859-1",
            "text/plain;a=b; Charset=\"Windows-1252\"",
        ] {
            assert_eq!(
                read(latin, b"[\"M\xfcller \x80\"]"),
                ("[\"Müller €\"]".to_owned(), true)
            );
        }
        // Heads are often wrong.
        let utf8 = "[\"Müller\"]";
        assert_eq!(
            read("application/json; charset=iso-8859-1", utf8.as_bytes()),
            (utf8.to_owned(), false)
        );
        assert_eq!(
            read(json, b"{\n\"a\":\"b\tc\r\nd\\\\\",\t\"e\":\"\\\"\n\"}"),
            (
                "{\n\"a\":\"b\\u0009c\\u000d\\u000ad\\\\\",\t\"e\":\"\\\"\\u000a\"}".to_owned(),
                true
            )
        );
        for broken in ["{\"a\":\"b", "[\"\n\",]", "a\tb"] {
            assert_eq!(read(json, broken.as_bytes()), (broken.to_owned(), false));
        }
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
