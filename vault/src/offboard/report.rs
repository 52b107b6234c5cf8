//! A leaving as a report.

use super::record::Leaving;
use super::status::{Followed, KeyState};
use crate::report::{Column, Fact, Level, Report, Step, Table};

/// What somebody who left could read, by which path, and what became of it. `now` is in seconds since 1970.
#[must_use]
pub fn report(leaving: &Leaving, followed: &Followed, now: u64) -> Report {
    let mut report = Report::new(&format!("Leaving: {}", leaving.name), &leaving.account, now);
    let (sites, keys) = followed.open();
    let level = |open: usize| if open == 0 { Level::Good } else { Level::Warning };
    report.facts([
        Fact::new("User", &leaving.user.to_string()),
        match leaving.left {
            Some(left) => Fact::new("Left", &zkvault_core::time::rfc3339(left)).level(Level::Good),
            None => Fact::new("Left", "not yet: something is still to be taken away").level(Level::Warning),
        },
        Fact::new("Passwords to change", &sites.to_string()).level(level(sites)),
        Fact::new("Keys to rotate", &keys.to_string()).level(level(keys)),
    ]);
    if !leaving.sites.is_empty() {
        let columns = [
            Column::text("Site"),
            Column::number("Id"),
            Column::text("Could read"),
            Column::text("Password"),
        ];
        let mut table = Table::new("Sites", columns);
        for (site, state) in leaving.sites.iter().zip(&followed.sites) {
            let paths: Vec<String> = site.paths.iter().map(ToString::to_string).collect();
            table.row([
                site.name.as_str().into(),
                site.id.into(),
                paths.join(", ").into(),
                state.name().into(),
            ]);
        }
        report.table(table);
    }
    if !leaving.keys.is_empty() {
        let mut table = Table::new("Keys", [Column::text("Key"), Column::text("Id"), Column::text("State")]);
        for (id, (label, state)) in leaving.keys.iter().zip(&followed.keys) {
            table.row([label.clone().into(), id.as_str().into(), state.name().into()]);
        }
        report.table(table);
    }
    report.steps(steps(leaving, followed));
    report
}

/// What is to be done next.
fn steps(leaving: &Leaving, followed: &Followed) -> Vec<Step> {
    let step = |text: &str, command: Option<String>| Step {
        text: text.to_owned(),
        command,
    };
    let mut steps = Vec::new();
    if leaving.left.is_none() {
        let command = format!("zkv offboard {}", leaving.user);
        steps.push(step("Take away what is left.", Some(command)));
    }
    for (label, state) in &followed.keys {
        if let (Some(label), KeyState::Open) = (label, state) {
            steps.push(step(
                "Replace a key that they have.",
                Some(format!("zkv key rotate {label}")),
            ));
        }
    }
    if followed.open().0 > 0 {
        steps.push(step("Change the passwords of the sites that are to change.", None));
        steps.push(step("Fetch what was changed.", Some("zkv sync".to_owned())));
    }
    let command = format!("zkv offboard status {}", leaving.user);
    steps.push(step("See what is still to be done.", Some(command)));
    steps
}
