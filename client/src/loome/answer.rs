//! Answers, whose forms the page does not show: taken in every form that can be understood.

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;
use zkvault_core::model::OddRecord;

use super::object::LoomeObject;
use crate::document::json;
use crate::error::ClientError;
use crate::media::{self, Media};
use crate::message::ServiceMessage;
use crate::refusal::{self, Wanted};

/// Names under which services put a list, besides the name of what is in it.
const LIST_NAMES: [&str; 7] = ["value", "items", "data", "results", "result", "response", "records"];
/// Of these, one within the other.
const MAX_ENVELOPES: usize = 3;

/// A whole response.
pub(super) struct Answer {
    headers: HeaderMap,
    media: Media,
    text: SecretBuffer,
}

impl Answer {
    /// Checks that it is the API's: JSON, nothing, or a bare text, which a link may be.
    pub(super) fn new(headers: HeaderMap, body: SecretBuffer) -> Result<Self, ClientError> {
        let text = media::text_of(body)?;
        let media = Media::of(media::utf8(&text)?)?;
        let answer = Self { headers, media, text };
        let is_link = || answer.text().is_ok_and(|text| text.trim_start().starts_with("http"));
        match media {
            Media::Xml => Err(ClientError::malformed("it is XML, and JSON was asked for")),
            Media::Other if !is_link() => Err(ClientError::foreign("it is no JSON")),
            _ => Ok(answer),
        }
    }

    /// Refuses a response that says of itself, under a status of 2xx, that the request failed.
    pub(super) fn check_success(&self, wanted: Wanted, holds_secret: impl Fn(&str) -> bool) -> Result<(), ClientError> {
        if self.media != Media::Json {
            return Ok(());
        }
        let document = json::document(self.text()?);
        match refusal::find(&document, wanted) {
            None => Ok(()),
            Some(kind) => {
                let message = ServiceMessage::of_document(&document);
                Err(ClientError::new(kind).with_message(message.and_then(|message| message.shown(holds_secret))))
            }
        }
    }

    /// As it came, in UTF-8.
    pub(super) fn into_body(self) -> SecretBuffer {
        self.text
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn text(&self) -> Result<&str, ClientError> {
        media::utf8(&self.text)
    }

    /// Whether it is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.media == Media::Json
    }

    pub(super) fn json<D: serde::de::DeserializeOwned>(&self) -> Result<D, ClientError> {
        json::read(self.text()?, "response")
    }

    /// A list of objects with what stands beside it: `[…]`, or under the name of what is in it, or under a usual one, also
    /// one within the other; also as an object with numbers for names, or as its only item.
    #[expect(clippy::type_complexity, reason = "each object, or why it is set aside")]
    pub(super) fn list(
        &self,
        name: &str,
    ) -> Result<(Vec<Result<LoomeObject, OddRecord>>, Map<String, Value>), ClientError> {
        let (list, beside) = match self.json()? {
            Value::Object(members) => list_within(members, name, MAX_ENVELOPES),
            list => (list, Map::new()),
        };
        let items = match list {
            Value::Array(items) => Some(items),
            Value::Object(members) if find(&members, &["id"]).is_some() => Some(vec![members.into()]),
            Value::Object(members) => numbered(members),
            _ => None,
        };
        let items = items.ok_or_else(|| ClientError::malformed(format!("it holds no list \"{name}\"")))?;
        Ok((items.into_iter().map(LoomeObject::read).collect(), beside))
    }

    /// An object with an id, if it is one.
    pub(super) fn object(&self) -> Option<LoomeObject> {
        LoomeObject::read(self.json().ok()?).ok()
    }

    /// The members of an object.
    pub(super) fn members(&self) -> Result<Map<String, Value>, ClientError> {
        match self.json()? {
            Value::Object(members) => Ok(members),
            _ => Err(ClientError::malformed("it is no object")),
        }
    }
}

/// A list under its name, with everything that stands beside it and around it.
fn list_within(mut members: Map<String, Value>, name: &str, depth: usize) -> (Value, Map<String, Value>) {
    let list = list_name(&members, name).and_then(|name| members.remove(&name));
    match list.unwrap_or_default() {
        Value::Object(inner) if depth > 1 && list_name(&inner, name).is_some() => {
            let (list, mut beside) = list_within(inner, name, depth - 1);
            for (name, value) in members {
                beside.entry(name).or_insert(value);
            }
            (list, beside)
        }
        list => (list, members),
    }
}

/// The members of an object whose names are numbers, in the order of these.
fn numbered(members: Map<String, Value>) -> Option<Vec<Value>> {
    let numbers = members
        .into_iter()
        .map(|(name, value)| Some((name.parse::<u64>().ok()?, value)));
    let mut numbers: Vec<_> = numbers.collect::<Option<_>>()?;
    numbers.sort_by_key(|(number, _)| *number);
    Some(numbers.into_iter().map(|(_, value)| value).collect())
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
    Answer::new(headers, buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Option<Vec<String>> {
        let (list, _) = of("application/json; charset=utf-8", body)
            .ok()?
            .list("projects")
            .ok()?;
        list.iter()
            .map(|object| Some(object.as_ref().ok()?.id().to_string()))
            .collect()
    }

    #[test]
    fn lists_are_read_bare_and_under_their_names() {
        let expected = Some(vec!["1".to_owned(), "b".to_owned()]);
        for form in [
            r#"[{"id":1},{"id":"b"}]"#,
            r#"{"projects":[{"id":1},{"id":"b"}],"total":2}"#,
            r#"{"Value":[{"Id":1},{"Id":"b"}]}"#,
            r#"{"data":[],"Projects":[{"id":1},{"id":"b"}]}"#,
            r#"{"projects":{"3":{"id":"b"},"0":{"id":1}}}"#,
        ] {
            assert_eq!(ids(form), expected, "{form}");
        }
        for form in [
            r#"{"data":{"items":[{"id":1},{"id":"b"}],"total":2}}"#,
            r#"{"response":{"data":{"projects":[{"id":1},{"id":"b"}]}},"success":true}"#,
        ] {
            assert_eq!(ids(form), expected, "{form}");
        }
        let alone = Some(vec!["b".to_owned()]);
        assert_eq!((ids(r#"{"projects":{"id":"b"}}"#), ids("[]")), (alone, Some(vec![])));
        for form in [
            "",
            "{}",
            "null",
            "1",
            "[1]",
            r#"[{"name":"a"}]"#,
            r#"{"projects":{"a":{"id":1}}}"#,
            "[",
            r#"[{"id":"a/b"}]"#,
        ] {
            assert_eq!(ids(form), None, "{form}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert!(of("application/json", "<html></html>").is_err());
        assert!(of("text/html", "[]").is_ok(), "the head may be wrong");
        assert!(of("text/plain", "Service unavailable").is_err());
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
