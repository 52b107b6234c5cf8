//! The whole organisation in numbers. Pairs of users and sites may be tens of millions, so none is kept.

use std::collections::BTreeMap;

use super::Access;
use crate::org::{Relation, Right, Rights};

/// How many can do what with a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteAccess {
    /// Users who may read it.
    pub readers: u64,
    /// Users who may change it.
    pub updaters: u64,
    /// Users who may delete it.
    pub deleters: u64,
    /// Of the readers, those whose account is deactivated.
    pub inactive: u64,
    /// The only reader with an active account, if there is exactly one.
    pub only_reader: Option<u64>,
    /// Users and groups that it is assigned to.
    pub users: u64,
    /// Groups that it is assigned to.
    pub groups: Vec<u64>,
}

/// How many sites a user can do what with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserAccess {
    /// Sites that the user may read.
    pub reads: u64,
    /// Sites that the user may change.
    pub updates: u64,
    /// Sites that the user may delete.
    pub deletes: u64,
    /// Sites that are assigned to the user alone, not by groups.
    pub direct: u64,
}

/// The access of all users to all sites, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// By the ids of the sites, each of them.
    pub sites: BTreeMap<u64, SiteAccess>,
    /// By the ids of the users, each of them.
    pub users: BTreeMap<u64, UserAccess>,
    /// Pairs of a user and a site that the user may read.
    pub pairs: u64,
}

impl Summary {
    /// Counts. The time is that of the pairs, the memory that of users and sites.
    #[must_use]
    pub fn of(access: &Access<'_>) -> Self {
        let organisation = access.organisation();
        let ids: Vec<u64> = organisation.sites.keys().copied().collect();
        let mut sites = vec![SiteAccess::default(); ids.len()];
        let mut active_readers = vec![0_u64; ids.len()];
        let mut users = BTreeMap::new();
        let lists = Lists::of_all(access, &ids);
        let mut row = Row::new(ids.len());
        for (user, person) in &organisation.users {
            let is_active = person.may_be_active();
            let mut counted = UserAccess::default();
            lists
                .of(access, *user)
                .for_each(|(place, rights)| row.add(*place, *rights));
            for (place, rights) in row.take() {
                let (Some(site), Some(active)) = (sites.get_mut(place), active_readers.get_mut(place)) else {
                    continue;
                };
                counted.count(rights);
                site.count(rights, is_active);
                if rights.has(Right::Read) && is_active {
                    *active += 1;
                    site.only_reader = (*active == 1).then_some(*user);
                }
            }
            users.insert(*user, counted);
        }
        let mut summary = Self {
            pairs: users.values().map(|user| user.reads).sum(),
            sites: ids.into_iter().zip(sites).collect(),
            users,
        };
        summary.count_ties(access);
        summary
    }

    fn count_ties(&mut self, access: &Access<'_>) {
        let organisation = access.organisation();
        for (tie, _) in organisation.ties_of(Relation::UserSite) {
            if let Some(site) = self.sites.get_mut(&tie.right) {
                site.users += 1;
            }
            if let Some(user) = self.users.get_mut(&tie.left) {
                user.direct += 1;
            }
        }
        for (tie, _) in organisation.ties_of(Relation::GroupSite) {
            if let Some(site) = self.sites.get_mut(&tie.right) {
                site.groups.push(tie.left);
            }
        }
    }
}

impl SiteAccess {
    fn count(&mut self, rights: Rights, is_active: bool) {
        self.readers += u64::from(rights.has(Right::Read));
        self.updaters += u64::from(rights.has(Right::Update));
        self.deleters += u64::from(rights.has(Right::Delete));
        self.inactive += u64::from(rights.has(Right::Read) && !is_active);
    }
}

impl UserAccess {
    fn count(&mut self, rights: Rights) {
        self.reads += u64::from(rights.has(Right::Read));
        self.updates += u64::from(rights.has(Right::Update));
        self.deletes += u64::from(rights.has(Right::Delete));
    }
}

/// What is assigned to users and groups, by the places of the sites: what is assigned to a group is looked up once, not once
/// for each member.
struct Lists {
    of_user: BTreeMap<u64, Vec<(usize, Rights)>>,
    of_group: BTreeMap<u64, Vec<(usize, Rights)>>,
}

impl Lists {
    fn of_all(access: &Access<'_>, ids: &[u64]) -> Self {
        let placed = |lists: &BTreeMap<u64, Vec<(u64, Rights)>>| {
            let place = |(site, rights): &(u64, Rights)| Some((ids.binary_search(site).ok()?, *rights));
            let list = |(owner, list): (&u64, &Vec<(u64, Rights)>)| (*owner, list.iter().filter_map(place).collect());
            lists.iter().map(list).collect()
        };
        Self {
            of_user: placed(&access.of_user),
            of_group: placed(&access.of_group),
        }
    }

    fn of(&self, access: &Access<'_>, user: u64) -> impl Iterator<Item = &(usize, Rights)> {
        let groups = access.all_groups(user).into_iter();
        let own = self.of_user.get(&user).into_iter().flatten();
        own.chain(groups.flat_map(|group| self.of_group.get(&group).into_iter().flatten()))
    }
}

/// The permissions of one user for all sites, in memory that every user uses again.
struct Row {
    rights: Vec<Option<Rights>>,
    touched: Vec<usize>,
}

impl Row {
    fn new(len: usize) -> Self {
        Self {
            rights: vec![None; len],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, place: usize, more: Rights) {
        let Some(known) = self.rights.get_mut(place) else {
            return;
        };
        if known.is_none() {
            self.touched.push(place);
        }
        *known = Some(known.unwrap_or_default().union(more));
    }

    /// What was added, leaving nothing.
    fn take(&mut self) -> Vec<(usize, Rights)> {
        let touched = std::mem::take(&mut self.touched).into_iter();
        let rights = &mut self.rights;
        touched
            .filter_map(|place| Some((place, rights.get_mut(place)?.take()?)))
            .collect()
    }
}
