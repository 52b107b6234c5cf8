//! The report about everything: a row for each site, with counts.

use serde::Serialize;
use zkvault::access::{Highlights, SiteAccess, Summary, UserAccess};
use zkvault::directory::Kind;
use zkvault::org::Relation;
use zkvault::report::Report;
use zkvault_core::text::folded;

use super::findings::{self, Found};
use super::{Material, page};
use crate::commands::report::Reported;
use crate::output::Table;

/// The report.
pub(super) struct Whole<'a> {
    pub(super) material: &'a Material<'a>,
    pub(super) summary: &'a Summary,
    pub(super) highlights: &'a Highlights,
    pub(super) found: Vec<Found>,
}

/// A site with its counts.
#[derive(Serialize)]
pub(super) struct SiteRow<'a> {
    pub(super) site: String,
    id: u64,
    pub(super) host: &'a str,
    pub(super) readers: u64,
    pub(super) updaters: u64,
    pub(super) deleters: u64,
    pub(super) inactive_readers: u64,
    pub(super) only_reader: Option<String>,
    pub(super) users: u64,
    pub(super) groups: Vec<String>,
}

/// A user with counts.
#[derive(Serialize)]
pub(super) struct UserRow {
    pub(super) user: String,
    id: u64,
    pub(super) active: Option<bool>,
    pub(super) reads: u64,
    pub(super) updates: u64,
    pub(super) deletes: u64,
    pub(super) direct: u64,
    pub(super) groups: Vec<String>,
}

/// A group with counts.
#[derive(Serialize)]
pub(super) struct GroupRow {
    pub(super) group: String,
    id: u64,
    pub(super) members: u64,
    pub(super) sites: u64,
    pub(super) within: Vec<String>,
}

#[derive(Serialize)]
struct Rest<'a> {
    sites: Vec<SiteRow<'a>>,
    users: Vec<UserRow>,
    groups: Vec<GroupRow>,
}

impl<'a> Whole<'a> {
    pub(super) fn new(material: &'a Material<'a>, summary: &'a Summary, highlights: &'a Highlights) -> Self {
        Self {
            material,
            summary,
            highlights,
            found: findings::of_all(material, highlights),
        }
    }

    fn groups(&self, ids: impl IntoIterator<Item = u64>) -> Vec<String> {
        ids.into_iter()
            .map(|id| self.material.names.name(Kind::Group, id))
            .collect()
    }

    /// The sites in the order of their names.
    pub(super) fn site_rows(&self) -> Vec<SiteRow<'a>> {
        let sites = &self.material.access.organisation().sites;
        let row = |(id, access): (&u64, &SiteAccess)| SiteRow {
            site: self.material.names.name(Kind::Site, *id),
            id: *id,
            host: sites.get(id).and_then(|site| site.host.as_deref()).unwrap_or_default(),
            readers: access.readers,
            updaters: access.updaters,
            deleters: access.deleters,
            inactive_readers: access.inactive,
            only_reader: access
                .only_reader
                .map(|user| self.material.names.name(Kind::User, user)),
            users: access.users,
            groups: self.groups(access.groups.iter().copied()),
        };
        let mut rows: Vec<SiteRow<'a>> = self.summary.sites.iter().map(row).collect();
        rows.sort_by_cached_key(|row| folded(&row.site).into_owned());
        rows
    }

    /// The users in the order of their names.
    pub(super) fn user_rows(&self) -> Vec<UserRow> {
        let access = self.material.access;
        let row = |(id, counted): (&u64, &UserAccess)| UserRow {
            user: self.material.names.name(Kind::User, *id),
            id: *id,
            active: access.organisation().users.get(id).and_then(|person| person.active),
            reads: counted.reads,
            updates: counted.updates,
            deletes: counted.deletes,
            direct: counted.direct,
            groups: self.groups(access.groups(*id).iter().copied()),
        };
        let mut rows: Vec<UserRow> = self.summary.users.iter().map(row).collect();
        rows.sort_by_cached_key(|row| folded(&row.user).into_owned());
        rows
    }

    /// The groups in the order of their names.
    pub(super) fn group_rows(&self) -> Vec<GroupRow> {
        let access = self.material.access;
        let organisation = access.organisation();
        let mut members = std::collections::BTreeMap::<u64, u64>::new();
        for (tie, _) in organisation.ties_of(Relation::Membership) {
            *members.entry(tie.left).or_default() += 1;
        }
        let row = |id: &u64| GroupRow {
            group: self.material.names.name(Kind::Group, *id),
            id: *id,
            members: members.get(id).copied().unwrap_or_default(),
            sites: access.sites_of_group(*id).len() as u64,
            within: self.groups(access.within(*id).filter(|inner| inner != id)),
        };
        let mut rows: Vec<GroupRow> = organisation.groups.keys().map(row).collect();
        rows.sort_by_cached_key(|row| folded(&row.group).into_owned());
        rows
    }
}

impl Reported for Whole<'_> {
    fn report(&self) -> Report {
        page::whole(self)
    }

    fn json(&self) -> impl Serialize {
        let rest = Rest {
            sites: self.site_rows(),
            users: self.user_rows(),
            groups: self.group_rows(),
        };
        self.material.json(&self.found, rest)
    }

    fn rows(&self) -> Table {
        let columns = ["SITE", "READERS", "UPDATERS", "DELETERS", "ONLY READER", "GROUPS"];
        let mut table = Table::new(&columns).cut(&["SITE", "ONLY READER", "GROUPS"]);
        for row in self.site_rows() {
            let counts = [row.readers, row.updaters, row.deleters].map(|count| count.to_string());
            let [readers, updaters, deleters] = counts;
            let only = row.only_reader.unwrap_or_default();
            table.row([row.site, readers, updaters, deleters, only, row.groups.join(", ")]);
        }
        table
    }

    fn foreword(&self) -> Option<Table> {
        findings::table(&self.found)
    }
}
