//! Lists and single objects as the API answers them: under a name, or bare.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::ClientError;
use crate::refusal::plain;

/// What services put around a list or an object, besides its own name; and how many of them, one within the other.
const ENVELOPES: &[&str] = &[
    "data",
    "response",
    "result",
    "results",
    "body",
    "payload",
    "return",
    "d",
    "value",
    "items",
    "records",
    "list",
    "rows",
    "content",
    "collection",
    "embedded",
];
const MAX_ENVELOPES: usize = 3;

/// Bytes of a member, or of a whole document, that is looked into for what it says of itself.
const MAX_OUTLINE_LEN: usize = 64 * 1024;

/// The objects of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Site,
    User,
    Group,
    Privilege,
}

impl Kind {
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::User => "user",
            Self::Group => "group",
            Self::Privilege => "privilege",
        }
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Site => "sites",
            Self::User => "users",
            Self::Group => "groups",
            Self::Privilege => "privileges",
        }
    }
}

/// A document with a list: the list's items, and the members beside it.
pub(crate) struct ListDocument<'a> {
    pub(crate) items: Vec<&'a RawValue>,
    /// The numbers that an object has for names in place of a list, one for each item.
    pub(crate) numbers: Vec<u64>,
    pub(crate) beside: Map<String, Value>,
}

impl<'a> ListDocument<'a> {
    fn new(items: Items<'a>) -> Self {
        Self {
            items: items.list,
            numbers: items.numbers,
            beside: Map::new(),
        }
    }
}

/// The items of a list, and the numbers that an object in its place has for names.
struct Items<'a> {
    list: Vec<&'a RawValue>,
    numbers: Vec<u64>,
}

impl<'a> Items<'a> {
    fn of(list: Vec<&'a RawValue>) -> Self {
        let numbers = Vec::new();
        Self { list, numbers }
    }
}

/// Reads `{"users": […]}` or `[…]`, also within what services put around them. A list may be an object with numbers for
/// names, or its only item; `null` and an empty text are an empty one.
pub(crate) fn list_document(text: &str, kind: Kind) -> Result<ListDocument<'_>, ClientError> {
    list_within(text, kind, MAX_ENVELOPES)
}

fn list_within(text: &str, kind: Kind, depth: usize) -> Result<ListDocument<'_>, ClientError> {
    if first(text) == Some('[') {
        return Ok(ListDocument::new(items(text, kind)?));
    }
    let members = members(text)?;
    let (place, mut document) = match named(&members, kind.plural())? {
        Some((name, list)) => (name, ListDocument::new(items(list, kind)?)),
        None => match within(&members, depth, |inner, depth| list_within(inner, kind, depth))? {
            Some(found) => found,
            // The list itself, with numbers for names.
            None => {
                let items = numbered(text).filter(|items| !items.list.is_empty());
                return items
                    .map(ListDocument::new)
                    .ok_or_else(|| absent("list", kind.plural()));
            }
        },
    };
    for (name, value) in short(&members).filter(|(name, _)| *name != place) {
        document.beside.entry(name).or_insert(value);
    }
    Ok(document)
}

/// Whether a name is that of something around a list or an object.
pub(crate) fn is_envelope(name: &str) -> bool {
    ENVELOPES.contains(&plain(name).as_str())
}

/// What `read` finds in the one envelope in which it finds something. In several it could be either.
fn within<'a, 'b, T>(
    members: &'b [(String, &'a RawValue)],
    depth: usize,
    read: impl Fn(&'a str, usize) -> Result<T, ClientError>,
) -> Result<Option<(&'b str, T)>, ClientError> {
    let envelopes = members
        .iter()
        .filter(|(name, value)| depth > 0 && is_envelope(name) && matches!(first(value.get()), Some('{' | '[')));
    let mut found = envelopes.filter_map(|(name, value)| Some((name.as_str(), read(value.get(), depth - 1).ok()?)));
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(ClientError::malformed("it holds what was asked for in two places")),
        (found, None) => Ok(found),
    }
}

