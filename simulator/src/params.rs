//! The parameters of a request, from a form, a JSON object or a query.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// Parameters by name. In a form every value is a text, and a list is written `name[]=…`, as PHP reads it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Params {
    values: Map<String, Value>,
    form: bool,
}

impl Params {
    /// Parameters are in the query of what only reads, and otherwise in the body.
    pub(crate) fn of_request(parts: &Parts, body: &[u8]) -> Result<Self, Refusal> {
        if !parts.method.is_safe() {
            return match parts.uri.query() {
                None => Self::from_body(&parts.headers, body),
                Some(_) => Err(Refusal::bad("parameters belong in the body")),
            };
        }
        match body {
            [] => Self::from_query(parts.uri.query()),
            _ => Err(Refusal::bad("parameters belong in the query")),
        }
    }

    /// Reads a body by its content type. No body is no parameters.
    pub(crate) fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
            return Ok(Self::default());
        }
        match content_type(headers)?.as_str() {
            "application/json" => Self::from_json(body),
            "application/x-www-form-urlencoded" => Self::from_form(body),
            other => Err(unsupported(format!("a body of {other} is not taken"))),
        }
    }

    pub(crate) fn from_query(query: Option<&str>) -> Result<Self, Refusal> {
        Self::from_form(query.unwrap_or_default().as_bytes())
    }

    fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        let Unique(values) = serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("JSON: {error}")))?;
        Ok(Self { values, form: false })
    }

    fn from_form(body: &[u8]) -> Result<Self, Refusal> {
        let mut values = Map::new();
        for (name, value) in form_urlencoded::parse(body) {
            let value = Value::String(value.into_owned());
            match list_name(&name) {
                Some(list) => match values.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
                    Value::Array(items) => items.push(value),
                    _ => return Err(Refusal::bad(format!("{name}: one value and a list of them"))),
                },
                None if values.contains_key(&*name) => {
                    return Err(Refusal::bad(format!(
                        "{name} is there twice; a list is written {name}[]"
                    )));
                }
                None => {
                    values.insert(name.into_owned(), value);
                }
            }
        }
        Ok(Self { values, form: true })
    }

    /// Refuses every parameter that is not one of `names`.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Refusal> {
        let unknown = self.values.keys().find(|name| !names.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| {
            Err(Refusal::bad(format!("there is no parameter {name}")))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::bad(format!("{name} must be a text"))),
        }
    }

    /// A text that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)?
            .ok_or_else(|| Refusal::bad(format!("{name} is missing")))
    }

    /// One id or an array of ids, which must not be empty.
    pub(crate) fn ids(&self, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
        match self.values.get(name) {
            Some(single @ (Value::Number(_) | Value::String(_))) => Ok(Some(vec![self.id(name, single)?])),
            _ => self.id_array(name),
        }
    }

    /// An array of ids, which must not be empty.
    pub(crate) fn id_array(&self, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) if !items.is_empty() => items
                .iter()
                .map(|item| self.id(name, item))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(Refusal::bad(format!("{name} must be an array of ids"))),
        }
    }

    fn id(&self, name: &str, value: &Value) -> Result<u64, Refusal> {
        let id = match value {
            Value::String(digits) if self.form => parse_id(digits),
            value => value.as_u64(),
        };
        id.ok_or_else(|| Refusal::bad(format!("{name}: {value} is not an id")))
    }

    /// A right that is set by 1 and unset by -1.
    pub(crate) fn right(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let number = match self.values.get(name) {
            None => return Ok(None),
            Some(Value::String(digits)) if self.form => match digits.as_str() {
                "1" => Some(1),
                "-1" => Some(-1),
                _ => None,
            },
            Some(value) => value.as_i64(),
        };
        match number {
            Some(1) => Ok(Some(true)),
            Some(-1) => Ok(Some(false)),
            _ => Err(Refusal::bad(format!("{name} must be 1 or -1"))),
        }
    }
}

