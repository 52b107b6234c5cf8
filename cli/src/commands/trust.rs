//! `zkv trust`.

mod follow;
mod review;

use std::cmp::Reverse;

use serde::Serialize;
use zkvault_core::trust::{Finding, gravity};

use crate::args::Trust;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};
use crate::vault;
use review::Review;
use zkvault::store::{Standing, StoreLock};

pub(crate) fn run(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    if args.follow || args.no_follow {
        return follow::run(args, context);
    }
    match args.sites.is_empty() && args.key.is_none() {
        true if args.yes.is_some() => Err(CliError::usage("--yes needs the sites that it is about")),
        true => list(args, context),
        false => accept(args, context),
    }
}

/// A site that is not as it was, as other programs get it.
#[derive(Serialize)]
struct Row {
    #[serde(skip)]
    found: String,
    id: u64,
    name: Option<String>,
    verdict: &'static str,
    findings: Vec<Finding>,
}

fn list(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index();
    let mut rows = Vec::new();
    for entry in vault.contents.entries(&index) {
        let entry = entry?;
        if entry.standing.needs_a_look() {
            let findings = vault.contents.store.findings(&entry)?;
            rows.push(Row {
                id: entry.id,
                verdict: entry.standing.name(),
                found: vault.contents.found(&entry, &findings),
                findings,
                name: entry.name.map(std::borrow::Cow::into_owned),
            });
        }
    }
    // The worst first.
    rows.sort_by_key(|row| Reverse(gravity(&row.findings)));
    vault.note_age(context)?;
    if rows.is_empty() && context.output.is_terminal() {
        context.output.note("every site is as it was");
        return match context.output.is_json() {
            true => context.output.json(&rows).map(|()| Exit::Success),
            false => Ok(Exit::Success),
        };
    }
    context.output.rows(&table(&rows), &rows)?;
    Ok(Exit::Success)
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "VERDICT", "FOUND"])
        .cut(&["NAME"])
        .wrapped(&["FOUND"]);
    for row in rows {
        table.row([
            Cell::from(row.id.to_string()),
            Cell::text(row.name.as_deref()),
            Cell::State(row.verdict),
            Cell::from(&*row.found),
        ]);
    }
    table
}

/// A site that was accepted, as other programs get it.
#[derive(Serialize)]
struct Accepted {
    id: u64,
    verdict: &'static str,
}

/// Shows what changed, asks, and accepts all of the sites or none.
fn accept(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    // Held while the person reads: what is accepted is what was shown.
    let lock = StoreLock::take(&context.profile()?.store_path()?)?;
    let mut vault = vault::open_to_write(&args.keys.paths, context, &lock)?;
    let index = vault.contents.index();
    let reviews = match &args.key {
        Some(key) => review::of_key(key, &vault, &index)?,
        None => review::of_sites(&args.sites, &vault, &index, context)?,
    };
    let accepted: Vec<Accepted> = reviews.iter().map(Review::accepted).collect();
    if !reviews.is_empty() {
        consent(args, context, &reviews)?;
        let ids: Vec<u64> = accepted.iter().map(|accepted| accepted.id).collect();
        vault.contents.accept(&ids)?;
        vault.remember(&lock)?;
    }
    let mut table = Table::new(&["ID", "VERDICT"]);
    accepted
        .iter()
        .for_each(|accepted| table.row([Cell::from(accepted.id.to_string()), Cell::State(accepted.verdict)]));
    context.output.rows(&table, &accepted)?;
    Ok(Exit::Success)
}

/// Asks about each site, or compares the digest that was given with what is there now.
fn consent(args: &Trust, context: &Context<'_>, reviews: &[Review<'_>]) -> Result<()> {
    let digest = review::digest(reviews);
    let hint = format!("zkv trust … --yes={digest} accepts what is shown here, and nothing else");
    let askable = context.prompt.must_be_allowed("A confirmation", &hint);
    if args.yes.is_some() || askable.is_err() {
        let facts = reviews.iter().flat_map(Review::facts);
        facts.for_each(|fact| context.output.note(&fact));
        context.output.note(&format!("digest {digest}"));
    }
    match args.yes.as_deref() {
        Some("") if reviews.iter().any(|review| review.entry.standing == Standing::Tampered) => Err(CliError::new(
            Exit::InputNeeded,
            "input-needed",
            "a site that was tampered with is accepted by the digest of what is shown",
        )
        .hint(hint)),
        Some("") => Ok(()),
        Some(given) if given == digest => Ok(()),
        Some(given) => Err(CliError::new(
            Exit::Integrity,
            "not-as-shown",
            format!("what is there now is not what was shown with the digest {given:?}"),
        )
        .hint(hint)),
        None => askable.and_then(|()| reviews.iter().try_for_each(|review| review.ask(context, &hint))),
    }
}