fn items(list: &str, kind: Kind) -> Result<Items<'_>, ClientError> {
    let no_list = || ClientError::malformed(format!("\"{}\" is no list", kind.plural()));
    match list.trim() {
        "null" | "\"\"" => Ok(Items::of(Vec::new())),
        list if list.starts_with('[') => serde_json::from_str(list).map(Items::of).map_err(|_| no_list()),
        list if list.starts_with('{') => numbered(list).or_else(|| alone(list, kind)).ok_or_else(no_list),
        _ => Err(no_list()),
    }
}

/// The only item of a list, in its place or under its name: as programs write a list that made it of XML.
fn alone(text: &str, kind: Kind) -> Option<Items<'_>> {
    let members = members(text).ok()?;
    match members.as_slice() {
        [(name, value)] if name == kind.singular() || name == "item" => items(value.get(), kind).ok(),
        members => {
            let has_id = members.iter().any(|(name, _)| name == "id");
            has_id.then(|| serde_json::from_str(text).ok().map(|item| Items::of(vec![item])))?
        }
    }
}

/// The members of an object whose names are numbers, in the order of these.
fn numbered(text: &str) -> Option<Items<'_>> {
    let numbers = members(text)
        .ok()?
        .into_iter()
        .map(|(name, value)| Some((name.parse::<u64>().ok()?, value)));
    let mut numbers: Vec<_> = numbers.collect::<Option<_>>()?;
    numbers.sort_by_key(|(number, _)| *number);
    let twice = numbers.array_windows().any(|[(one, _), (next, _)]| one == next);
    let (numbers, list) = numbers.into_iter().unzip();
    (!twice).then_some(Items { list, numbers })
}

/// The members of the top object, without those that are too long to say something about the document.
pub(crate) fn outline(text: &str) -> Map<String, Value> {
    members(text)
        .map(|members| short(&members).collect())
        .unwrap_or_default()
}

fn short(members: &[(String, &RawValue)]) -> impl Iterator<Item = (String, Value)> {
    let short = members.iter().filter(|(_, value)| value.get().len() <= MAX_OUTLINE_LEN);
    short.filter_map(|(name, value)| Some((name.clone(), serde_json::from_str(value.get()).ok()?)))
}

/// What a document says of itself; only the outline of a long one.
pub(crate) fn document(text: &str) -> Value {
    match text.len() <= MAX_OUTLINE_LEN {
        true => serde_json::from_str(text).unwrap_or_default(),
        false if first(text) == Some('{') => Value::Object(outline(text)),
        false => Value::Array(Vec::new()),
    }
}

/// Finds `{"id": …}` or `{"user": {"id": …}}`, also within what services put around them, or as the only item of a list.
pub(crate) fn single(text: &str, kind: Kind) -> Result<&str, ClientError> {
    single_within(text, kind, MAX_ENVELOPES)
}

fn single_within(text: &str, kind: Kind, depth: usize) -> Result<&str, ClientError> {
    let absent = || absent("object", kind.singular());
    if first(text) == Some('[') {
        return only(text, kind).ok_or_else(absent);
    }
    let members = members(text)?;
    if named(&members, "id")?.is_some() {
        return Ok(text);
    }
    if let Some((_, object)) = named(&members, kind.singular())? {
        return Ok(object);
    }
    if let Some((_, list)) = named(&members, kind.plural())? {
        return only(list, kind).ok_or_else(absent);
    }
    let found = within(&members, depth, |inner, depth| single_within(inner, kind, depth))?;
    found.map(|(_, object)| object).ok_or_else(absent)
}

/// The only item of a list.
fn only(list: &str, kind: Kind) -> Option<&str> {
    match items(list, kind).ok()?.list.as_slice() {
        [only] => Some(only.get()),
        _ => None,
    }
}

