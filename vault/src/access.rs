//! Who can reach which site, and by which path: computed from what an organisation's lists say, and compared with the
//! permissions that the service says are in effect (ADR 0029).
//!
//! ```
//! use zkvault::access::{Access, Path};
//! use zkvault::org::{Organisation, Person, Place, Relation, Right, Rights, Team, Tie};
//!
//! let mut organisation = Organisation::default();
//! organisation.users.insert(1917, Person::default());
//! organisation.groups.insert(5717, Team::default());
//! organisation.sites.insert(9, Place::default());
//! let tie = |relation, left, right| Tie { relation, left, right };
//! organisation.ties.insert(tie(Relation::Membership, 5717, 1917), None);
//! organisation.ties.insert(tie(Relation::GroupSite, 5717, 9), Some(Rights::from_iter([Right::Read])));
//!
//! let access = Access::of(&organisation);
//! assert!(access.rights(1917, 9).has(Right::Read));
//! let (path, rights) = access.paths(1917, 9)[0];
//! assert_eq!((path, rights.has(Right::Update)), (Path::Group { member: 5717, holder: 5717 }, false));
//! ```
//!
//! The rule is the API reference's: a user has the permissions that are assigned to the user, those of every group that the
//! user is a member of, and those of every group within such a group, however deep.

mod compare;
mod highlights;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

pub use self::compare::{Checked, Difference, Scope, compare, compare_read, requests};
pub use self::highlights::{Highlights, highlights};
pub use self::summary::{SiteAccess, Summary, UserAccess};
use crate::org::{Organisation, Relation, Rights};

/// How a user reaches a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// The site is assigned to the user.
    Direct,
    /// It is assigned to a group.
    Group {
        /// The group that the user is a member of.
        member: u64,
        /// The group that the site is assigned to: the same, or one within it.
        holder: u64,
    },
}

/// An organisation, prepared to be asked who reaches what.
#[derive(Debug)]
pub struct Access<'a> {
    organisation: &'a Organisation,
    /// The groups of each user.
    groups: BTreeMap<u64, Vec<u64>>,
    /// Of each group, the groups within it and itself.
    within: BTreeMap<u64, BTreeSet<u64>>,
    /// The sites of each group, and of each user, with the permissions of the tie.
    of_group: BTreeMap<u64, Vec<(u64, Rights)>>,
    of_user: BTreeMap<u64, Vec<(u64, Rights)>>,
}

impl<'a> Access<'a> {
    /// Prepares an organisation. Permissions that the service did not say are none.
    #[must_use]
    pub fn of(organisation: &'a Organisation) -> Self {
        Self::assuming(organisation, Rights::default())
    }

    /// As [`Self::of`], with what a tie is taken to permit where the service did not say it.
    #[must_use]
    pub fn assuming(organisation: &'a Organisation, unknown: Rights) -> Self {
        let sites = |relation| {
            let mut sites: BTreeMap<u64, Vec<(u64, Rights)>> = BTreeMap::new();
            for (tie, rights) in organisation.ties_of(relation) {
                sites
                    .entry(tie.left)
                    .or_default()
                    .push((tie.right, rights.unwrap_or(unknown)));
            }
            sites
        };
        let mut groups: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (tie, _) in organisation.ties_of(Relation::Membership) {
            groups.entry(tie.right).or_default().push(tie.left);
        }
        // Also those that have members and are not in the list of groups.
        let within = organisation.groups.keys().chain(groups.values().flatten());
        let within = within.map(|group| (*group, organisation.within(*group))).collect();
        Self {
            organisation,
            groups,
            within,
            of_group: sites(Relation::GroupSite),
            of_user: sites(Relation::UserSite),
        }
    }

