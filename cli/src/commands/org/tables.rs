//! The tables of an organisation.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use zkvault::directory::Kind;
use zkvault::org::{Field, Names, Organisation, Relation, Rights, Tie};
use zkvault_core::text::folded;

use crate::args::OrgTable;
use crate::context::Context;
use crate::error::Result;
use crate::output::{Cell, Table};

/// Rows of values: cells of a table, and members of an object for programs.
struct Rows {
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

/// Prints a table, in the order of names.
pub(super) fn print(table: OrgTable, organisation: &Organisation, context: &Context<'_>) -> Result<()> {
    let names = Names::of(organisation);
    let mut rows = match table {
        OrgTable::Users => users(organisation, &names),
        OrgTable::Groups => groups(organisation, &names),
        OrgTable::Sites => sites(organisation, &names),
        OrgTable::Members => members(organisation, &names),
        OrgTable::Assignments => assignments(organisation, &names),
    };
    let key = |value: &Value| folded(&shown(value)).into_owned();
    rows.rows
        .sort_by_cached_key(|row| row.iter().map(key).collect::<Vec<_>>());
    context.output.rows(&rows.table(), &rows)
}

impl Rows {
    fn table(&self) -> Table {
        let mut table = Table::new(self.columns);
        for row in &self.rows {
            table.cells(row.iter().map(|value| Cell::from(shown(value))));
        }
        table
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A list of objects, whose members are called like the columns.
impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let names = || {
            self.columns
                .iter()
                .map(|name| name.to_ascii_lowercase().replace(' ', "_"))
        };
        let object = |row: &Vec<Value>| names().zip(row.iter().cloned()).collect::<Map<String, Value>>();
        serializer.collect_seq(self.rows.iter().map(object))
    }
}

fn users(organisation: &Organisation, names: &Names<'_>) -> Rows {
    let columns = &[
        "USER",
        "ID",
        "ACTIVE",
        "USERNAME",
        "EMAIL",
        "CONFIRMED",
        "LICENSE",
        "FIRST NAME",
        "LAST NAME",
        "BIRTHDATE",
        "GENDER",
        "ADDRESS",
        "CITY",
        "STATE",
        "ZIP",
        "COUNTRY",
        "PHONE",
        "COMPANY",
        "JOB TITLE",
        "WEBSITE",
    ];
    let row = |(id, person): (&u64, &zkvault::org::Person)| {
        let mut row = vec![json!(names.name(Kind::User, *id)), json!(id), json!(person.active)];
        row.extend(Field::ALL.iter().map(|(field, ..)| json!(person.field(*field))));
        row
    };
    Rows {
        columns,
        rows: organisation.users.iter().map(row).collect(),
    }
}

/// How many ties there are at one end of a relation, by that end's ids.
fn counts(organisation: &Organisation, relation: Relation, end: impl Fn(&Tie) -> u64) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    for (tie, _) in organisation.ties_of(relation) {
        *counts.entry(end(&tie)).or_default() += 1;
    }
    counts
}

fn groups(organisation: &Organisation, names: &Names<'_>) -> Rows {
    let members = counts(organisation, Relation::Membership, |tie| tie.left);
    let sites = counts(organisation, Relation::GroupSite, |tie| tie.left);
    let of = |counts: &BTreeMap<u64, u64>, id: &u64| json!(counts.get(id).copied().unwrap_or_default());
    let row = |(id, team): (&u64, &zkvault::org::Team)| {
        let description = team.description.as_deref().unwrap_or_default();
        vec![
            json!(names.name(Kind::Group, *id)),
            json!(id),
            json!(description),
            of(&members, id),
            of(&sites, id),
        ]
    };
    Rows {
        columns: &["GROUP", "ID", "DESCRIPTION", "MEMBERS", "SITES"],
        rows: organisation.groups.iter().map(row).collect(),
    }
}

fn sites(organisation: &Organisation, names: &Names<'_>) -> Rows {
    let users = counts(organisation, Relation::UserSite, |tie| tie.right);
    let groups = counts(organisation, Relation::GroupSite, |tie| tie.right);
    let of = |counts: &BTreeMap<u64, u64>, id: &u64| json!(counts.get(id).copied().unwrap_or_default());
    let row = |(id, place): (&u64, &zkvault::org::Place)| {
        let host = place.host.as_deref().unwrap_or_default();
        let name = json!(names.name(Kind::Site, *id));
        vec![name, json!(id), json!(host), of(&users, id), of(&groups, id)]
    };
    Rows {
        columns: &["SITE", "ID", "HOST", "USERS", "GROUPS"],
        rows: organisation.sites.iter().map(row).collect(),
    }
}

/// A boolean for each permission of a relation; nothing where the service does not say.
fn permissions(relation: Relation, rights: Option<Rights>) -> impl Iterator<Item = Value> {
    relation
        .rights()
        .iter()
        .map(move |right| json!(rights.map(|rights| rights.has(*right))))
}

fn members(organisation: &Organisation, names: &Names<'_>) -> Rows {
    let row = |(tie, rights): (Tie, Option<Rights>)| {
        let mut row = vec![
            json!(names.name(Kind::Group, tie.left)),
            json!(names.name(Kind::User, tie.right)),
        ];
        row.extend(permissions(Relation::Membership, rights));
        row
    };
    Rows {
        columns: &["GROUP", "USER", "CREATE", "ASSIGN"],
        rows: organisation.ties_of(Relation::Membership).map(row).collect(),
    }
}

fn assignments(organisation: &Organisation, names: &Names<'_>) -> Rows {
    let row = |(tie, rights): (Tie, Option<Rights>)| {
        let (kind, _) = tie.relation.ends();
        let mut row = vec![
            json!(names.name(Kind::Site, tie.right)),
            json!(kind.name()),
            json!(names.name(kind, tie.left)),
        ];
        row.extend(permissions(tie.relation, rights));
        row
    };
    let ties = [Relation::UserSite, Relation::GroupSite].into_iter();
    Rows {
        columns: &["SITE", "TO", "NAME", "READ", "UPDATE", "DELETE"],
        rows: ties
            .flat_map(|relation| organisation.ties_of(relation))
            .map(row)
            .collect(),
    }
}
