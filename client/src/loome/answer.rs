//! Answers, whose forms the page does not show: taken in every form that can be understood.

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;

use super::object::LoomeObject;
use crate::error::ClientError;
use crate::logmeonce::json;
use crate::media::{Media, html_page};

/// Names under which services put a list, besides the name of what is in it.
const LIST_NAMES: [&str; 5] = ["value", "items", "data", "results", "result"];

/// A whole answer.
pub(super) struct Answer {
    is_json: bool,
    body: SecretBuffer,
}

impl Answer {
    /// Checks that it is what its head says.
    pub(super) fn new(headers: &HeaderMap, body: SecretBuffer) -> Result<Self, ClientError> {
        let media = Media::of(headers);
        let answer = Self {
            is_json: media == Media::Json,
            body,
        };
        match media {
            Media::Html => Err(html_page()),
            Media::Json if !answer.is_empty() => answer.json::<serde::de::IgnoredAny>().map(|_| answer),
            _ => Ok(answer),
        }
    }

    /// As it came.
    pub(super) fn into_body(self) -> SecretBuffer {
        self.body
    }

    pub(super) fn text(&self) -> Result<&str, ClientError> {
        str::from_utf8(self.body.expose_secret()).map_err(|_| ClientError::malformed("it is not UTF-8"))
    }

    /// Whether it says that it is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.is_json
    }

    fn is_empty(&self) -> bool {
        self.body.expose_secret().trim_ascii().is_empty()
    }

    pub(super) fn json<D: serde::de::DeserializeOwned>(&self) -> Result<D, ClientError> {
        json::read(self.text()?, "answer")
    }

    /// A list of objects: `[…]`, or under the name of what is in it, or under a usual one.
    pub(super) fn list(&self, name: &str) -> Result<Vec<LoomeObject>, ClientError> {
        let items = match self.json()? {
            Value::Array(items) => Some(items),
            Value::Object(mut members) => list_name(&members, name).and_then(|name| match members.remove(&name) {
                Some(Value::Array(items)) => Some(items),
                _ => None,
            }),
            _ => None,
        };
        let items = items.ok_or_else(|| ClientError::malformed(format!("it holds no list \"{name}\"")))?;
        items.into_iter().map(LoomeObject::from_value).collect()
    }

    /// An object with an id, if it is one.
    pub(super) fn object(&self) -> Option<LoomeObject> {
        LoomeObject::from_value(self.json().ok()?).ok()
    }

    /// The members of an object.
    pub(super) fn members(&self) -> Result<Map<String, Value>, ClientError> {
        match self.json()? {
            Value::Object(members) => Ok(members),
            _ => Err(ClientError::malformed("it is no object")),
        }
    }
}

fn list_name(members: &Map<String, Value>, name: &str) -> Option<String> {
    let mut names = [name].into_iter().chain(LIST_NAMES);
    names.find_map(|wanted| members.keys().find(|known| is_named(known, &[wanted])).cloned())
}

/// The first of some members that is there and not null. Case, `_` and `-` do not matter.
pub(super) fn find<'a>(members: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    let mut found = members
        .iter()
        .filter(|(known, value)| !value.is_null() && is_named(known, names));
    found.next().map(|(_, value)| value)
}

pub(super) fn is_named(known: &str, names: &[&str]) -> bool {
    let letters = known.chars().filter(|letter| !matches!(letter, '_' | '-'));
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    names.iter().any(|name| name.eq_ignore_ascii_case(&letters))
}

/// A value as people read it, if it is a text, a number, a truth value, or a list of them.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(shown).collect();
            items.filter(|items| !items.is_empty()).map(|items| items.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A truth value, also as a text.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn of(content_type: &str, body: &str) -> Result<Answer, ClientError> {
    let value = http::HeaderValue::from_str(content_type).unwrap();
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)]);
    let mut buffer = SecretBuffer::new();
    buffer.extend(body.as_bytes());
    Answer::new(&headers, buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Option<Vec<String>> {
        let list = of("application/json; charset=utf-8", body)
            .ok()?
            .list("projects")
            .ok()?;
        Some(list.iter().map(|object| object.id().to_string()).collect())
    }

    #[test]
    fn lists_are_read_bare_and_under_their_names() {
        let expected = Some(vec!["1".to_owned(), "b".to_owned()]);
        for form in [
            r#"[{"id":1},{"id":"b"}]"#,
            r#"{"projects":[{"id":1},{"id":"b"}],"total":2}"#,
            r#"{"Value":[{"Id":1},{"Id":"b"}]}"#,
            r#"{"data":[],"Projects":[{"id":1},{"id":"b"}]}"#,
        ] {
            assert_eq!(ids(form), expected, "{form}");
        }
        assert_eq!(ids("[]"), Some(vec![]));
        for form in [
            "",
            "{}",
            "null",
            "1",
            "[1]",
            r#"[{"name":"a"}]"#,
            r#"{"projects":{}}"#,
            "[",
            r#"[{"id":"a/b"}]"#,
        ] {
            assert_eq!(ids(form), None, "{form}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert!(of("text/html", "[]").is_err());
        assert!(of("application/json", "[").is_err());
        assert!(of("application/json", "").is_ok_and(|answer| answer.object().is_none()));
    }

    #[test]
    fn messages_quote_nothing() {
        let error = of("application/json", r#"{"a":"hunter2"}"#)
            .unwrap()
            .list("projects")
            .err()
            .unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
