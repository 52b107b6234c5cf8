//! Rights that are given, as the API tells them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::answer::Document;
use crate::document::json::Kind;

/// The permissions that go with one tie.
///
/// The page does not show how they are answered: a member of each right's name is read, and `inherited` with the
/// same members in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "Told")]
pub struct Privilege {
    /// The id at the other end of the tie.
    pub id: u64,
    /// The tie's own permissions.
    pub rights: RightFlags,
    /// Those that come through groups, if the service tells them.
    pub inherited: Option<RightFlags>,
}

/// Which rights there are; `None` where the service does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RightFlags {
    /// To see credentials, notes and files.
    #[serde(deserialize_with = "flag")]
    pub read: Option<bool>,
    /// To change the site.
    #[serde(deserialize_with = "flag")]
    pub update: Option<bool>,
    /// To delete the site.
    #[serde(deserialize_with = "flag")]
    pub delete: Option<bool>,
    /// To create sites in the group.
    #[serde(deserialize_with = "flag")]
    pub create: Option<bool>,
    /// To assign sites and users to the group.
    #[serde(deserialize_with = "flag")]
    pub assign: Option<bool>,
}

/// What the service tells after a change: nothing else is expected of it.
pub(super) fn told(document: &Document) -> Vec<Privilege> {
    document.list(Kind::Privilege).unwrap_or_default()
}

/// The members of a privilege.
#[derive(Deserialize)]
struct Told {
    id: u64,
    #[serde(default, deserialize_with = "flag")]
    read: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    update: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    delete: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    create: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    assign: Option<bool>,
    #[serde(default)]
    inherited: Option<RightFlags>,
}

impl From<Told> for Privilege {
    fn from(told: Told) -> Self {
        let Told {
            id,
            read,
            update,
            delete,
            create,
            assign,
            inherited,
        } = told;
        let rights = RightFlags {
            read,
            update,
            delete,
            create,
            assign,
        };
        Self { id, rights, inherited }
    }
}

/// `true`, or 1 as it is sent; `false`, 0, or -1.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_any(FlagVisitor)
}

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a right")
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Option<bool>, E> {
        Ok(Some(on))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<bool>, E> {
        match number {
            0 | 1 => Ok(Some(number == 1)),
            _ => Err(E::custom("no right")),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<bool>, E> {
        match number {
            -1 => Ok(Some(false)),
            _ => Err(E::custom("no right")),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<bool>, E> {
        match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => Ok(Some(true)),
            "0" | "-1" | "false" | "no" => Ok(Some(false)),
            "" => Ok(None),
            _ => Err(E::custom("no right")),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Option<bool>, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_as_words_and_as_numbers() {
        let privilege: Privilege = serde_json::from_str(
            r#"{"id":1,"read":true,"update":-1,"delete":0,"assign":null,"more":{},"inherited":{"read":1}}"#,
        )
        .unwrap();
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
            privilege,
            Privilege {
                id: 1,
                rights,
                inherited
            }
        );
        for text in [
            r#"{"id":1,"read":2}"#,
            r#"{"id":1,"read":-2}"#,
            r#"{"id":1,"read":"x"}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<Privilege>(text).is_err(), "{text}");
        }
    }
}
