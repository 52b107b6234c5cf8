//! Changes in words, with the names that things had.

use std::collections::BTreeMap;

use zkvault_client::logmeonce::{ServiceChange, Tie};

use crate::directory::Kind;

/// Things of one kind that a sentence names; of more, the number.
const MAX_NAMED: usize = 5;

/// By what a name is found: `user 1920`.
pub(super) fn key(kind: Kind, id: u64) -> String {
    format!("{} {id}", kind.name())
}

/// The kinds of a relation's owner and of the others.
const fn ends(tie: Tie) -> (Kind, Kind) {
    match tie {
        Tie::UserSites => (Kind::User, Kind::Site),
        Tie::GroupSites => (Kind::Group, Kind::Site),
        Tie::GroupUsers => (Kind::Group, Kind::User),
        Tie::SiteUsers => (Kind::Site, Kind::User),
        Tie::UserGroups => (Kind::User, Kind::Group),
        Tie::SiteGroups => (Kind::Site, Kind::Group),
    }
}

/// Everything that a change names.
pub(super) fn things(change: &ServiceChange) -> Vec<(Kind, u64)> {
    match change {
        ServiceChange::Assign { tie, owner, ids }
        | ServiceChange::Unassign { tie, owner, ids }
        | ServiceChange::SetPrivileges { tie, owner, ids, .. } => {
            let (owners, others) = ends(*tie);
            let others = ids.iter().map(|id| (others, *id));
            std::iter::once((owners, *owner)).chain(others).collect()
        }
        ServiceChange::UpdateUser { id, .. }
        | ServiceChange::DeleteUser { id }
        | ServiceChange::ActivateUser { id, .. }
        | ServiceChange::DeactivateUser { id } => vec![(Kind::User, *id)],
        ServiceChange::UpdateGroup { id, .. } => vec![(Kind::Group, *id)],
        _ => Vec::new(),
    }
}

/// A change as a sentence in the imperative, such as `add user priya@halden.example (1920) to group Sales (5721)`.
pub(super) fn text(change: &ServiceChange, names: &BTreeMap<String, String>) -> String {
    let name = |kind: Kind, id: u64| match names.get(&key(kind, id)) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_string(),
    };
    let one = |kind: Kind, id: u64| format!("{} {}", kind.name(), name(kind, id));
    let all = |kind: Kind, ids: &[u64]| {
        let mut listed: Vec<String> = ids.iter().take(MAX_NAMED).map(|id| name(kind, *id)).collect();
        let more = ids.len().saturating_sub(MAX_NAMED);
        if more > 0 {
            listed.push(format!("{more} more"));
        }
        let plural = if ids.len() == 1 { "" } else { "s" };
        format!("{}{plural} {}", kind.name(), listed_in_words(&listed))
    };
    // The things first, and then to whom they are given.
    let tied = |tie: Tie, owner: u64, ids: &[u64]| {
        let (owners, others) = ends(tie);
        match tie {
            Tie::UserSites | Tie::GroupSites | Tie::GroupUsers => (all(others, ids), one(owners, owner)),
            Tie::SiteUsers | Tie::SiteGroups | Tie::UserGroups => (one(owners, owner), all(others, ids)),
        }
    };
    match change {
        ServiceChange::Assign { tie, owner, ids } => {
            let (thing, holder) = tied(*tie, *owner, ids);
            let verb = if tie.is_membership() { "add" } else { "assign" };
            format!("{verb} {thing} to {holder}")
        }
        ServiceChange::Unassign { tie, owner, ids } => {
            let (thing, holder) = tied(*tie, *owner, ids);
            let verb = if tie.is_membership() { "remove" } else { "unassign" };
            format!("{verb} {thing} from {holder}")
        }
        ServiceChange::SetPrivileges {
            tie,
            owner,
            ids,
            allow,
            deny,
        } => {
            let (thing, holder) = tied(*tie, *owner, ids);
            let said = |verb: &str, what: &[String]| (!what.is_empty()).then(|| format!("{verb} {}", what.join(", ")));
            let rights: Vec<String> = [said("allow", allow), said("deny", deny)]
                .into_iter()
                .flatten()
                .collect();
            let rights = rights.join(" and ");
            match tie.is_membership() {
                true => format!("{rights} for {thing} in {holder}"),
                false => format!("{rights} of {thing} for {holder}"),
            }
        }
        ServiceChange::UpdateUser { id, fields } => format!("change {} of {}", fields.join(", "), one(Kind::User, *id)),
        ServiceChange::DeleteUser { id } => format!("delete {}", one(Kind::User, *id)),
        ServiceChange::ActivateUser { id, with_key } => {
            let key = if *with_key { " with a sealed key" } else { "" };
            format!("activate {}{key}", one(Kind::User, *id))
        }
        ServiceChange::DeactivateUser { id } => format!("deactivate {}", one(Kind::User, *id)),
        ServiceChange::CreateGroup { name } => format!("create group {name}"),
        ServiceChange::UpdateGroup { id, fields } => {
            format!("change {} of {}", fields.join(", "), one(Kind::Group, *id))
        }
        ServiceChange::Other { method, path } => format!("send {method} {path}"),
        _ => "make a change that this version does not know".to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed_in_words(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
