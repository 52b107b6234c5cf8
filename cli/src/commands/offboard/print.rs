//! A leaving as a table and as JSON.

use serde::Serialize;
use zkvault::offboard::{Followed, Leaving};
use zkvault::org::{Applied, Outcome};

use crate::clock::Stamp;
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
    changes: Option<Vec<Change>>,
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

#[derive(Serialize)]
struct Change {
    change: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
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
            let (result, code, message) = result(outcome);
            Change {
                change: line.clone(),
                result,
                code,
                message,
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
            let state = match &change.message {
                Some(message) => format!("{}: {message}", change.result),
                None => change.result.to_owned(),
            };
            table.row(["change", change.change.as_str(), "", state.as_str()]);
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

fn result(outcome: Option<&Outcome>) -> (&'static str, Option<&'static str>, Option<String>) {
    match outcome {
        None => ("to do", None, None),
        Some(Outcome::Done) => ("done", None, None),
        Some(Outcome::Already) => ("done", None, None),
        Some(Outcome::NotTried) => ("not tried", None, None),
        Some(Outcome::Failed(error)) => ("failed", Some(error.code()), Some(error.to_string())),
        Some(Outcome::Unchanged) => (
            "failed",
            Some("not-changed"),
            Some("the service confirmed the change and did not make it".to_owned()),
        ),
    }
}
