//! A leaving as a table and as JSON.

use serde::Serialize;
use zkvault::offboard::{Followed, Leaving};
use zkvault::org::Applied;

use crate::clock::Stamp;
use crate::commands::org::ChangeRow;
use crate::context::Context;
use crate::error::Result;
use crate::output::Table;

/// A leaving as programs get it.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    user: u64,
    name: &'a str,
    account: &'a str,
    begun: Stamp,
    left: Option<Stamp>,
    sites: Vec<Site<'a>>,
    keys: Vec<Key<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeRow>>,
}

#[derive(Serialize)]
struct Site<'a> {
    id: u64,
    name: &'a str,
    paths: Vec<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Key<'a> {
    id: &'a str,
    label: Option<&'a str>,
    state: &'static str,
}

impl<'a> Shown<'a> {
    pub(super) fn new(leaving: &'a Leaving, followed: &'a Followed) -> Self {
        let sites = leaving.sites.iter().zip(&followed.sites);
        let keys = leaving.keys.iter().zip(&followed.keys);
        Self {
            user: leaving.user,
            name: &leaving.name,
            account: &leaving.account,
            begun: Stamp(leaving.begun),
            left: leaving.left.map(Stamp),
            sites: sites
                .map(|(site, state)| Site {
                    id: site.id,
                    name: &site.name,
                    paths: site.paths.iter().map(ToString::to_string).collect(),
                    state: state.name(),
                })
                .collect(),
            keys: keys
                .map(|(id, (label, state))| Key {
                    id,
                    label: label.as_deref(),
                    state: state.name(),
                })
                .collect(),
            changes: None,
        }
    }

    /// With what was taken away, or would be.
    pub(super) fn with_changes(self, lines: &[String], applied: Option<&Applied>) -> Self {
        let change = |(place, line): (usize, &String)| {
            let outcome = applied.and_then(|applied| applied.outcomes.get(place));
            match outcome {
                Some(outcome) => ChangeRow::of(line.clone(), outcome, "done"),
                None => ChangeRow::planned(line.clone()),
            }
        };
        let changes = lines.iter().enumerate().map(change).collect();
        Self {
            changes: Some(changes),
            ..self
        }
    }

    pub(super) fn print(&self, context: &Context<'_>) -> Result<()> {
        let mut table = Table::new(&["WHAT", "NAME", "HOW", "STATE"]).wrapped(&["NAME", "HOW", "STATE"]);
        for change in self.changes.iter().flatten() {
            table.row(["change", change.change.as_str(), "", change.state().as_str()]);
        }
        for site in &self.sites {
            table.row(["site", site.name, site.paths.join(", ").as_str(), site.state]);
        }
        for key in &self.keys {
            table.row(["key", key.label.unwrap_or(key.id), "handed over", key.state]);
        }
        context.output.found(&table, self)
    }
}
