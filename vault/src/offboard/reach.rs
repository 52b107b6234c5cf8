//! What a user can read, and by which path.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::{self, Access};
use crate::org::{Organisation, Right, Rights};

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
    let access = Access::assuming(organisation, Rights::from_iter([Right::Read]));
    let sites = access.sites(user).into_iter();
    let read = sites.filter(|(_, rights)| rights.has(Right::Read));
    read.map(|(site, _)| (site, paths_to(&access, user, site))).collect()
}

fn paths_to(access: &Access<'_>, user: u64, site: u64) -> Vec<Path> {
    let paths = access.paths(user, site).into_iter();
    let read = paths.filter(|(_, rights)| rights.has(Right::Read));
    let mut named: Vec<Path> = read.map(|(path, _)| named(path, access.organisation())).collect();
    named.sort();
    named
}

/// A path as it is recorded: groups may be renamed or deleted afterwards.
fn named(path: access::Path, organisation: &Organisation) -> Path {
    let name = |group: u64| {
        let team = organisation.groups.get(&group);
        team.map_or_else(|| format!("#{group}"), |team| team.name.clone())
    };
    match path {
        access::Path::Direct => Path::Direct,
        access::Path::Group { member, holder } if member == holder => Path::Group(name(holder)),
        access::Path::Group { member, holder } => Path::Inherited {
            group: name(member),
            within: name(holder),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::{Relation, Team, Tie};

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
