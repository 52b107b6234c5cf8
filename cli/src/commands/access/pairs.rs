//! The report about some users, sites or groups: a row for each pair, with its paths.

use serde::Serialize;
use zkvault::access::{Access, Path};
use zkvault::directory::Kind;
use zkvault::org::{Names, Right, Rights};
use zkvault::report::{Column, Fact, Report, Table as ReportTable};

use super::findings::{self, Found, permissions};
use super::{Material, page};
use crate::commands::report::Reported;
use crate::output::Table;

/// A user or group that reaches a site.
struct Pair {
    who: (Kind, u64),
    site: u64,
    rights: Rights,
    paths: Vec<(Path, Rights)>,
}

/// The report.
pub(super) struct Pairs<'a> {
    material: &'a Material<'a>,
    subjects: &'a [(Kind, u64)],
    pairs: Vec<Pair>,
    found: Vec<Found>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(material: &'a Material<'a>, subjects: &'a [(Kind, u64)]) -> Self {
        let of = |subject: &(Kind, u64)| of_subject(material.access, *subject);
        let mut pairs: Vec<Pair> = subjects.iter().flat_map(of).collect();
        pairs.sort_by_cached_key(|pair| names_of(pair, material.names));
        pairs.dedup_by_key(|pair| (pair.who, pair.site));
        Self {
            material,
            subjects,
            pairs,
            found: findings::of_service(material),
        }
    }

    fn paths_of(&self, pair: &Pair) -> String {
        let words = pair
            .paths
            .iter()
            .map(|(path, _)| findings::path(*path, self.material.names));
        words.collect::<Vec<_>>().join("; ")
    }
}

/// What somebody and a site are called.
fn names_of(pair: &Pair, names: &Names<'_>) -> (String, String) {
    let (kind, id) = pair.who;
    (names.name(kind, id), names.name(Kind::Site, pair.site))
}

fn of_subject(access: &Access<'_>, (kind, id): (Kind, u64)) -> Vec<Pair> {
    let of_user = |user: u64, site: u64, rights| Pair {
        who: (Kind::User, user),
        site,
        rights,
        paths: access.paths(user, site),
    };
    match kind {
        Kind::User => access
            .sites(id)
            .into_iter()
            .map(|(site, rights)| of_user(id, site, rights))
            .collect(),
        Kind::Site => access
            .users(id)
            .into_iter()
            .map(|(user, rights)| of_user(user, id, rights))
            .collect(),
        Kind::Group => {
            let sites = access.sites_of_group(id).into_iter();
            let pair = |(site, rights)| Pair {
                who: (Kind::Group, id),
                site,
                rights,
                paths: access.paths_of_group(id, site),
            };
            sites.map(pair).collect()
        }
    }
}

#[derive(Serialize)]
struct JsonPath {
    /// The group of which the user is a member; nothing for a direct assignment.
    group: Option<String>,
    /// The group within it that the site is assigned to.
    within: Option<String>,
    permissions: Rights,
}

#[derive(Serialize)]
struct JsonPair {
    kind: &'static str,
    name: String,
    id: u64,
    site: String,
    site_id: u64,
    read: bool,
    update: bool,
    delete: bool,
    paths: Vec<JsonPath>,
}

#[derive(Serialize)]
struct Rest {
    access: Vec<JsonPair>,
}

impl Pairs<'_> {
    fn json_path(&self, (path, permissions): &(Path, Rights)) -> JsonPath {
        let name = |group: u64| Some(self.material.names.name(Kind::Group, group));
        let (group, within) = match *path {
            Path::Direct => (None, None),
            Path::Group { member, holder } if member == holder => (name(member), None),
            Path::Group { member, holder } => (name(member), name(holder)),
        };
        JsonPath {
            group,
            within,
            permissions: *permissions,
        }
    }

    fn json_pair(&self, pair: &Pair) -> JsonPair {
        let (name, site) = names_of(pair, self.material.names);
        JsonPair {
            kind: pair.who.0.name(),
            name,
            id: pair.who.1,
            site,
            site_id: pair.site,
            read: pair.rights.has(Right::Read),
            update: pair.rights.has(Right::Update),
            delete: pair.rights.has(Right::Delete),
            paths: pair.paths.iter().map(|path| self.json_path(path)).collect(),
        }
    }
}

impl Reported for Pairs<'_> {
    fn report(&self) -> Report {
        let names = self.material.names;
        let subjects = self
            .subjects
            .iter()
            .map(|(kind, id)| format!("{} {}", kind.name(), names.name(*kind, *id)));
        let title = format!("Access: {}", subjects.collect::<Vec<_>>().join(", "));
        let mut report = Report::new(&title, self.material.account, self.material.made);
        let readers = self.pairs.iter().filter(|pair| pair.rights.has(Right::Read)).count();
        report.facts([
            Fact::new("Pairs of somebody and a site", &self.pairs.len().to_string()),
            Fact::new("May read", &readers.to_string()),
            page::compared(self.material),
        ]);
        page::findings(&mut report, &self.found);
        let columns = [
            Column::text("Who"),
            Column::text("Site"),
            Column::flag("Read"),
            Column::flag("Update"),
            Column::flag("Delete"),
            Column::text("By"),
        ];
        let mut table = ReportTable::new("Who reaches which site", columns);
        for pair in &self.pairs {
            let (who, site) = names_of(pair, self.material.names);
            let [read, update, delete] =
                [Right::Read, Right::Update, Right::Delete].map(|right| pair.rights.has(right));
            table.row([
                who.into(),
                site.into(),
                read.into(),
                update.into(),
                delete.into(),
                self.paths_of(pair).into(),
            ]);
        }
        report.table(table);
        report
    }

    fn json(&self) -> impl Serialize {
        let access = self.pairs.iter().map(|pair| self.json_pair(pair)).collect();
        self.material.json(&self.found, Rest { access })
    }

    fn rows(&self) -> Table {
        let mut table = Table::new(&["WHO", "SITE", "MAY", "BY"])
            .cut(&["WHO", "SITE"])
            .wrapped(&["MAY", "BY"]);
        for pair in &self.pairs {
            let (who, site) = names_of(pair, self.material.names);
            table.row([who, site, permissions(pair.rights), self.paths_of(pair)]);
        }
        table
    }

    fn foreword(&self) -> Option<Table> {
        findings::table(&self.found)
    }
}