/// Reads one object's own text. The reader's message may quote a value, so only its place is told.
pub(crate) fn read<D: DeserializeOwned>(text: &str, name: &str) -> Result<D, ClientError> {
    serde_json::from_str(text).map_err(|error| {
        if text.trim().is_empty() {
            return ClientError::malformed("it is empty");
        }
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() {
            "has a member of the wrong type"
        } else {
            "is no valid JSON"
        };
        ClientError::malformed(format!("\"{name}\" {what}, at its line {line}, column {column}"))
    })
}

/// The members of an object, unread.
fn members(text: &str) -> Result<Vec<(String, &RawValue)>, ClientError> {
    if first(text) != Some('{') {
        read::<serde::de::IgnoredAny>(text, "answer")?;
        return Err(ClientError::malformed("it is neither an object nor a list"));
    }
    let members = serde_json::from_str::<Members<'_>>(text);
    members
        .map(|Members(members)| members)
        .map_err(|_| ClientError::malformed("it is no valid JSON"))
}

/// The member of a name, with the name as the service writes it: exactly, or else without regard to case.
fn named<'a, 'b>(members: &'b [(String, &'a RawValue)], name: &str) -> Result<Option<(&'b str, &'a str)>, ClientError> {
    let exact = || members.iter().filter(|(known, _)| known == name);
    let alike = || members.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let twice = || ClientError::malformed(format!("it has \"{name}\" twice"));
    let found = match (exact().count(), alike().count()) {
        (1, _) => exact().next(),
        (0, 1) => alike().next(),
        (0, 0) => None,
        _ => return Err(twice()),
    };
    Ok(found.map(|(known, value)| (known.as_str(), value.get())))
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
        for enveloped in [
            r#"{"data":{"groups":[{"id":1}]}}"#,
            r#"{"data":[{"id":1}],"total":1}"#,
            r#"{"response":{"data":{"items":[{"id":1}]}},"status":"ok"}"#,
            r#"{"_embedded":{"groups":[{"id":1}]},"_links":{}}"#,
            r#"{"Groups":[{"id":1}]}"#,
            r#"{"groups":{"id":1,"name":"x"}}"#,
            r#"{"groups":{"group":[{"id":1}]}}"#,
            r#"{"groups":{"group":{"id":1}}}"#,
            r#"{"results":{"0":{"id":1}}}"#,
            r#"{"data":{"groups":[{"id":1}]},"items":null}"#,
        ] {
            assert_eq!(ids(enveloped), Some(vec![1]), "{enveloped}");
        }
        for empty in [
            r#"{"data":{"groups":[]}}"#,
            r#"{"data":[]}"#,
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
            r#"{"data":[{"id":1}],"items":[{"id":2}]}"#,
            r#"{"Groups":[{"id":1}],"GROUPS":[]}"#,
            r#"{"data":{"data":{"data":{"data":[{"id":1}]}}}}"#,
            r#"{"errors":[{"id":1}]}"#,
            r#"{"data":{"users":[{"id":1}]}}"#,
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
            r#"{"data":{"id":1},"success":true}"#,
            r#"{"response":{"user":{"id":1}}}"#,
            r#"{"User":{"id":1}}"#,
            r#"[{"id":1}]"#,
            r#"{"users":[{"id":1}]}"#,
            r#"{"data":[{"id":1}]}"#,
        ] {
            assert_eq!(id(text), Some(1), "{text}");
        }
        for text in [
            "",
            "[]",
            "{}",
            r#"{"user":1}"#,
            r#"{"user":{}}"#,
            r#"{"id":1,"id":2}"#,
            r#"{"id":-1}"#,
            r#"[{"id":1},{"id":2}]"#,
            r#"{"data":{"id":1},"result":{"id":2}}"#,
            r#"{"meta":{"id":1}}"#,
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
        let error = read::<u64>(r#"["hunter2"]"#, "user").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
