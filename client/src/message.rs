//! What a service says about an error, found in documents whose form its page does not tell.

use serde_json::{Map, Value};
use zkvault_core::{SecretBuffer, text};

use crate::document::xml;
use crate::error::ClientError;
use crate::media::Media;
use crate::refusal::{self, Wanted, plain, says_something};
use crate::visible::visible;

/// Members that hold a message, the best one first, without case, `_` and `-`. What is in one of them is looked into.
const NAMES: [&str; 18] = [
    "errordescription",
    "message",
    "msg",
    "errormessage",
    "errormsg",
    "errmsg",
    "faultstring",
    "error",
    "errors",
    "err",
    "detail",
    "details",
    "reason",
    "description",
    "title",
    "fault",
    "exception",
    "errorcode",
];
/// What may be around all of these.
const AROUND: [&str; 8] = [
    "data", "response", "result", "results", "body", "status", "meta", "code",
];
/// Objects and lists that are looked into, one within the other.
const MAX_DEPTH: usize = 6;

/// A text of the service, as it came.
pub(crate) struct ServiceMessage(String);

impl ServiceMessage {
    /// Of a text, when it says anything.
    fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// From the body of an error, JSON or XML.
    pub(crate) fn find(body: &[u8]) -> Option<Self> {
        Self::of_document(&error_document(body)?)
    }

    /// From a document that is an error.
    pub(crate) fn of_document(document: &Value) -> Option<Self> {
        match document {
            Value::String(text) => Self::of_text(text),
            document => search(document, MAX_DEPTH),
        }
    }

    /// As it can be shown. Nothing when it holds a secret, which must be looked for before anything is cut off.
    pub(crate) fn shown(self, holds_secret: impl Fn(&str) -> bool) -> Option<String> {
        (!holds_secret(&self.0)).then(|| visible(&self.0))
    }
}

/// The error that a document is under a status of 2xx, in the service's words if they may be shown.
pub(crate) fn refused(document: &Value, wanted: Wanted, holds_secret: impl Fn(&str) -> bool) -> Option<ClientError> {
    let kind = refusal::find(document, wanted)?;
    let message = ServiceMessage::of_document(document);
    Some(ClientError::of_refusal(kind).with_message(message.and_then(|message| message.shown(holds_secret))))
}

/// The body of an error as a document, JSON or XML. A page for people is none.
pub(crate) fn error_document(body: &[u8]) -> Option<Value> {
    let mut buffer = SecretBuffer::new();
    let body = text::decode(body, &mut buffer).ok()?;
    Media::of(body).ok()?;
    let document = serde_json::from_str(body).ok();
    document.or_else(|| xml::parse(body.as_bytes()).ok().map(|root| root.to_document()))
}

fn search(document: &Value, depth: usize) -> Option<ServiceMessage> {
    match document {
        Value::Object(members) => in_object(members, depth),
        Value::Array(items) if depth > 1 => items.iter().find_map(|item| match item {
            Value::String(text) => ServiceMessage::of_text(text),
            item => search(item, depth - 1),
        }),
        _ => None,
    }
}

fn in_object(members: &Map<String, Value>, depth: usize) -> Option<ServiceMessage> {
    let find = |wanted: &&str| {
        let mut named = members.iter().filter(|(name, _)| plain(name) == **wanted);
        named.find_map(|(_, value)| in_member(value, depth))
    };
    NAMES.iter().chain(&AROUND).find_map(find)
}

/// The text of a member; or what an object within it says, be it only under the names of what is wrong, as in
/// `{"errors": {"name": ["is taken"]}}`.
fn in_member(value: &Value, depth: usize) -> Option<ServiceMessage> {
    match value {
        Value::String(text) => ServiceMessage::of_text(text),
        _ if depth == 1 => None,
        Value::Object(members) => search(value, depth - 1).or_else(|| {
            members.iter().find_map(|(name, value)| match search_text(value)? {
                text if says_something(&Value::from(text)) => ServiceMessage::of_text(&format!("{name}: {text}")),
                _ => None,
            })
        }),
        value => search(value, depth - 1),
    }
}

/// A text, or the first one of a list.
fn search_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(Value::as_str),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visible::MAX_CHARS;

    fn found(body: &str) -> Option<String> {
        ServiceMessage::find(body.as_bytes())?.shown(|_| false)
    }

    #[test]
    fn messages_are_found_in_the_usual_places() {
        let cases = [
            (
                r#"{"error":"conflict","error_description":"not assigned"}"#,
                Some("not assigned"),
            ),
            (r#"{"error":"conflict"}"#, Some("conflict")),
            (r#"{"error":{"code":"x","message":"inner"}}"#, Some("inner")),
            (r#"{"message":""}"#, None),
            (r#"{"message":1}"#, None),
            (r#"["error"]"#, Some("error")),
            (r#"{"errors":{"name":["is taken"]}}"#, Some("name: is taken")),
            (r#"{"data":{"error":{"details":[{"msg":"inner"}]}}}"#, Some("inner")),
            ("<response><error>conflict</error></response>", Some("conflict")),
            ("<html><body>no</body></html>", None),
            ("", None),
        ];
        for (body, expected) in cases {
            assert_eq!(found(body).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn messages_are_short_and_visible() {
        let body = serde_json::json!({"message": format!("a\u{1b}[2J\u{202e}{}", "b".repeat(1000))});
        let message = found(&body.to_string()).unwrap();
        assert!(message.starts_with("a\u{fffd}[2J\u{fffd}bb"), "{message}");
        assert_eq!(message.chars().count(), MAX_CHARS);
    }

    #[test]
    fn a_secret_is_found_also_where_the_message_is_cut() {
        let text = format!("{}secret", "a".repeat(MAX_CHARS - 3));
        let shown = |secret: &str| {
            ServiceMessage::of_text(&text)
                .unwrap()
                .shown(|text| text.contains(secret))
        };
        assert!(shown("secret").is_none());
        assert!(shown("another").is_some_and(|shown| shown.ends_with("asec")));
    }
}
