//! What the response to a change says of what was done: under a status of 2xx it may be something else, or nothing yet.

use http::StatusCode;
use serde_json::{Map, Value};

use super::names::{AFFECTED, ALREADY, DONE, LATER, QUEUED, STATUSES};
use super::values::{denies, id, is_success, is_undone, number, plain};
use super::{MAX_DEPTH, Wanted, inside, is_named};
use crate::error::{ClientError, ErrorKind};

/// What a change asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What it was to be done to.
    pub(crate) ids: &'a [u64],
    /// The names under which services say that it was done.
    pub(crate) deeds: &'static [&'static str],
    /// Whether a count of 0 means that it was not done. Who changes something to what it is changes no row.
    pub(crate) is_counted: bool,
}

/// Why a change that the service does not refuse was not made, or not yet.
pub(crate) fn unmade(document: &Value, asked: &Asked<'_>, status: StatusCode) -> Option<ClientError> {
    let mut objects = Vec::new();
    collect(document, MAX_DEPTH, &mut objects);
    let named = |names: &'static [&'static str]| objects.iter().flat_map(move |members| of_names(members, names));
    if named(asked.deeds).any(is_undone) {
        return Some(ClientError::new(ErrorKind::Rejected).with_detail("it says that it did not do it"));
    }
    if objects.iter().any(|members| is_queued(members, status)) {
        let later = "it says that the change is to be made later; look whether it was";
        return Some(ClientError::malformed(later));
    }
    let confirms =
        |members: &&Map<String, Value>| members.iter().any(|(name, value)| is_success(name) && !denies(value));
    let counts_none = named(AFFECTED).any(|count| number(count).is_some_and(|count| count == 0.0));
    if asked.is_counted && counts_none && !objects.iter().any(confirms) {
        return Some(ClientError::malformed("it says that nothing was changed"));
    }
    // An empty list in place of a word of success says nothing; one of what was asked for says that none was.
    let succeeded = named(DONE).filter_map(ids).filter(|ids| !ids.is_empty());
    let done: Vec<_> = named(asked.deeds).filter_map(ids).chain(succeeded).collect();
    let already = named(ALREADY).filter_map(ids).flatten();
    let known: Vec<u64> = done.iter().flatten().copied().chain(already).collect();
    let lacking = asked.ids.iter().find(|id| !known.contains(id));
    let lacking = lacking.filter(|_| !done.is_empty())?;
    let what = format!("it names what was changed, and {lacking} is not there; look whether it was");
    Some(ClientError::malformed(what))
}

/// Every object that may say something of the change.
fn collect<'a>(value: &'a Value, depth: usize, objects: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(members) => {
            objects.push(members);
            if depth > 1 {
                inside(members, Wanted::Change).for_each(|value| collect(value, depth - 1, objects));
            }
        }
        Value::Array(items) if depth > 1 => items.iter().for_each(|item| collect(item, depth - 1, objects)),
        _ => {}
    }
}

fn of_names<'a>(
    members: &'a Map<String, Value>,
    names: &'static [&'static str],
) -> impl Iterator<Item = &'a Value> + use<'a> {
    let named = members.iter().filter(|(name, _)| names.contains(&plain(name).as_str()));
    named.map(|(_, value)| value)
}

/// Whether the change is to be made later. Of an object with a name it could be a state of its own.
fn is_queued(members: &Map<String, Value>, status: StatusCode) -> bool {
    let is_later = |text: &str| QUEUED.contains(&text) || (status == StatusCode::ACCEPTED && LATER.contains(&text));
    let mut statuses = of_names(members, STATUSES).filter_map(Value::as_str);
    !is_named(members) && statuses.any(|text| is_later(&plain(text)))
}

/// The ids of a list, if it is one of ids, of objects with ids, or of ids with what became of them.
fn ids(list: &Value) -> Option<Vec<u64>> {
    match list {
        Value::Array(items) => {
            let ids: Option<Vec<_>> = items.iter().map(ids_of_item).collect();
            Some(ids?.concat())
        }
        Value::Object(members) => members.keys().map(|name| name.parse().ok()).collect(),
        _ => None,
    }
}

fn ids_of_item(item: &Value) -> Option<Vec<u64>> {
    match item {
        Value::Object(members) => {
            let ids = members.iter().filter(|(name, _)| plain(name).ends_with("id"));
            let ids: Vec<_> = ids.filter_map(|(_, value)| id(value)).collect();
            (!ids.is_empty()).then_some(ids)
        }
        item => id(item).map(|id| vec![id]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSIGN: Asked<'_> = Asked {
        ids: &[101, 103],
        deeds: &["assigned", "added", "joined"],
        is_counted: true,
    };

    fn kind(json: &str, status: StatusCode) -> Option<ErrorKind> {
        unmade(&serde_json::from_str(json).unwrap(), &ASSIGN, status).map(|error| error.kind())
    }

    #[test]
    fn a_change_that_names_other_ids_is_not_made() {
        for json in [
            r#"{"assigned":[101]}"#,
            r#"{"assigned":[]}"#,
            r#"{"added":["101","102"]}"#,
            r#"{"data":{"assigned":[{"id":101},{"id":102}]}}"#,
            r#"{"assigned":{"101":true}}"#,
            r#"{"success":[101]}"#,
            r#"{"assigned":[101],"alreadyAssigned":[102]}"#,
            r#"{"affected_rows":0}"#,
            r#"{"results":{"affected":"0"}}"#,
            r#"{"status":"queued"}"#,
            r#"{"job":{"id":7},"state":"In Progress"}"#,
            r#"{"data":{"id":7,"status":"queued"}}"#,
        ] {
            assert_eq!(kind(json, StatusCode::OK), Some(ErrorKind::Malformed), "{json}");
        }
        let pending = r#"{"status":"pending"}"#;
        assert_eq!(kind(pending, StatusCode::ACCEPTED), Some(ErrorKind::Malformed));
        for json in [
            r#"[{"id":101,"assigned":false}]"#,
            r#"{"sites":[{"id":101,"name":"x","assigned":"no"}]}"#,
            r#"{"added":false}"#,
        ] {
            assert_eq!(kind(json, StatusCode::OK), Some(ErrorKind::Rejected), "{json}");
        }
    }

    #[test]
    fn a_change_that_says_nothing_else_is_made() {
        for json in [
            "{}",
            "[]",
            "true",
            "[101]",
            r#"{"success":true}"#,
            r#"{"success":[],"errors":[]}"#,
            r#"{"assigned":2}"#,
            r#"{"assigned":[103,101]}"#,
            r#"{"assigned":["101"],"already_assigned":[103]}"#,
            r#"{"assigned":[{"site_id":101,"user_id":1},{"site_id":"103"}]}"#,
            r#"{"assigned":["Google"]}"#,
            r#"{"assigned":[101,103],"removed":[]}"#,
            r#"{"unassigned":[]}"#,
            r#"{"affected_rows":2}"#,
            r#"{"success":true,"affected_rows":0}"#,
            r#"{"id":1,"username":"a","status":"queued","deleted":false}"#,
            r#"{"id":1,"status":"pending","removed":false}"#,
            r#"{"sites":[{"id":102,"name":"x"}]}"#,
        ] {
            assert_eq!(kind(json, StatusCode::OK), None, "{json}");
        }
    }
}
