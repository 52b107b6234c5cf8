//! Answers, whose forms the page does not show: taken in every form that can be understood.

use http::HeaderMap;
use serde_json::{Map, Number, Value};
use zkvault_core::SecretBuffer;
use zkvault_core::model::OddRecord;

use super::object::LoomeObject;
use crate::document::json;
use crate::error::ClientError;
use crate::media::{self, Media};
use crate::message;
use crate::parts::Parts;
use crate::refusal::Wanted;

/// What every token of a link has.
pub(super) const SIGNATURE: &str = "sig=";

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
    /// Checks that it is the API's: JSON, nothing, or a link, bare or as the text of an element.
    pub(super) fn new(headers: HeaderMap, body: SecretBuffer) -> Result<Self, ClientError> {
        let text = media::text_of(body)?;
        let media = Media::of(media::utf8(&text)?)?;
        let answer = Self { headers, media, text };
        let is_link = || {
            let is_link = |text: &str| text.trim_start().starts_with("http") || text.contains(SIGNATURE);
            answer.text().is_ok_and(is_link)
        };
        match media {
            Media::Xml if !is_link() => Err(ClientError::malformed("it is XML, and JSON was asked for")),
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
        message::refused(&document, wanted, holds_secret).map_or(Ok(()), Err)
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
        parts: &mut Parts,
    ) -> Result<(Vec<Result<LoomeObject, OddRecord>>, Map<String, Value>), ClientError> {
        let (list, beside) = match self.json()? {
            Value::Object(members) => list_within(members, name, MAX_ENVELOPES),
            list => (Some(list).filter(Value::is_array), Map::new()),
        };
        let items = match list {
            Some(Value::Array(items)) => Some(items),
            Some(Value::Object(members)) if find(&members, &["id"]).is_some() => Some(vec![members.into()]),
            Some(Value::Object(members)) => numbered(members),
            Some(list) if is_nothing(&list) => Some(Vec::new()),
            _ => None,
        };
        let items = items.ok_or_else(|| ClientError::malformed(format!("it holds no list \"{name}\"")))?;
        items.iter().for_each(|item| parts.note(item.to_string().as_bytes()));
        Ok((items.into_iter().map(LoomeObject::read).collect(), beside))
    }

    /// An object with an id, if it is one.
    pub(super) fn object(&self) -> Option<LoomeObject> {
        LoomeObject::read(self.json().ok()?).ok()
    }
}

/// A list under its name, if there is one, with everything that stands beside it and around it.
fn list_within(mut members: Map<String, Value>, name: &str, depth: usize) -> (Option<Value>, Map<String, Value>) {
    let list = list_name(&members, name).and_then(|name| members.remove(&name));
    match list {
        Some(Value::Object(inner)) if depth > 1 && list_name(&inner, name).is_some() => {
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

/// The best of the names that has something, or else nothing.
fn list_name(members: &Map<String, Value>, name: &str) -> Option<String> {
    let named = |is_empty: bool| {
        let has = move |value: &Value| is_nothing(value) == is_empty;
        let mut names = [name].into_iter().chain(LIST_NAMES);
        names.find_map(|wanted| {
            let mut members = members.iter();
            members.find_map(|(known, value)| (is_named(known, &[wanted]) && has(value)).then(|| known.clone()))
        })
    };
    named(false).or_else(|| named(true))
}

/// What programs write in place of a list that is empty.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// The object that has one of some members: the outermost, or one in what services put around a list, alone.
pub(super) fn with_member<'a>(document: &'a Value, names: &[&str]) -> Option<&'a Map<String, Value>> {
    fn within<'a>(document: &'a Value, names: &[&str], depth: usize) -> Option<&'a Map<String, Value>> {
        let members = match document {
            Value::Object(members) => members,
            Value::Array(items) => match items.as_slice() {
                [Value::Object(members)] => members,
                _ => return None,
            },
            _ => return None,
        };
        if find(members, names).is_some() {
            return Some(members);
        }
        let mut inner = members
            .iter()
            .filter(|(known, _)| depth > 0 && is_named(known, &LIST_NAMES));
        inner.find_map(|(_, value)| within(value, names, depth - 1))
    }
    within(document, names, MAX_ENVELOPES)
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
        Value::Number(number) => Some(shown_number(number)),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(shown).collect();
            items.filter(|items| !items.is_empty()).map(|items| items.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A whole number without a point, however it was written: `12.0` is the id 12.
fn shown_number(number: &Number) -> String {
    /// Up to here, every whole number is one of these.
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < MAX_EXACT => whole.to_string(),
        _ => number.to_string(),
    }
}

/// A truth value, also as a number or a text.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match shown(value)?.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
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
            .list("projects", &mut Parts::default())
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
        for form in [
            r#"{"value":null}"#,
            r#"{"projects":null,"total":0}"#,
            r#"{"projects":""}"#,
            r#"{"data":{"items":null}}"#,
        ] {
            assert_eq!(ids(form), Some(vec![]), "{form}");
        }
        assert_eq!(
            ids(r#"{"value":null,"items":[{"id":"b"}]}"#),
            Some(vec!["b".to_owned()])
        );
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
    fn whole_numbers_are_ids_however_they_are_written() {
        let expected = ["12", "1000", "-3", "9007199254740993"].map(str::to_owned);
        assert_eq!(
            ids(r#"[{"id":12.0},{"id":1e3},{"id":-3},{"id":9007199254740993}]"#),
            Some(expected.to_vec())
        );
    }

    #[test]
    fn truth_is_told_in_many_ways_and_never_guessed() {
        let read = |json: &str| truth(&serde_json::from_str(json).unwrap());
        for (json, expected) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("\"Yes\"", Some(true)),
            ("\" TRUE \"", Some(true)),
            ("\"1\"", Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            ("\"No\"", Some(false)),
            ("2", None),
            ("\"\"", None),
            ("\"maybe\"", None),
            ("null", None),
            ("{}", None),
        ] {
            assert_eq!(read(json), expected, "{json}");
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
            .list("projects", &mut Parts::default())
            .err()
            .unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
