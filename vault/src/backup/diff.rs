//! What differs between two states of a vault: which sites, users and groups, and which of their members. What a member
//! holds is never told, so no secret can be.
//!
//! The three lists are compared by the ids of what is in them, member by member; a member is named by its path in the
//! JSON. Values are compared in their sealed form: one that was sealed anew differs, although its text may be the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use zkvault_core::trust::PinSet;

use super::bundle::Opened;
use super::error::BackupError;
use super::{Captured, Result};

/// Members that name a thing for people, the first that is there.
const NAMES: [&str; 3] = ["name", "username", "email"];

/// Sites, users and groups by their ids. A list that the service did not show is none.
#[derive(Debug)]
pub struct Contents {
    /// Sites, users and groups, in this order, each by its kind.
    lists: [(&'static str, Option<BTreeMap<u64, Value>>); 3],
    pins: PinSet,
}

/// A thing that differs.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// `site`, `user` or `group`.
    pub kind: &'static str,
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub name: Option<String>,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Members that changed, such as `login.inputs[1].value`; `trust` for what was accepted of a site.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

impl Contents {
    /// Those of a backup.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when a part of it is none.
    pub fn of_backup(opened: &Opened) -> Result<Self> {
        let snapshot = &opened.snapshot;
        Self::new(&snapshot.sites, &snapshot.users, &snapshot.groups, &snapshot.pins)
    }

    /// Those of the local store.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when a part of it is none.
    pub fn of_store(captured: &Captured) -> Result<Self> {
        Self::new(&captured.sites, &captured.users, &captured.groups, &captured.pins)
    }

    fn new(sites: &RawValue, users: &RawValue, groups: &RawValue, pins: &RawValue) -> Result<Self> {
        Ok(Self {
            lists: [("site", list(sites)?), ("user", list(users)?), ("group", list(groups)?)],
            pins: PinSet::from_json(pins.get()).map_err(BackupError::not_opened)?,
        })
    }
}

fn list(json: &RawValue) -> Result<Option<BTreeMap<u64, Value>>> {
    let items: Option<Vec<Value>> =
        serde_json::from_str(json.get()).map_err(|_| BackupError::not_opened("a list is none"))?;
    let Some(items) = items else { return Ok(None) };
    let numbered = items.into_iter().map(|item| {
        let id = item.get("id").and_then(Value::as_u64);
        Ok((
            id.ok_or_else(|| BackupError::not_opened("something in it has no number"))?,
            item,
        ))
    });
    numbered.collect::<Result<_>>().map(Some)
}

/// Everything that differs, sites first. Lists that one of the two does not have are not compared.
///
/// Within a kind the order is that of the ids. Of two things that are equal nothing is said.
#[must_use]
pub fn compare(before: &Contents, after: &Contents) -> Vec<Difference> {
    let mut all = Vec::new();
    for ((kind, before_list), (_, after_list)) in before.lists.iter().zip(&after.lists) {
        let (Some(one), Some(other)) = (before_list, after_list) else {
            continue;
        };
        let ids: BTreeSet<u64> = one.keys().chain(other.keys()).copied().collect();
        for id in ids {
            let mut members = BTreeSet::new();
            let change = match (one.get(&id), other.get(&id)) {
                (Some(_), None) => "removed",
                (None, _) => "added",
                (Some(one), Some(other)) => {
                    differ(one, other, String::new(), &mut members);
                    if *kind == "site" && trust(before, id) != trust(after, id) {
                        members.insert("trust".to_owned());
                    }
                    if members.is_empty() {
                        continue;
                    }
                    "changed"
                }
            };
            all.push(Difference {
                kind,
                id,
                name: name(other.get(&id).or(one.get(&id))),
                change,
                members: members.into_iter().collect(),
            });
        }
    }
    all
}

/// Whether a site was ever accepted, and whether it is gone.
fn trust(contents: &Contents, id: u64) -> Option<bool> {
    contents.pins.get(id).map(zkvault_core::trust::Pin::is_gone)
}

/// What people call it. It is text of a service: escape it before a terminal shows it.
fn name(item: Option<&Value>) -> Option<String> {
    let item = item?;
    NAMES
        .iter()
        .find_map(|name| item.get(name)?.as_str())
        .map(str::to_owned)
}

/// Collects the paths of the members at which two values differ.
fn differ(one: &Value, other: &Value, path: String, found: &mut BTreeSet<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()) {
                let inner = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                differ(
                    one.get(key).unwrap_or(&Value::Null),
                    other.get(key).unwrap_or(&Value::Null),
                    inner,
                    found,
                );
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for at in 0..one.len().max(other.len()) {
                let item = |list: &[Value]| list.get(at).cloned().unwrap_or(Value::Null);
                differ(&item(one), &item(other), format!("{path}[{at}]"), found);
            }
        }
        (one, other) if one == other => {}
        _ => drop(found.insert(path)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contents(sites: &Value, users: &Value) -> Contents {
        let raw = |value: &Value| RawValue::from_string(value.to_string()).unwrap();
        let pins = RawValue::from_string(PinSet::new().to_json().unwrap()).unwrap();
        Contents::new(&raw(sites), &raw(users), &raw(&json!([])), &pins).unwrap()
    }

    #[test]
    fn members_are_named_and_what_they_hold_is_not() {
        let site = |value: &str, url: &str| json!({"id": 1, "name": "GitHub", "login": {"Url": url, "inputs": [{"value": value}, {"value": "same"}]}});
        let before = contents(&json!([site("canary-1", "a"), {"id": 2}]), &Value::Null);
        let after = contents(&json!([site("canary-2", "b"), {"id": 3}]), &json!([{"id": 9}]));
        let found = compare(&before, &after);
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"[{"kind":"site","id":1,"name":"GitHub","change":"changed","members":["login.Url","login.inputs[0].value"]},"#,
                r#"{"kind":"site","id":2,"name":null,"change":"removed"},"#,
                r#"{"kind":"site","id":3,"name":null,"change":"added"}]"#
            )
        );
        assert!(compare(&after, &after).is_empty());
    }
}
