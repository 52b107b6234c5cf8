//! What stands out, in words.

use serde::Serialize;
use zkvault::access::{Difference, Highlights, Path};
use zkvault::directory::Kind;
use zkvault::org::{Names, Rights};
use zkvault::report::{Finding, Level};

use super::Material;
use crate::output::Table;

/// Things that a terminal names of a finding.
const MAX_NAMED: usize = 3;

/// A finding as programs get it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Found {
    /// A stable word for what it is.
    finding: &'static str,
    level: &'static str,
    text: String,
    items: Vec<String>,
    #[serde(skip)]
    severity: Level,
}

impl Found {
    fn new(finding: &'static str, severity: Level, text: String, items: Vec<String>) -> Self {
        Self {
            finding,
            level: severity.name(),
            text,
            items,
            severity,
        }
    }

    /// As a report has it.
    pub(super) fn finding(&self) -> Finding {
        Finding {
            level: self.severity,
            text: self.text.clone(),
            items: self.items.clone(),
        }
    }
}

/// A row for each, for a terminal.
pub(super) fn table(all: &[Found]) -> Option<Table> {
    let mut table = Table::new(&["LEVEL", "FINDING", "OF"]).wrapped(&["FINDING", "OF"]);
    for found in all {
        let mut items = found
            .items
            .iter()
            .take(MAX_NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if found.items.len() > MAX_NAMED {
            items.push_str(&format!(" and {} more", found.items.len() - MAX_NAMED));
        }
        table.row([found.level.to_owned(), found.text.clone(), items]);
    }
    (!all.is_empty()).then_some(table)
}

/// What the service says differently, and what it did not list.
pub(super) fn of_service(material: &Material<'_>) -> Vec<Found> {
    let differences = &material.checked.differences;
    let (more, less): (Vec<_>, Vec<_>) = differences.iter().partition(|one| !one.unexplained().is_empty());
    let words = |all: Vec<&Difference>| {
        all.into_iter()
            .map(|one| difference(one, material.names))
            .collect::<Vec<_>>()
    };
    let found = [
        (
            "unexplained",
            Level::Critical,
            "The service gives permissions that no assignment explains",
            words(more),
        ),
        (
            "withheld",
            Level::Warning,
            "The service withholds permissions that are assigned",
            words(less),
        ),
        (
            "incomplete",
            Level::Warning,
            "The service did not list everything, so this report is incomplete",
            material.missing.clone(),
        ),
    ];
    let found = found.into_iter().filter(|(.., items)| !items.is_empty());
    found
        .map(|(word, level, text, items)| Found::new(word, level, text.to_owned(), items))
        .collect()
}

/// What stands out in the whole organisation, what matters most first.
pub(super) fn of_all(material: &Material<'_>, found: &Highlights) -> Vec<Found> {
    let Highlights {
        inactive,
        alone,
        unreachable,
        empty,
        everybody,
        deleters,
    } = found;
    let names = material.names;
    let all = |kind, ids: &[u64]| ids.iter().map(|id| names.name(kind, *id)).collect::<Vec<_>>();
    let counted = |(user, sites): &(u64, u64)| format!("{}: {}", names.name(Kind::User, *user), count(*sites, "site"));
    let paired =
        |(site, user): &(u64, u64)| format!("{}: {}", names.name(Kind::Site, *site), names.name(Kind::User, *user));
    let rows = [
        (
            "inactive-with-access",
            Level::Critical,
            "Users without an active account who may read sites",
            inactive.iter().map(counted).collect(),
        ),
        (
            "deletes-everything",
            Level::Warning,
            "Users who may delete every site",
            all(Kind::User, deleters),
        ),
        (
            "one-reader",
            Level::Warning,
            "Sites that one active user alone may read",
            alone.iter().map(paired).collect(),
        ),
        (
            "no-reader",
            Level::Note,
            "Sites that no active user may read",
            all(Kind::Site, unreachable),
        ),
        (
            "everybody",
            Level::Note,
            "Groups whose permissions every active user has",
            all(Kind::Group, everybody),
        ),
        (
            "no-members",
            Level::Note,
            "Groups without members",
            all(Kind::Group, empty),
        ),
    ];
    let rows = rows
        .into_iter()
        .filter(|(.., items): &(_, _, _, Vec<String>)| !items.is_empty());
    let rows = rows.map(|(word, level, text, items)| {
        let text = format!("{text}: {}", items.len());
        Found::new(word, level, text, items)
    });
    let mut found: Vec<Found> = of_service(material).into_iter().chain(rows).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.severity));
    found
}

fn difference(one: &Difference, names: &Names<'_>) -> String {
    let (kind, id) = one.who;
    format!(
        "{} {} and {}: the service says {}, the lists say {}",
        kind.name(),
        names.name(kind, id),
        names.name(Kind::Site, one.site),
        permissions(one.told),
        permissions(one.listed)
    )
}

/// Such as `read, update`.
pub(super) fn permissions(rights: Rights) -> String {
    match rights.is_empty() {
        true => "nothing".to_owned(),
        false => rights
            .iter()
            .map(zkvault::org::Right::name)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// How somebody reaches a site.
pub(super) fn path(path: Path, names: &Names<'_>) -> String {
    match path {
        Path::Direct => "direct".to_owned(),
        Path::Group { member, holder } if member == holder => format!("group {}", names.name(Kind::Group, member)),
        Path::Group { member, holder } => {
            let (member, holder) = (names.name(Kind::Group, member), names.name(Kind::Group, holder));
            format!("group {member}, by {holder} within it")
        }
    }
}

/// Such as `1 site` or `7 sites`.
pub(super) fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
