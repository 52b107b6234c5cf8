//! What files are made of: texts with the line on which they are, permissions, and names with permissions.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_saphyr::{DoubleQuoted, FlowSeq, Spanned};
use zkvault_core::text::is_deceptive;

use crate::org::model::{Right, Rights};

/// A text of a file. Only its letters count when two are compared.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text.
    pub value: String,
    /// The line on which it is, counted from 1; 0 for one that was not read.
    pub line: u64,
}

impl Text {
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            line: 0,
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self {
            line: spanned.referenced.line(),
            value: spanned.value,
        })
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match is_plain(&self.value) {
            true => serializer.serialize_str(&self.value),
            false => DoubleQuoted(&self.value).serialize(serializer),
        }
    }
}

/// Whether nothing in a text may have to be escaped, which only a text in quotation marks can be.
fn is_plain(text: &str) -> bool {
    let is_plain =
        |character: char| matches!(character, ' '..='~') || character.is_alphanumeric() && !is_deceptive(character);
    text.chars().all(is_plain)
}

/// Permissions of a tie; `None` is written as `null`, and leaves them as they are.
#[derive(Debug, Clone, Copy)]
pub struct Permissions(pub Option<Rights>);

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self)
    }
}

/// On one line.
impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self
            .0
            .map(|rights| FlowSeq(rights.iter().map(Right::name).collect::<Vec<_>>()));
        names.serialize(serializer)
    }
}

/// What something is tied to, by names, with permissions. In the order of the file.
#[derive(Debug, Default)]
pub struct Pairs(pub Vec<(Text, Permissions)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("names with permissions, such as `Engineering: [read]`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, permissions) in &self.0 {
            map.serialize_entry(name, permissions)?;
        }
        map.end()
    }
}
