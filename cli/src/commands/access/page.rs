//! The report about everything as people read it.

use zkvault::report::{Column, Fact, Level, Report, Table};

use super::Material;
use super::findings::Found;
use super::whole::Whole;

/// The whole report.
pub(super) fn whole(of: &Whole<'_>) -> Report {
    let mut report = Report::new("Who can reach what", of.material.account, of.material.made);
    facts(&mut report, of);
    findings(&mut report, &of.found);
    report.bars("Sites by the number of users who may read them", spread(of));
    report.heading("Sites");
    report.table(sites(of));
    report.heading("Users");
    report.table(users(of));
    report.heading("Groups");
    report.table(groups(of));
    report
}

fn facts(report: &mut Report, of: &Whole<'_>) {
    let organisation = of.material.access.organisation();
    let number = |label, count: usize| Fact::new(label, &count.to_string());
    let warn = |label, count: usize, level| number(label, count).level(if count == 0 { Level::Good } else { level });
    report.facts([
        number("Users", organisation.users.len()),
        number("Groups", organisation.groups.len()),
        number("Sites", organisation.sites.len()),
        Fact::new(
            "Pairs of a user and a site that the user may read",
            &of.summary.pairs.to_string(),
        ),
        warn(
            "Users without an active account who may read sites",
            of.highlights.inactive.len(),
            Level::Critical,
        ),
        warn(
            "Sites that one active user alone may read",
            of.highlights.alone.len(),
            Level::Warning,
        ),
        number("Sites that no active user may read", of.highlights.unreachable.len()),
        compared(of.material),
    ]);
}

/// How much of it the service confirms.
pub(super) fn compared(material: &Material<'_>) -> Fact {
    let checked = material.checked;
    match checked.differences.len() {
        0 => Fact::new("Pairs that the service confirms", &checked.pairs.to_string()),
        count => Fact::new(
            &format!("Pairs of {} for which the service says something else", checked.pairs),
            &count.to_string(),
        )
        .level(Level::Critical),
    }
}

/// What was found, under a heading.
pub(super) fn findings(report: &mut Report, found: &[Found]) {
    report.heading("Findings");
    match found.is_empty() {
        true => report.paragraph("Nothing stands out."),
        false => report.findings(found.iter().map(Found::finding)),
    }
}

/// How many sites have how many readers.
fn spread(of: &Whole<'_>) -> Vec<(String, u64)> {
    const STEPS: [(&str, u64); 6] = [
        ("nobody", 0),
        ("1", 1),
        ("2 to 5", 5),
        ("6 to 20", 20),
        ("21 to 100", 100),
        ("more than 100", u64::MAX),
    ];
    let mut bars = STEPS.map(|(label, _)| (label.to_owned(), 0_u64));
    for site in of.summary.sites.values() {
        let step = STEPS.iter().position(|(_, most)| site.readers <= *most);
        if let Some((_, count)) = step.and_then(|step| bars.get_mut(step)) {
            *count += 1;
        }
    }
    bars.into()
}

fn sites(of: &Whole<'_>) -> Table {
    let columns = [
        Column::text("Site"),
        Column::text("Host"),
        Column::number("Read"),
        Column::number("Update"),
        Column::number("Delete"),
        Column::number("Inactive readers"),
        Column::text("Only reader"),
        Column::number("Assigned to users"),
        Column::text("Assigned to groups"),
    ];
    let mut table = Table::new("Sites and how many users may do what with them", columns);
    for row in of.site_rows() {
        table.row([
            row.site.into(),
            row.host.into(),
            row.readers.into(),
            row.updaters.into(),
            row.deleters.into(),
            row.inactive_readers.into(),
            row.only_reader.into(),
            row.users.into(),
            row.groups.join(", ").into(),
        ]);
    }
    table
}

fn users(of: &Whole<'_>) -> Table {
    let columns = [
        Column::text("User"),
        Column::flag("Active"),
        Column::number("Read"),
        Column::number("Update"),
        Column::number("Delete"),
        Column::number("Assigned directly"),
        Column::text("Member of"),
    ];
    let mut table = Table::new("Users and how many sites they may do what with", columns);
    for row in of.user_rows() {
        table.row([
            row.user.into(),
            row.active.into(),
            row.reads.into(),
            row.updates.into(),
            row.deletes.into(),
            row.direct.into(),
            row.groups.join(", ").into(),
        ]);
    }
    table
}

fn groups(of: &Whole<'_>) -> Table {
    let columns = [
        Column::text("Group"),
        Column::number("Members"),
        Column::number("Sites"),
        Column::text("Groups within it"),
    ];
    let mut table = Table::new("Groups with their members and sites", columns);
    for row in of.group_rows() {
        table.row([
            row.group.into(),
            row.members.into(),
            row.sites.into(),
            row.within.join(", ").into(),
        ]);
    }
    table
}
