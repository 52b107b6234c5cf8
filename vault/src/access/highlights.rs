//! What an administrator should look at first.

use std::collections::{BTreeMap, BTreeSet};

use super::{Access, Summary};
use crate::org::{Person, Relation};

/// What stands out in an organisation. Every list is in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Highlights {
    /// Users whose account is deactivated and who may read sites, with how many.
    pub inactive: Vec<(u64, u64)>,
    /// Sites that one active user alone may read, with that user.
    pub alone: Vec<(u64, u64)>,
    /// Sites that nobody may read whose account is active.
    pub unreachable: Vec<u64>,
    /// Groups without members.
    pub empty: Vec<u64>,
    /// Groups whose permissions every active user has, where there are several.
    pub everybody: Vec<u64>,
    /// Users who may delete every site, where there are several.
    pub deleters: Vec<u64>,
}

/// Finds what stands out.
#[must_use]
pub fn highlights(access: &Access<'_>, summary: &Summary) -> Highlights {
    let organisation = access.organisation();
    let is_active = |user: &u64| organisation.users.get(user).is_some_and(Person::may_be_active);
    let inactive = summary
        .users
        .iter()
        .filter(|(user, access)| access.reads > 0 && !is_active(user));
    let alone = summary
        .sites
        .iter()
        .filter_map(|(site, access)| Some((*site, access.only_reader?)));
    let unreachable = summary
        .sites
        .iter()
        .filter(|(_, access)| access.readers == access.inactive);
    let all = organisation.sites.len() as u64;
    let deleters = summary
        .users
        .iter()
        .filter(|(_, access)| all > 1 && access.deletes == all);
    let filled: BTreeSet<u64> = organisation
        .ties_of(Relation::Membership)
        .map(|(tie, _)| tie.left)
        .collect();
    let active: BTreeSet<u64> = organisation
        .users
        .keys()
        .copied()
        .filter(|user| is_active(user))
        .collect();
    Highlights {
        inactive: inactive.map(|(user, access)| (*user, access.reads)).collect(),
        alone: alone.collect(),
        unreachable: unreachable.map(|(site, _)| *site).collect(),
        empty: organisation
            .groups
            .keys()
            .copied()
            .filter(|group| !filled.contains(group))
            .collect(),
        everybody: everybody(access, &active),
        deleters: deleters.map(|(user, _)| *user).collect(),
    }
}

fn everybody(access: &Access<'_>, active: &BTreeSet<u64>) -> Vec<u64> {
    if active.len() < 2 {
        return Vec::new();
    }
    let mut counts = BTreeMap::<u64, usize>::new();
    for user in active {
        for group in access.all_groups(*user) {
            *counts.entry(group).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count == active.len())
        .map(|(group, _)| group)
        .collect()
}
