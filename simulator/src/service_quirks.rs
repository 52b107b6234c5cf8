//! The quirks of the LogMeOnce service: what is done to its requests and answers.

use std::io::Write as _;

use axum::http::Uri;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::exchange::{Written, set};
use crate::quirk::Quirk;
use crate::traffic::Received;

/// Records of a part, where lists come in parts.
const PART: usize = 2;
/// Stands for half of a surrogate pair until the document is written: no character, and in no text.
const MARK: char = '\u{fdd0}';
/// Kinds of records that are listed.
const KINDS: [&str; 3] = ["sites", "users", "groups"];

impl Quirk {
    /// The answer to a request that is not carried out.
    pub(crate) fn answers(self, received: &Received) -> Option<Answer> {
        let reads = received.method == "GET";
        let (status, document) = match (self, received.path.as_str()) {
            (Self::RefusalUnder200, path) if path.starts_with("/rest") && !reads => {
                (200, json!({"success": 0, "message": "You are not allowed to do this"}))
            }
            (Self::TokenRefusalUnder200, "/oauth2/token") => (
                200,
                json!({"error": "invalid_client", "error_description": "the client credentials are invalid"}),
            ),
            (Self::NoGroups, "/rest/groups") if reads => (404, json!({"error": "not_found"})),
            (Self::NoUsers, "/rest/users") if reads => (501, json!({"error": "not_implemented"})),
            _ => return None,
        };
        Some(Answer::new(status, document))
    }

    /// Takes what the service itself does not know out of a request's address, and gives the number of the page.
    pub(crate) fn page(self, uri: &mut Uri) -> Option<usize> {
        if !matches!(self, Self::Pages | Self::LinkedPages | Self::HalfLists) {
            return None;
        }
        let pairs: Vec<(String, String)> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        let page = pairs.iter().find(|(name, _)| name == "page");
        let page = page.and_then(|(_, page)| page.parse().ok()).unwrap_or(1);
        let rest = pairs.iter().filter(|(name, _)| name != "page");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(rest)
            .finish();
        let target = match query.is_empty() {
            true => uri.path().to_owned(),
            false => format!("{}?{query}", uri.path()),
        };
        // The target is made of what was one.
        *uri = target.parse().unwrap_or_default();
        Some(page)
    }

    /// Changes a document, of which the request asked for this page.
    pub(crate) fn change(self, received: &Received, page: usize, answer: &mut Answer) {
        if answer.status != 200 {
            return;
        }
        match self {
            Self::OddToken if received.path == "/oauth2/token" => odd_token(&mut answer.document),
            Self::NumbersAsText if received.path.starts_with("/rest") => texts(&mut answer.document),
            Self::ListsAsObjects => objects(&mut answer.document),
            Self::OddSite => set_first(&mut answer.document, "sites", "login", "see the vault".into()),
            Self::HalfCharacter => mark_first(&mut answer.document),
            Self::OddUser => set_first(&mut answer.document, "users", "id", (-1).into()),
            Self::Pages | Self::LinkedPages | Self::HalfLists => self.cut(received, page, answer),
            _ => {}
        }
    }

    fn cut(self, received: &Received, page: usize, answer: &mut Answer) {
        let Value::Object(members) = &mut answer.document else {
            return;
        };
        let Some(Value::Array(list)) = KINDS
            .iter()
            .find(|kind| members.contains_key(**kind))
            .and_then(|kind| members.get_mut(*kind))
        else {
            return;
        };
        let total = list.len();
        let pages = total.div_ceil(PART).max(1);
        *list = list.iter().skip(PART * (page - 1)).take(PART).cloned().collect();
        match self {
            Self::Pages => members.extend(about([("page", page), ("pages", pages), ("total", total)])),
            Self::HalfLists => members.extend(about([("total", total)])),
            _ if page < pages => {
                let link = format!("<{}?page={}>; rel=\"next\"", received.path, page + 1);
                answer.headers.push(("link".to_owned(), link));
            }
            _ => {}
        }
    }

    /// Changes what is written.
    pub(crate) fn write(self, written: &mut Written) {
        if written.bytes.is_empty() {
            return;
        }
        let text = || String::from_utf8_lossy(&written.bytes).into_owned();
        let (bytes, header) = match self {
            Self::ByteOrderMark => (format!("\u{feff}{}", text()).into_bytes(), None),
            Self::Utf16 => {
                let marked = format!("\u{feff}{}", text());
                (marked.encode_utf16().flat_map(u16::to_le_bytes).collect(), None)
            }
            Self::HalfCharacter => (text().replace(MARK, "\\ud83d").into_bytes(), None),
            Self::Gzip => (gzip(&written.bytes), Some(("content-encoding", "gzip"))),
            Self::Deflate => (deflate(&written.bytes), Some(("content-encoding", "deflate"))),
            Self::HtmlLabel => (
                written.bytes.to_vec(),
                Some(("content-type", "text/html; charset=utf-8")),
            ),
            _ => return,
        };
        written.bytes = bytes.into();
        if let Some((name, value)) = header {
            set(&mut written.headers, name, value);
        }
    }
}

fn about<const N: usize>(members: [(&str, usize); N]) -> impl Iterator<Item = (String, Value)> {
    members
        .map(|(name, number)| (name.to_owned(), number.into()))
        .into_iter()
}

fn odd_token(document: &mut Value) {
    if let Value::Object(members) = document {
        let lifetime = members
            .get("expires_in")
            .map_or(Value::Null, |seconds| format!("{seconds}.0").into());
        members.insert("expires_in".to_owned(), lifetime);
        members.insert("scope".to_owned(), json!(["all"]));
        members.insert("token_type".to_owned(), "bearer".into());
        members.insert("id_token".to_owned(), Value::Bool(false));
    }
}

/// As a language without types writes them.
fn texts(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.to_string().into(),
        Value::Bool(truth) => *value = u8::from(*truth).into(),
        Value::Array(items) => items.iter_mut().for_each(texts),
        Value::Object(members) => members.values_mut().for_each(texts),
        Value::Null | Value::String(_) => {}
    }
}

fn objects(document: &mut Value) {
    let Value::Object(members) = document else { return };
    for kind in KINDS {
        if let Some(list) = members.get_mut(kind) {
            let items = list.as_array().cloned().unwrap_or_default();
            let numbered = items
                .into_iter()
                .enumerate()
                .map(|(index, item)| ((2 * index).to_string(), item));
            *list = Value::Object(Map::from_iter(numbered));
        }
    }
}

/// Puts a mark into the first name, for which something is written that no text in memory can have.
fn mark_first(document: &mut Value) {
    for kind in KINDS {
        let name = document
            .get(kind)
            .and_then(|list| Some(list.get(0)?.get("name")?.as_str()?.to_owned()));
        if let Some(name) = name {
            set_first(document, kind, "name", format!("{MARK}{name}").into());
        }
    }
}

fn set_first(document: &mut Value, kind: &str, member: &str, value: Value) {
    let first = document.get_mut(kind).and_then(|list| list.get_mut(0));
    if let Some(Value::Object(members)) = first {
        members.insert(member.to_owned(), value);
    }
}

/// Writing to memory does not fail.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let _infallible = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let _infallible = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