    /// The organisation.
    #[must_use]
    pub const fn organisation(&self) -> &'a Organisation {
        self.organisation
    }

    /// The groups that a user is a member of.
    #[must_use]
    pub fn groups(&self, user: u64) -> &[u64] {
        self.groups.get(&user).map(Vec::as_slice).unwrap_or_default()
    }

    /// A group and the groups within it.
    pub fn within(&self, group: u64) -> impl Iterator<Item = u64> {
        self.within.get(&group).into_iter().flatten().copied()
    }

    /// The groups whose permissions a user has: those that the user is a member of, and those within them.
    #[must_use]
    pub fn all_groups(&self, user: u64) -> BTreeSet<u64> {
        self.groups(user).iter().flat_map(|group| self.within(*group)).collect()
    }

    /// Everything that is assigned to a user or to the user's groups, with the permissions of each tie. A site is there as
    /// often as it is assigned.
    fn grants(&self, user: u64) -> impl Iterator<Item = (u64, Rights)> {
        let groups = self.all_groups(user).into_iter();
        let own = self.of_user.get(&user).into_iter().flatten().copied();
        own.chain(groups.flat_map(|group| self.sites_of(group)))
    }

    fn sites_of(&self, group: u64) -> impl Iterator<Item = (u64, Rights)> {
        self.of_group.get(&group).into_iter().flatten().copied()
    }

    /// Every site that is assigned to a user in some way, with all permissions together: none where it is assigned without.
    #[must_use]
    pub fn sites(&self, user: u64) -> BTreeMap<u64, Rights> {
        together(self.grants(user))
    }

    /// The same of a group and those within it.
    #[must_use]
    pub fn sites_of_group(&self, group: u64) -> BTreeMap<u64, Rights> {
        together(self.within(group).flat_map(|group| self.sites_of(group)))
    }

    /// What a group may do with a site, by itself and by the groups within it.
    #[must_use]
    pub fn rights_of_group(&self, group: u64, site: u64) -> Rights {
        let each = self.within(group).filter_map(|group| find(&self.of_group, group, site));
        each.fold(Rights::default(), Rights::union)
    }

    /// The paths by which a group reaches a site: its own assignment, and those of groups within it.
    #[must_use]
    pub fn paths_of_group(&self, group: u64, site: u64) -> Vec<(Path, Rights)> {
        let path = |holder: u64| match holder == group {
            true => Path::Direct,
            false => Path::Group { member: group, holder },
        };
        let holders = self.within(group);
        holders
            .filter_map(|holder| Some((path(holder), find(&self.of_group, holder, site)?)))
            .collect()
    }

    /// Every user to whom a site is assigned in some way, with all permissions together.
    #[must_use]
    pub fn users(&self, site: u64) -> BTreeMap<u64, Rights> {
        let users = self.organisation.users.keys();
        let assigned = users.filter_map(|user| Some((*user, self.assigned(*user, site)?)));
        assigned.collect()
    }

    /// What a user may do with a site.
    #[must_use]
    pub fn rights(&self, user: u64, site: u64) -> Rights {
        self.assigned(user, site).unwrap_or_default()
    }

    fn assigned(&self, user: u64, site: u64) -> Option<Rights> {
        let paths = self.paths(user, site);
        paths.into_iter().map(|(_, rights)| rights).reduce(Rights::union)
    }

    /// The paths by which a user reaches a site, with what each permits.
    #[must_use]
    pub fn paths(&self, user: u64, site: u64) -> Vec<(Path, Rights)> {
        let direct = find(&self.of_user, user, site).map(|rights| (Path::Direct, rights));
        let by_group = |member: u64| {
            self.within(member).filter_map(move |holder| {
                let rights = find(&self.of_group, holder, site)?;
                Some((Path::Group { member, holder }, rights))
            })
        };
        let groups = self.groups(user).iter().copied();
        direct.into_iter().chain(groups.flat_map(by_group)).collect()
    }

    /// The members of a group and of every group that it is in: all who have its permissions.
    #[must_use]
    pub fn people(&self, group: u64) -> BTreeSet<u64> {
        let has_it = |(user, groups): (&u64, &Vec<u64>)| {
            let mut within = groups.iter().filter_map(|outer| self.within.get(outer));
            within.any(|within| within.contains(&group)).then_some(*user)
        };
        self.groups.iter().filter_map(has_it).collect()
    }
}

/// The permissions of a tie. Lists are in the order of sites, because the ties of an organisation are.
fn find(lists: &BTreeMap<u64, Vec<(u64, Rights)>>, owner: u64, site: u64) -> Option<Rights> {
    let list = lists.get(&owner)?;
    let place = list.binary_search_by_key(&site, |(site, _)| *site).ok()?;
    list.get(place).map(|(_, rights)| *rights)
}

fn together(grants: impl Iterator<Item = (u64, Rights)>) -> BTreeMap<u64, Rights> {
    let mut sites: BTreeMap<u64, Rights> = BTreeMap::new();
    for (site, rights) in grants {
        let known = sites.entry(site).or_default();
        *known = known.union(rights);
    }
    sites
}

#[cfg(test)]
mod tests;
