//! Lists and single objects as the API answers them: under a name, or bare.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::ClientError;

/// Bytes of a member, or of a whole document, that is looked into for what it says of itself.
const MAX_OUTLINE_LEN: usize = 64 * 1024;

/// The objects of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Site,
    User,
    Group,
    Privilege,
}

impl Kind {
    pub(super) fn singular(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::User => "user",
            Self::Group => "group",
            Self::Privilege => "privilege",
        }
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Site => "sites",
            Self::User => "users",
            Self::Group => "groups",
            Self::Privilege => "privileges",
        }
    }
}

/// A document with a list: the list's items, and the members beside it.
pub(super) struct ListDocument<'a> {
    pub(super) items: Vec<&'a RawValue>,
    pub(super) beside: Map<String, Value>,
}

/// Reads `{"users": […]}` or `[…]`. A list may be an object with numbers for names; `null` and an empty text are an
/// empty one.
pub(super) fn list_document(text: &str, kind: Kind) -> Result<ListDocument<'_>, ClientError> {
    if first(text) == Some('[') {
        return Ok(ListDocument {
            items: items(text, kind)?,
            beside: Map::new(),
        });
    }
    let list = member(text, kind.plural())?.ok_or_else(|| absent("list", kind.plural()))?;
    let beside = outline(text)
        .into_iter()
        .filter(|(name, _)| name != kind.plural())
        .collect();
    Ok(ListDocument {
        items: items(list, kind)?,
        beside,
    })
}

fn items(list: &str, kind: Kind) -> Result<Vec<&RawValue>, ClientError> {
    let no_list = || ClientError::malformed(format!("\"{}\" is no list", kind.plural()));
    match list.trim() {
        "null" | "\"\"" => Ok(Vec::new()),
        list if list.starts_with('[') => serde_json::from_str(list).map_err(|_| no_list()),
        list if list.starts_with('{') => numbered(list).ok_or_else(no_list),
        _ => Err(no_list()),
    }
}

/// The members of an object whose names are numbers, in the order of these.
fn numbered(text: &str) -> Option<Vec<&RawValue>> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let numbers = members
        .into_iter()
        .map(|(name, value)| Some((name.parse::<u64>().ok()?, value)));
    let mut numbers: Vec<_> = numbers.collect::<Option<_>>()?;
    numbers.sort_by_key(|(number, _)| *number);
    let twice = numbers.array_windows().any(|[(one, _), (next, _)]| one == next);
    (!twice).then(|| numbers.into_iter().map(|(_, value)| value).collect())
}

/// The members of the top object, without those that are too long to say something about the document.
pub(crate) fn outline(text: &str) -> Map<String, Value> {
    let Ok(Members(members)) = serde_json::from_str::<Members<'_>>(text) else {
        return Map::new();
    };
    let short = members
        .into_iter()
        .filter(|(_, value)| value.get().len() <= MAX_OUTLINE_LEN);
    short
        .filter_map(|(name, value)| Some((name, serde_json::from_str(value.get()).ok()?)))
        .collect()
}

/// What a document says of itself; only the outline of a long one.
pub(crate) fn document(text: &str) -> Value {
    match text.len() <= MAX_OUTLINE_LEN {
        true => serde_json::from_str(text).unwrap_or_default(),
        false if first(text) == Some('{') => Value::Object(outline(text)),
        false => Value::Array(Vec::new()),
    }
}

/// Reads a list of things that are no records.
pub(super) fn list<D: DeserializeOwned>(text: &str, kind: Kind) -> Result<Vec<D>, ClientError> {
    let items = list_document(text, kind)?.items;
    items
        .into_iter()
        .map(|item| read(item.get(), kind.singular()))
        .collect()
}

/// Finds `{"id": …}` or `{"user": {"id": …}}`.
pub(super) fn single(text: &str, kind: Kind) -> Result<&str, ClientError> {
    match member(text, "id")? {
        Some(_) => Ok(text),
        None => member(text, kind.singular())?.ok_or_else(|| absent("object", kind.singular())),
    }
}

/// Reads one object's own text. The reader's message may quote a value, so only its place is told.
pub(crate) fn read<D: DeserializeOwned>(text: &str, name: &str) -> Result<D, ClientError> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() {
            "has a member of the wrong type"
        } else {
            "is no valid JSON"
        };
        ClientError::malformed(format!("\"{name}\" {what}, at its line {line}, column {column}"))
    })
}

