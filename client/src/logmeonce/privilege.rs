//! Rights that are given, as the API tells them.

use serde_json::{Map, Value};
use zkvault_core::model::OddRecord;

use super::answer::Document;
use crate::document::json::Kind;
use crate::error::ClientError;
use crate::parts::Listed;
use crate::refusal;

/// The permissions that go with one tie.
///
/// The page does not show how they are answered: a member of each right's name is read, and `inherited` with the
/// same members in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privilege {
    /// The id at the other end of the tie.
    pub id: u64,
    /// The tie's own permissions.
    pub rights: RightFlags,
    /// Those that come through groups, if the service tells them.
    pub inherited: Option<RightFlags>,
}

/// Which rights there are; `None` where the service does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RightFlags {
    /// To see credentials, notes and files.
    pub read: Option<bool>,
    /// To change the site.
    pub update: Option<bool>,
    /// To delete the site.
    pub delete: Option<bool>,
    /// To create sites in the group.
    pub create: Option<bool>,
    /// To assign sites and users to the group.
    pub assign: Option<bool>,
}

/// The permissions that go with the ties to `ids`.
pub(super) fn listed(document: &Document, ids: &[u64]) -> Result<Listed<Privilege>, ClientError> {
    let mut listed = Listed::default();
    for (number, item) in document.list(Kind::Privilege)? {
        // Where it is none of the ids it numbers the items.
        let named = number.filter(|number| ids.contains(number));
        listed.push(read(named, &item));
    }
    Ok(listed)
}

/// What the service tells after a change: nothing else is expected of it.
pub(super) fn told(document: &Document, ids: &[u64]) -> Vec<Privilege> {
    listed(document, ids).map(|listed| listed.records).unwrap_or_default()
}

/// Reads one. `named` is its id where it has none of its own.
fn read(named: Option<u64>, item: &Value) -> Result<Privilege, OddRecord> {
    let odd = |id: Option<u64>, why: &str| {
        let record = OddRecord::new("permission", None, why);
        id.map_or(record.clone(), |id| record.with_id(id))
    };
    let members = item.as_object().ok_or_else(|| odd(named, "is not an object"))?;
    let id = match member(members, "id") {
        Some(own) => refusal::id(own).ok_or_else(|| odd(None, "has an id that is not one"))?,
        None => named.ok_or_else(|| odd(None, "has no id"))?,
    };
    let unclear = |name| odd(Some(id), &format!("says neither yes nor no to {name:?}"));
    let inherited = match member(members, "inherited") {
        None | Some(Value::Null) => None,
        Some(Value::Object(inherited)) => Some(flags(inherited).map_err(unclear)?),
        Some(Value::Bool(false) | Value::Array(_)) => Some(RightFlags::default()),
        Some(_) => return Err(odd(Some(id), "has a member \"inherited\" that is not an object")),
    };
    let rights = flags(members).map_err(unclear)?;
    Ok(Privilege { id, rights, inherited })
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let alike = || members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    members.get(name).or_else(|| alike().map(|(_, value)| value))
}

/// The permissions that members say, or the name of one that says neither yes nor no.
fn flags(members: &Map<String, Value>) -> Result<RightFlags, &'static str> {
    let flag = |name: &'static str| member(members, name).map_or(Ok(None), |value| flag(value).ok_or(name));
    Ok(RightFlags {
        read: flag("read")?,
        update: flag("update")?,
        delete: flag("delete")?,
        create: flag("create")?,
        assign: flag("assign")?,
    })
}

/// `true`, or 1 as it is sent; `false`, 0, or -1; nothing where the service does not say.
fn flag(value: &Value) -> Option<Option<bool>> {
    match value {
        Value::Null => Some(None),
        Value::Bool(on) => Some(Some(*on)),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(Some(true)),
            0.0 | -1.0 => Some(Some(false)),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" | "yes" => Some(Some(true)),
            "0" | "0.0" | "-1" | "-1.0" | "false" | "no" => Some(Some(false)),
            "" => Some(None),
            _ => None,
        },
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use zkvault_core::SecretBuffer;

    use super::*;

    fn read_all(text: &str) -> (Vec<Privilege>, Vec<String>) {
        let mut body = SecretBuffer::new();
        body.extend(text.as_bytes());
        let document = Document::new(HeaderMap::new(), body).unwrap();
        let Listed { records, odd } = listed(&document, &[101, 102]).unwrap();
        (records, odd.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rights_are_read_as_words_and_as_numbers() {
        let (read, odd) = read_all(
            r#"[{"id":1,"read":true,"update":-1,"delete":0.0,"assign":null,"more":{},"inherited":{"read":1.0}}]"#,
        );
        let rights = RightFlags {
            read: Some(true),
            update: Some(false),
            delete: Some(false),
            ..RightFlags::default()
        };
        let inherited = RightFlags {
            read: Some(true),
            ..RightFlags::default()
        };
        let inherited = Some(inherited);
        assert_eq!(
            read,
            [Privilege {
                id: 1,
                rights,
                inherited
            }]
        );
        assert!(odd.is_empty(), "{odd:?}");
    }

    #[test]
    fn an_id_is_a_number_a_text_or_the_name_of_the_object() {
        for text in [
            r#"{"privileges":[{"id":"101","read":"1"}]}"#,
            r#"{"privileges":{"101":{"read":true}}}"#,
            r#"{"101":{"Read":1}}"#,
            r#"{"privileges":{"0":{"id":101,"read":1,"inherited":false}}}"#,
            r#"[{"id":101,"read":"yes","inherited":[]}]"#,
        ] {
            let (read, odd) = read_all(text);
            let read: Vec<_> = read.iter().map(|told| (told.id, told.rights.read)).collect();
            assert_eq!((read, odd.len()), (vec![(101, Some(true))], 0), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_set_aside_by_name() {
        for (odd, said) in [
            ("null", "a permission without a usable id: it is not an object"),
            (r#"{"read":1}"#, "a permission without a usable id: it has no id"),
            (
                r#"{"id":-1,"read":1}"#,
                "a permission without a usable id: it has an id that is not one",
            ),
            (
                r#"{"id":101,"read":2}"#,
                "permission 101: it says neither yes nor no to \"read\"",
            ),
            (
                r#"{"id":101,"delete":"x"}"#,
                "permission 101: it says neither yes nor no to \"delete\"",
            ),
            (
                r#"{"id":101,"inherited":{"read":[]}}"#,
                "permission 101: it says neither yes nor no to \"read\"",
            ),
            (
                r#"{"id":101,"inherited":"all"}"#,
                "permission 101: it has a member \"inherited\" that is not an object",
            ),
        ] {
            let (read, set_aside) = read_all(&format!(r#"{{"privileges":[{odd},{{"id":102,"read":1}}]}}"#));
            assert_eq!((read.len(), read[0].id), (1, 102), "{odd}");
            assert_eq!(set_aside, [said], "{odd}");
        }
        let (read, odd) = read_all(r#"{"privileges":{"7":{"read":1}}}"#);
        assert_eq!(
            (read.len(), odd.len()),
            (0, 1),
            "a number that was not asked for is no id"
        );
    }
}
