//! Lists and single objects as the API answers them: under a name, or bare.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::ClientError;

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

/// Reads `{"users": […]}` or `[…]`.
pub(super) fn list<D: DeserializeOwned>(text: &str, kind: Kind) -> Result<Vec<D>, ClientError> {
    let list = match first(text) {
        Some('[') => text,
        _ => member(text, kind.plural())?.ok_or_else(|| absent("list", kind.plural()))?,
    };
    read(list, kind.plural())
}

/// Reads `{"id": …}` or `{"user": {"id": …}}`.
pub(super) fn single<D: DeserializeOwned>(text: &str, kind: Kind) -> Result<D, ClientError> {
    let object = match member(text, "id")? {
        Some(_) => text,
        None => member(text, kind.singular())?.ok_or_else(|| absent("object", kind.singular()))?,
    };
    read(object, kind.singular())
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
    use zkvault_core::model::{Group, User};

    use super::*;

    fn ids(text: &str) -> Option<Vec<u64>> {
        let groups = list::<Group>(text, Kind::Group).ok()?;
        Some(groups.iter().map(|group| group.id).collect())
    }

    #[test]
    fn lists_are_read_under_their_name_and_bare() {
        assert_eq!(ids(r#"{"groups":[{"id":1},{"id":2}]}"#), Some(vec![1, 2]));
        assert_eq!(
            ids(r#" {"total": 1, "groups":[{"id":1}], "x":{"groups":1}} "#),
            Some(vec![1])
        );
        assert_eq!(ids(r#"[{"id":1}]"#), Some(vec![1]));
        assert_eq!((ids(r#"{"groups":[]}"#), ids("[]")), (Some(vec![]), Some(vec![])));
        let refused = [
            "",
            "null",
            "1",
            "{}",
            "{",
            "[",
            "[1]",
            r#"{"users":[]}"#,
            r#"{"groups":{}}"#,
            r#"{"groups":null}"#,
            r#"{"groups":[],"groups":[]}"#,
            r#"{"groups":[]} x"#,
            r#"[{"id":"1"}]"#,
            r#"[{"name":"a"}]"#,
        ];
        for text in refused {
            assert_eq!(ids(text), None, "{text}");
        }
    }

    #[test]
    fn objects_are_read_bare_and_under_their_name() {
        let id = |text: &str| single::<User>(text, Kind::User).ok().map(|user| user.id);
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
        let user: User = single(r#"{"user":{"id":1,"more":1.50,"x":{"a" : 1}}}"#, Kind::User).unwrap();
        assert_eq!(
            serde_json::to_string(&user).unwrap(),
            r#"{"id":1,"more":1.50,"x":{"a" : 1}}"#
        );
    }

    #[test]
    fn messages_quote_nothing() {
        let error = list::<User>(r#"[{"id":"hunter2"}]"#, Kind::User).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
