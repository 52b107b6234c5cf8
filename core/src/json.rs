//! JSON that zkvault writes for itself, which it reads strictly.
//!
//! Unknown members are refused by `deny_unknown_fields`, repeated ones by serde, and anything after the document by
//! the reader. Formats that have one form only also write what they read and compare the bytes: file headers, records
//! of backups, entries, pins, snapshots.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A struct that is read from a JSON object only. Derived readers take an array of the fields as well, and
/// then one document would have two forms.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

/// As the struct itself, which derived writers write as an object.
impl<T: Serialize> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Reads JSON from bytes; `None` when they are not UTF-8, or not of the type. Everything is read by the reader of texts: that of
/// bytes, monomorphised for each type, would be as much code again in a module that browsers fetch.
///
/// The cause of a failure is dropped, since serde's messages quote the text.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(json).ok()?).ok()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Pair<'a> {
        left: &'a str,
        right: u8,
    }

    #[test]
    fn an_object_is_read_and_an_array_of_its_fields_is_not() {
        let Object(pair) = serde_json::from_str::<Object<Pair<'_>>>(r#"{"left":"a","right":1}"#).unwrap();
        assert_eq!((pair.left, pair.right), ("a", 1));
        assert!(serde_json::from_str::<Pair<'_>>(r#"["a",1]"#).is_ok());
        assert!(serde_json::from_str::<Object<Pair<'_>>>(r#"["a",1]"#).is_err());
    }
}
