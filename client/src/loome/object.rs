//! Projects, data repositories and workstations.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use zkvault_core::model::OddRecord;

use super::answer::{find, shown};
use super::id::LoomeId;

/// A project, data repository or workstation: its id, and everything else that the service says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoomeObject {
    id: LoomeId,
    members: Map<String, Value>,
}

impl LoomeObject {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &LoomeId {
        &self.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.text("name")
    }

    /// A member as people read it, if it is no object. Case does not matter in its name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        find(&self.members, &[name]).and_then(shown)
    }

    pub(super) fn read(value: Value) -> Result<Self, OddRecord> {
        const KIND: &str = "object";
        let Value::Object(members) = value else {
            return Err(OddRecord::new(KIND, None, "is no object"));
        };
        let id = find(&members, &["id"]).filter(|id| id.is_string() || id.is_number());
        let id = id.and_then(shown).and_then(|id| id.parse().ok());
        match id {
            Some(id) => Ok(Self { id, members }),
            None => Err(OddRecord::new(
                KIND,
                find(&members, &["name"]).and_then(shown),
                "has no usable id",
            )),
        }
    }
}

/// As the service wrote it.
impl Serialize for LoomeObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_is_kept() {
        let value = json!({"id": 12, "Name": "n", "tags": ["a", 1], "more": {"x": null}, "owner": null});
        let object = LoomeObject::read(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&object).unwrap(), value);
        assert_eq!((object.id().as_str(), object.name().as_deref()), ("12", Some("n")));
        assert_eq!(object.text("tags").as_deref(), Some("a, 1"));
        assert_eq!(
            [object.text("more"), object.text("owner"), object.text("other")],
            [None, None, None]
        );
        for value in [
            json!({}),
            json!({"id": null}),
            json!({"id": [1]}),
            json!({"id": true}),
            json!({"id": ".."}),
        ] {
            assert!(LoomeObject::read(value).is_err());
        }
    }
}