/// An id in its only form: digits, without a leading zero.
pub(crate) fn parse_id(digits: &str) -> Option<u64> {
    let id = digits.parse::<u64>().ok()?;
    (id.to_string() == digits).then_some(id)
}

/// `ids` of `ids[]` and of `ids[0]`.
fn list_name(name: &str) -> Option<&str> {
    let (list, index) = name.strip_suffix(']')?.split_once('[')?;
    (index.is_empty() || parse_id(index).is_some()).then_some(list)
}

/// The media type in lower case. Other character sets than UTF-8 are not taken.
fn content_type(headers: &HeaderMap) -> Result<String, Refusal> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let value = value
        .ok_or_else(|| unsupported("a body needs a content type"))?
        .to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    match charset.map(|charset| charset.trim_matches('"')) {
        None | Some("utf-8") => Ok(media.to_owned()),
        Some(other) => Err(unsupported(format!("the character set {other} is not taken"))),
    }
}

fn unsupported(message: impl Into<String>) -> Refusal {
    Refusal::new(415, "unsupported_media_type", message)
}

/// A JSON object whose keys differ. `serde_json`'s own map would keep the last of two alike.
struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut values = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if values.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format_args!("{name} is there twice")));
            }
        }
        Ok(Unique(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Result<Params, Refusal> {
        Params::from_form(body.as_bytes())
    }

    #[test]
    fn ids_are_read_from_both_notations() {
        for body in [r#"{"assign":[1,22]}"#, r#"{"assign":[ 1 , 22 ]}"#] {
            assert_eq!(
                Params::from_json(body.as_bytes()).unwrap().ids("assign").unwrap(),
                Some(vec![1, 22])
            );
        }
        for body in [
            "assign[]=1&assign[]=22",
            "assign%5B%5D=1&assign%5B%5D=22",
            "assign[0]=1&assign[1]=22",
        ] {
            assert_eq!(form(body).unwrap().ids("assign").unwrap(), Some(vec![1, 22]), "{body}");
        }
        assert_eq!(form("assign=7").unwrap().ids("assign").unwrap(), Some(vec![7]));
        assert_eq!(form("").unwrap().ids("assign").unwrap(), None);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for wrong in [
            "\"1\"",
            "-1",
            "1.0",
            "[]",
            "null",
            "[\"1\"]",
            "[[1]]",
            "{}",
            "18446744073709551616",
        ] {
            let params = Params::from_json(format!("{{\"assign\":{wrong}}}").as_bytes()).unwrap();
            assert!(params.ids("assign").is_err(), "{wrong}");
        }
        for wrong in ["", "01", "+1", "-1", "1.0", "x", "1 "] {
            assert!(
                form(&format!("assign={wrong}")).unwrap().ids("assign").is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn rights_are_one_or_minus_one() {
        let right = |json: &str| Params::from_json(json.as_bytes()).unwrap().right("read");
        assert_eq!(right(r#"{"read":1}"#), Ok(Some(true)));
        assert_eq!(right(r#"{"read":-1}"#), Ok(Some(false)));
        assert_eq!(right("{}"), Ok(None));
        for wrong in ["0", "2", "true", "\"1\"", "1.0", "null", "[1]"] {
            assert!(right(&format!("{{\"read\":{wrong}}}")).is_err(), "{wrong}");
        }
        assert_eq!(form("read=-1").unwrap().right("read"), Ok(Some(false)));
        for wrong in ["", "0", "2", "true", "01", "+1"] {
            assert!(
                form(&format!("read={wrong}")).unwrap().right("read").is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn doubled_names_are_refused() {
        for body in ["assign=1&assign=2", "assign=1&assign[]=2", "assign=1&%61ssign=2"] {
            assert!(form(body).is_err(), "{body}");
        }
        assert!(Params::from_json(br#"{"assign":1,"\u0061ssign":2}"#).is_err());
        assert!(Params::from_json(b"[1]").is_err());
        assert!(Params::from_json(b"").is_err());
    }
}
