//! `zkv offboard status`: what is still to change after somebody left. It asks no service.

use serde::Serialize;
use zkvault::directory::{Kind, Listed, find};
use zkvault::offboard::{Leaving, Leavings, follow};
use zkvault_core::resolve::Matching;

use super::print::Shown;
use super::{ReportSink, open_store};
use crate::args::{OffboardStatus, Which};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::output::{Cell, Table, escaped, shown_path};

pub(super) fn run(args: &OffboardStatus, context: &Context<'_>) -> Result<Exit> {
    let report = ReportSink::open(&args.report)?;
    let mut store = open_store(context)?;
    let keyring = match store.as_mut().and_then(|store| store.keyring.take()) {
        Some(keyring) => keyring.into_keyring(),
        None => keyring_file::unlock(context)?,
    };
    if let Some(store) = &store {
        store.note_age(context)?;
    }
    let read = Leavings::of(&context.profile()?.files()?, keyring.personal_keys()).all()?;
    for path in &read.unreadable {
        let warning = format!(
            "{} does not open: it is damaged, or of a different keyring",
            shown_path(path)
        );
        context.output.warning(&warning);
    }
    let contents = |leaving: &Leaving| {
        let contents = store.as_ref().map(|store| &store.contents);
        contents.filter(|contents| contents.store.head().host == leaving.account)
    };
    if let Some(user) = &args.user {
        let leaving = named(user, &read.leavings)?;
        let followed = follow(leaving, contents(leaving), &keyring)?;
        Shown::new(leaving, &followed).print(context)?;
        if let Some(report) = report {
            report.write(leaving, &followed, context)?;
        }
        return Ok(Exit::Success);
    }
    if report.is_some() {
        return Err(CliError::usage("a report is about one who left").hint("name the user"));
    }
    let mut rows = Vec::new();
    for leaving in &read.leavings {
        let (sites, keys) = follow(leaving, contents(leaving), &keyring)?.open();
        rows.push(Row {
            user: leaving.user,
            name: &leaving.name,
            account: &leaving.account,
            begun: Stamp(leaving.begun),
            left: leaving.left.map(Stamp),
            sites: leaving.sites.len(),
            sites_open: sites,
            keys: leaving.keys.len(),
            keys_open: keys,
        });
    }
    print(&rows, context)?;
    Ok(Exit::Success)
}

/// The one who is meant, by the id or a name.
fn named<'a>(user: &Which, leavings: &'a [Leaving]) -> Result<&'a Leaving> {
    let id = match user {
        Which::Id(id) => *id,
        Which::Name(name) => {
            let listed: Vec<Listed> = leavings
                .iter()
                .map(|leaving| Listed::named(leaving.user, &leaving.name))
                .collect();
            find(Kind::User, name, &listed, Matching::Parts)?.id
        }
    };
    leavings.iter().rev().find(|leaving| leaving.user == id).ok_or_else(|| {
        CliError::new(
            Exit::NotFound,
            "no-such-user",
            format!("nothing is known of a leaving of user {id}"),
        )
        .hint("zkv offboard status lists everybody who left")
    })
}

/// One who left, as programs get it.
#[derive(Serialize)]
struct Row<'a> {
    user: u64,
    name: &'a str,
    account: &'a str,
    begun: Stamp,
    left: Option<Stamp>,
    sites: usize,
    sites_open: usize,
    keys: usize,
    keys_open: usize,
}

fn print(rows: &[Row<'_>], context: &Context<'_>) -> Result<()> {
    let mut table = Table::new(&["USER", "NAME", "LEFT", "PASSWORDS", "KEYS"]).cut(&["NAME"]);
    for row in rows {
        let todo = |open: usize, all: usize| match open {
            0 => "done".to_owned(),
            open => format!("{open} of {all} to change"),
        };
        table.row([
            Cell::from(row.user.to_string()),
            row.name.into(),
            row.left.map_or_else(|| Cell::from("not yet"), Cell::from),
            todo(row.sites_open, row.sites).into(),
            todo(row.keys_open, row.keys).into(),
        ]);
    }
    if rows.is_empty() {
        context.output.note(&escaped("nobody who left is known here"));
    }
    context.output.found(&table, &rows)
}
