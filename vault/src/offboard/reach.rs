//! What a user can read, and by which path.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::org::{Organisation, Relation, Right, Rights};

/// A way by which a user reads a site, with what groups were called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Path {
    /// The site is assigned to the user.
    Direct,
    /// It is assigned to a group that the user is a member of.
    Group(String),
    /// It is assigned to a group within one that the user is a member of.
    Inherited {
        /// The group of the user.
        group: String,
        /// The group that has the site.
        within: String,
    },
}

/// Such as `directly` or `by group Sales`.
impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Direct => f.write_str("directly"),
            Self::Group(group) => write!(f, "by group {group}"),
            Self::Inherited { group, within } => write!(f, "by group {within} within {group}"),
        }
    }
}

/// The sites that a user can read, by their ids. A tie whose permissions the service does not tell may read.
pub(super) fn paths(organisation: &Organisation, user: u64) -> BTreeMap<u64, Vec<Path>> {
    let mut paths: BTreeMap<u64, Vec<Path>> = BTreeMap::new();
    for (tie, rights) in organisation.ties_of(Relation::UserSite) {
        if tie.left == user && may_read(rights) {
            paths.entry(tie.right).or_default().push(Path::Direct);
        }
    }
    let of_groups: Vec<(u64, u64)> = organisation
        .ties_of(Relation::GroupSite)
        .filter(|(_, rights)| may_read(*rights))
        .map(|(tie, _)| (tie.left, tie.right))
        .collect();
    let name = |group: u64| {
        let team = organisation.groups.get(&group);
        team.map_or_else(|| format!("#{group}"), |team| team.name.clone())
    };
    for (membership, _) in organisation.ties_of(Relation::Membership) {
        if membership.right != user {
            continue;
        }
        let group = membership.left;
        let within = organisation.within(group);
        for (holder, site) in of_groups.iter().filter(|(holder, _)| within.contains(holder)) {
            let path = match *holder == group {
                true => Path::Group(name(group)),
                false => Path::Inherited {
                    group: name(group),
                    within: name(*holder),
                },
            };
            paths.entry(*site).or_default().push(path);
        }
    }
    for paths in paths.values_mut() {
        paths.sort();
        paths.dedup();
    }
    paths
}

fn may_read(rights: Option<Rights>) -> bool {
    rights.is_none_or(|rights| rights.has(Right::Read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::{Team, Tie};

    #[test]
    fn every_path_is_found_and_what_cannot_be_read_is_none() {
        let mut organisation = Organisation::default();
        let team = |name: &str| Team {
            name: name.to_owned(),
            description: None,
        };
        organisation.groups = [(5, team("Sales")), (6, team("North")), (7, team("Other"))].into();
        organisation.nested = [(5, 6)].into();
        let read = Some(Rights::default().with(Right::Read));
        let change = Some(Rights::default().with(Right::Update));
        let ties = [
            (Relation::Membership, 5, 1, None),
            (Relation::Membership, 7, 2, None),
            (Relation::UserSite, 1, 100, read),
            (Relation::UserSite, 1, 101, change),
            (Relation::UserSite, 2, 102, read),
            (Relation::GroupSite, 5, 100, None),
            (Relation::GroupSite, 6, 103, read),
            (Relation::GroupSite, 7, 104, read),
        ];
        organisation.ties = ties
            .into_iter()
            .map(|(relation, left, right, rights)| (Tie { relation, left, right }, rights))
            .collect();
        let north = Path::Inherited {
            group: "Sales".to_owned(),
            within: "North".to_owned(),
        };
        let expected = [
            (100, vec![Path::Direct, Path::Group("Sales".to_owned())]),
            (103, vec![north]),
        ];
        assert_eq!(paths(&organisation, 1), expected.into());
    }
}
