//! An audit as people read it.

use std::collections::BTreeMap;

use zkvault::report::{Column, Fact, Finding, Level, Report, Table};

use super::health::{Counts, Health, Row};

/// Every count with its label, as far as it is known.
pub(super) fn counted(counts: &Counts, health: &Health<'_>) -> Vec<(String, usize)> {
    let days = health.old_after;
    let rows = [
        (Some(counts.passwords), "Passwords".to_owned()),
        (counts.breached, "Passwords known from breaches".to_owned()),
        (Some(counts.reused), "Passwords used at several sites".to_owned()),
        (Some(counts.weak), "Weak passwords".to_owned()),
        (Some(counts.old), format!("Sites not changed for {days} days")),
        (Some(counts.plaintext), "Sites with a login page without TLS".to_owned()),
        (Some(counts.duplicate), "Sites that are there more than once".to_owned()),
        (counts.many, format!("Sites that {} people or more reach", health.many)),
        (
            Some(counts.unopened).filter(|count| *count > 0),
            "Sites or passwords that did not open".to_owned(),
        ),
    ];
    rows.into_iter()
        .filter_map(|(count, label)| Some((label, count?)))
        .collect()
}

pub(super) fn report(health: &Health<'_>) -> Report {
    let rows = health.rows_of();
    let counts = health.counts(&rows);
    let mut report = Report::new("Password health", health.account, health.made);
    let facts = counted(&counts, health)
        .into_iter()
        .enumerate()
        .map(|(place, (label, count))| {
            let fact = Fact::new(&label, &count.to_string());
            match (place, count) {
                (0, _) => fact,
                (_, 0) => fact.level(Level::Good),
                _ => fact.level(Level::Warning),
            }
        });
    report.facts(facts);
    report.heading("Findings");
    let found = findings(&rows);
    match found.is_empty() {
        true => report.paragraph("Nothing stands out."),
        false => report.findings(found),
    }
    if !health.is_looked_up {
        report.paragraph("Breaches were not looked up: zkv audit --hibp or --hibp-online does that.");
    }
    report.bars("Passwords by strength", health.strengths());
    report.heading("Passwords");
    report.table(passwords(&rows, health));
    if counts.reused > 0 {
        report.heading("Reused passwords");
        report.paragraph("Sites with one number have the same password. The number only counts.");
        report.table(reused(&rows));
    }
    if !health.audited.unopened.is_empty() {
        report.heading("Not judged");
        report.table(unopened(health));
    }
    report
}

fn findings(rows: &[Row<'_>]) -> Vec<Finding> {
    let of = |level, text: &str, is: &dyn Fn(&Row<'_>) -> bool| {
        let items: Vec<String> = rows
            .iter()
            .filter(|row| is(row))
            .map(|row| row.site.to_owned())
            .collect();
        let text = format!("{text}: {}", items.len());
        Some(Finding { level, text, items }).filter(|finding| !finding.items.is_empty())
    };
    let found = [
        of(Level::Critical, "Passwords that breaches have", &|row| {
            row.breached.is_some_and(|count| count > 0)
        }),
        of(Level::Critical, "Passwords that are sent in plaintext", &|row| {
            row.plaintext
        }),
        of(Level::Warning, "Passwords used at several sites", &|row| {
            row.reuse.is_some()
        }),
        of(Level::Warning, "Passwords that are easy to guess", &|row| row.weak),
        of(Level::Warning, "Passwords that many people reach", &|row| row.many),
        of(Level::Note, "Passwords that are old", &|row| row.old),
        of(Level::Note, "Sites with the same login page and user name", &|row| {
            row.duplicate.is_some()
        }),
    ];
    found.into_iter().flatten().collect()
}

fn passwords(rows: &[Row<'_>], health: &Health<'_>) -> Table {
    let mut columns = vec![
        Column::text("Site"),
        Column::text("Host"),
        Column::text("Field"),
        Column::text("Strength"),
        Column::number("Reuse"),
        Column::time("Site changed"),
        Column::text("Findings"),
    ];
    if health.is_looked_up {
        columns.push(Column::number("Breaches"));
    }
    if health.people.is_some() {
        columns.push(Column::number("People"));
    }
    let mut table = Table::new("Passwords, those with the most findings first", columns);
    for row in rows {
        let mut cells = vec![
            row.site.into(),
            row.host.into(),
            row.field.into(),
            row.strength.into(),
            row.reuse.into(),
            row.updated.map_or(zkvault::report::Cell::Empty, |stamp| {
                zkvault::report::Cell::Time(stamp.0)
            }),
            row.faults().join(", ").into(),
        ];
        if health.is_looked_up {
            cells.push(row.breached.into());
        }
        if health.people.is_some() {
            cells.push(row.people.into());
        }
        table.row(cells);
    }
    table
}

fn reused(rows: &[Row<'_>]) -> Table {
    let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(group) = row.reuse {
            groups.entry(group).or_default().push(row.site);
        }
    }
    let columns = [Column::number("Number"), Column::number("Sites"), Column::text("Names")];
    let mut table = Table::new("Sites that share a password", columns);
    for (group, mut sites) in groups {
        sites.sort_unstable();
        table.row([group.into(), sites.len().into(), sites.join(", ").into()]);
    }
    table
}

fn unopened(health: &Health<'_>) -> Table {
    let columns = [Column::text("Site"), Column::text("Field"), Column::text("Reason")];
    let mut table = Table::new("What did not open", columns);
    let sites = health.audited.sites.iter().map(|site| (site.id, site.name.as_str()));
    let names: BTreeMap<u64, &str> = sites.collect();
    for one in &health.audited.unopened {
        table.row([
            names.get(&one.site).copied().into(),
            one.field.as_deref().into(),
            one.reason.into(),
        ]);
    }
    table
}