/// A member of the top object; none when the text is another thing than an object.
pub(super) fn member<'a>(text: &'a str, name: &str) -> Result<Option<&'a str>, ClientError> {
    if first(text) != Some('{') {
        read::<serde::de::IgnoredAny>(text, "answer")?;
        return Ok(None);
    }
    let members = serde_json::from_str::<Members<'_>>(text);
    let Members(members) = members.map_err(|_| ClientError::malformed("it is no valid JSON"))?;
    let mut named = members.into_iter().filter(|(known, _)| known == name);
    match (named.next(), named.next()) {
        (_, Some(_)) => Err(ClientError::malformed(format!("it has \"{name}\" twice"))),
        (member, None) => Ok(member.map(|(_, value)| value.get())),
    }
}

fn first(text: &str) -> Option<char> {
    text.trim_start_matches([' ', '\t', '\n', '\r']).chars().next()
}

fn absent(what: &str, name: &str) -> ClientError {
    ClientError::malformed(format!("it holds no {what} \"{name}\""))
}

/// All members of an object, unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<'a>(PhantomData<&'a ()>);

impl<'de> Visitor<'de> for MembersVisitor<'de> {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::model::{Group, Record as _, User};

    use super::*;

    fn ids(text: &str) -> Option<Vec<u64>> {
        let items = list_document(text, Kind::Group).ok()?.items;
        items
            .iter()
            .map(|item| Group::from_json(item.get()).ok().map(|group| group.id))
            .collect()
    }

    #[test]
    fn lists_are_read_under_their_name_and_bare() {
        assert_eq!(ids(r#"{"groups":[{"id":1},{"id":2}]}"#), Some(vec![1, 2]));
        assert_eq!(
            ids(r#" {"total": 1, "groups":[{"id":1}], "x":{"groups":1}} "#),
            Some(vec![1])
        );
        assert_eq!(ids(r#"[{"id":1}]"#), Some(vec![1]));
        assert_eq!(ids(r#"{"groups":{"4":{"id":2},"0":{"id":"1"}}}"#), Some(vec![1, 2]));
        for empty in [
            r#"{"groups":[]}"#,
            r#"{"groups":{}}"#,
            r#"{"groups":null}"#,
            r#"{"groups":""}"#,
            "[]",
        ] {
            assert_eq!(ids(empty), Some(vec![]), "{empty}");
        }
        let refused = [
            "",
            "null",
            "1",
            "{}",
            "{",
            "[",
            "[1]",
            r#"{"users":[]}"#,
            r#"{"groups":{"a":{"id":1}}}"#,
            r#"{"groups":{"1":{"id":1},"01":{"id":2}}}"#,
            r#"{"groups":false}"#,
            r#"{"groups":[],"groups":[]}"#,
            r#"{"groups":[]} x"#,
            r#"[{"id":"x"}]"#,
            r#"[{"name":"a"}]"#,
        ];
        for text in refused {
            assert_eq!(ids(text), None, "{text}");
        }
    }

    #[test]
    fn objects_are_read_bare_and_under_their_name() {
        let id = |text: &str| User::from_json(single(text, Kind::User).ok()?).ok().map(|user| user.id);
        assert_eq!(
            (id(r#"{"id":1}"#), id(r#"{"user":{"id":1},"x":2}"#)),
            (Some(1), Some(1))
        );
        assert_eq!(id(r#"{"id":1,"user":{"id":2}}"#), Some(1));
        for text in [
            "",
            "[]",
            "{}",
            r#"{"user":1}"#,
            r#"{"user":{}}"#,
            r#"{"id":1,"id":2}"#,
            r#"{"id":-1}"#,
        ] {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn unknown_members_are_kept_to_the_letter() {
        let text = r#"{"user":{"id":1,"more":1.50,"x":{"a" : 1}}}"#;
        let user = User::from_json(single(text, Kind::User).unwrap()).unwrap();
        assert_eq!(
            serde_json::to_string(&user).unwrap(),
            r#"{"id":1,"more":1.50,"x":{"a" : 1}}"#
        );
    }

    #[test]
    fn what_stands_beside_a_list_is_kept_unless_it_is_long() {
        let text = format!(r#"{{"groups":[],"total":3,"long":"{}"}}"#, "a".repeat(MAX_OUTLINE_LEN));
        let beside = list_document(&text, Kind::Group).unwrap().beside;
        assert_eq!(Value::Object(beside), serde_json::json!({"total": 3}));
    }

    #[test]
    fn messages_quote_nothing() {
        let error = list::<u64>(r#"{"users":["hunter2"]}"#, Kind::User).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
