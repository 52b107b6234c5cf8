//! What an audit found, in rows and words.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zkvault::audit::{Audited, AuditedSite, Password, Strength};
use zkvault::report::Report;
use zkvault_core::text::folded;
use zkvault_core::trust::readable_origin;

use super::page;
use crate::clock::Stamp;
use crate::commands::report::Reported;
use crate::output::{Cell, Table};

/// An audit, and by what it is judged.
pub(super) struct Health<'a> {
    pub(super) account: &'a str,
    pub(super) made: u64,
    pub(super) audited: &'a Audited,
    /// What was changed before is old.
    pub(super) old_before: u64,
    pub(super) old_after: u64,
    /// Whether breaches were looked up.
    pub(super) is_looked_up: bool,
    /// How many people reach each site, if that is known.
    pub(super) people: Option<&'a BTreeMap<u64, u64>>,
    pub(super) many: u64,
}

/// A password with its site.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    site_id: u64,
    pub(super) site: &'a str,
    pub(super) host: Option<&'a str>,
    pub(super) field: &'a str,
    pub(super) strength: &'static str,
    pub(super) weak: bool,
    pub(super) reuse: Option<usize>,
    pub(super) breached: Option<u64>,
    pub(super) old: bool,
    pub(super) updated: Option<Stamp>,
    pub(super) plaintext: bool,
    pub(super) duplicate: Option<usize>,
    pub(super) people: Option<u64>,
    pub(super) many: bool,
}

impl Row<'_> {
    /// What is wrong with it, the worst first.
    pub(super) fn faults(&self) -> Vec<String> {
        let breached = self.breached.filter(|count| *count > 0);
        let faults = [
            breached.map(|count| format!("breached {count} times")),
            self.plaintext.then(|| "sent in plaintext".to_owned()),
            self.reuse.map(|group| format!("reused ({group})")),
            self.weak.then(|| self.strength.to_owned()),
            self.many
                .then(|| format!("shared by {}", self.people.unwrap_or_default())),
            self.old.then(|| "old".to_owned()),
            self.duplicate.map(|group| format!("duplicate ({group})")),
        ];
        faults.into_iter().flatten().collect()
    }
}

/// How many of everything there are.
#[derive(Serialize)]
pub(super) struct Counts {
    pub(super) sites: usize,
    pub(super) passwords: usize,
    pub(super) reused: usize,
    pub(super) weak: usize,
    pub(super) old: usize,
    pub(super) plaintext: usize,
    pub(super) duplicate: usize,
    /// Nothing if breaches were not looked up.
    pub(super) breached: Option<usize>,
    /// Nothing without a file of the organisation.
    pub(super) many: Option<usize>,
    pub(super) unopened: usize,
}

#[derive(Serialize)]
struct Unopened<'a> {
    site_id: u64,
    field: Option<&'a str>,
    reason: &'static str,
}

#[derive(Serialize)]
struct Json<'a> {
    account: &'a str,
    made: Stamp,
    counts: Counts,
    passwords: Vec<Row<'a>>,
    unopened: Vec<Unopened<'a>>,
}

impl<'a> Health<'a> {
    fn row(&self, password: &'a Password, site: &'a AuditedSite) -> Row<'a> {
        let people = self.people.and_then(|people| people.get(&site.id).copied());
        Row {
            site_id: site.id,
            site: &site.name,
            host: site.origin.as_deref().map(readable_origin),
            field: &password.field,
            strength: password.strength.name(),
            weak: password.strength.is_weak(),
            reuse: password.reuse,
            breached: password.breached,
            old: site.updated.is_some_and(|updated| updated < self.old_before),
            updated: site.updated.map(Stamp),
            plaintext: site.is_plaintext(),
            duplicate: site.duplicate,
            people,
            many: people.is_some_and(|people| people >= self.many),
        }
    }

    /// The passwords, those with the most faults first, then by the names of their sites.
    pub(super) fn rows_of(&self) -> Vec<Row<'a>> {
        let sites: BTreeMap<u64, &AuditedSite> = self.audited.sites.iter().map(|site| (site.id, site)).collect();
        let row = |password: &'a Password| Some(self.row(password, sites.get(&password.site)?));
        let mut rows: Vec<Row<'a>> = self.audited.passwords.iter().filter_map(row).collect();
        rows.sort_by_cached_key(|row| {
            (
                std::cmp::Reverse(row.faults().len()),
                folded(row.site).into_owned(),
                row.site_id,
            )
        });
        rows
    }

    pub(super) fn counts(&self, rows: &[Row<'_>]) -> Counts {
        let count = |is: &dyn Fn(&Row<'_>) -> bool| rows.iter().filter(|row| is(row)).count();
        let breached = count(&|row| row.breached.is_some_and(|count| count > 0));
        // A site with two passwords is one site.
        let sites = |is: &dyn Fn(&Row<'_>) -> bool| {
            let ids: BTreeSet<u64> = rows.iter().filter(|row| is(row)).map(|row| row.site_id).collect();
            ids.len()
        };
        Counts {
            sites: self.audited.sites.len(),
            passwords: rows.len(),
            reused: count(&|row| row.reuse.is_some()),
            weak: count(&|row| row.weak),
            old: sites(&|row| row.old),
            plaintext: sites(&|row| row.plaintext),
            duplicate: self
                .audited
                .sites
                .iter()
                .filter(|site| site.duplicate.is_some())
                .count(),
            breached: self.is_looked_up.then_some(breached),
            many: self.people.map(|_| sites(&|row| row.many)),
            unopened: self.audited.unopened.len(),
        }
    }

    /// How many passwords are how strong, the weakest first.
    pub(super) fn strengths(&self) -> Vec<(String, u64)> {
        let count = |strength| {
            self.audited
                .passwords
                .iter()
                .filter(|one| one.strength == strength)
                .count() as u64
        };
        Strength::ALL
            .map(|strength| (strength.name().to_owned(), count(strength)))
            .into()
    }
}

impl Reported for Health<'_> {
    fn report(&self) -> Report {
        page::report(self)
    }

    fn json(&self) -> impl Serialize {
        let passwords = self.rows_of();
        let unopened = self.audited.unopened.iter().map(|one| Unopened {
            site_id: one.site,
            field: one.field.as_deref(),
            reason: one.reason,
        });
        Json {
            account: self.account,
            made: Stamp(self.made),
            counts: self.counts(&passwords),
            unopened: unopened.collect(),
            passwords,
        }
    }

    fn rows(&self) -> Table {
        let names = ["SITE", "FIELD", "STRENGTH", "FINDINGS", "UPDATED"];
        let mut table = Table::new(&names).cut(&["SITE", "FIELD"]).wrapped(&["FINDINGS"]);
        for row in self.rows_of() {
            let faults = row.faults().join(", ");
            table.cells([
                Cell::from(row.site),
                Cell::from(row.field),
                Cell::from(row.strength),
                Cell::from(faults),
                Cell::time(row.updated),
            ]);
        }
        table
    }

    fn foreword(&self) -> Option<Table> {
        let mut table = Table::pairs();
        for (label, count) in page::counted(&self.counts(&self.rows_of()), self) {
            table.row([label, count.to_string()]);
        }
        Some(table)
    }
}
