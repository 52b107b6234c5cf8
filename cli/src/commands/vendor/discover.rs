//! `zkv vendor discover`.

use serde::Serialize;
use zkvault::fs;
use zkvault::keyring_file::OpenKeyring;
use zkvault::vendor::{self, Discovery, KeyHit};
use zkvault_core::Coded as _;

use super::show;
use super::source::{self, Source};
use crate::args::VendorDiscover;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::layouts;
use crate::output::{Progress, Table};

/// What a search found, for programs.
#[derive(Serialize)]
struct Row<'a> {
    layout: &'a str,
    /// Where the key is from.
    kdf: &'a str,
    trust: &'static str,
    /// Values that it opened.
    values: usize,
    tried: u64,
}

impl<'a> Row<'a> {
    fn new(found: &'a KeyHit, tried: u64) -> Self {
        Self {
            layout: found.hit.layout.name(),
            kdf: &found.label,
            trust: show::trust(&found.hit.layout),
            values: found.hit.opened,
            tried,
        }
    }
}

pub(crate) fn run(args: &VendorDiscover, context: &Context<'_>) -> Result<Exit> {
    let Source {
        samples,
        keys,
        mut keyring,
    } = Source::open(args, context)?;
    if samples.is_empty() {
        return Err(
            CliError::new(Exit::NotFound, "no-values", "there are no values in a vendor layout")
                .hint("zkv inspect shows which versions the values of a document have"),
        );
    }
    let extra = args.layouts.as_deref().map(layouts::read).transpose()?;
    let progress = Progress::counting_tries(context.output.is_json());
    let found = vendor::discover(&samples, &keys, &extra.unwrap_or_default(), &|more| {
        progress.add(more);
        true
    });
    drop(progress);
    let mut hits = found.general();
    if hits.is_empty() {
        let hit = found.hits.first().filter(|_| context.prompt.is_allowed());
        let hit = hit.ok_or_else(|| nothing_fits(&found, samples.len(), keys.len()))?;
        ask(hit, context)?;
        hits = vec![hit];
    }
    if let Some(path) = args.destination.path() {
        let layouts = hits.iter().map(|found| found.hit.layout.clone()).collect();
        let file = show::document(layouts)?.to_json() + "\n";
        fs::write(path, file.as_bytes(), fs::Existing::replace_if(args.destination.force))?;
    }
    print(context, &hits, found.tried)?;
    match &mut keyring {
        Some(keyring) => keep(keyring, &hits, context),
        None => Ok(Exit::Success),
    }
}

/// Keeps what was found for the account, and says so.
fn keep(keyring: &mut OpenKeyring, hits: &[&KeyHit], context: &Context<'_>) -> Result<Exit> {
    let account = keyring.keyring().account();
    keyring.update(|keyring| {
        hits.iter()
            .try_for_each(|found| vendor::keep(keyring, found).map(drop))
            .map_err(|error| {
                CliError::new(Exit::Other, error.code(), "the layout was not kept")
                    .cause(error)
                    .hint("zkv vendor show --stored lists the account's layouts; zkv vendor forget removes one")
            })
    })?;
    let whose = account.map_or_else(|| "documents of no account".to_owned(), |account| account.to_string());
    context.output.note(&format!("kept in the keyring for {whose}"));
    Ok(Exit::Success)
}

/// Fewer values may be of somebody's making who has the key: a person decides.
fn ask(found: &KeyHit, context: &Context<'_>) -> Result<()> {
    let facts = vec![few(found), format!("key: {}", found.label)];
    let hint = "the layout is not kept without a confirmation";
    context.prompt.confirm(&facts, "Use this layout?", hint)
}

fn few(found: &KeyHit) -> String {
    let hit = &found.hit;
    format!(
        "{} opens {} of {} values with the same header, fewer than nine of ten",
        hit.layout.name(),
        hit.opened,
        hit.of
    )
}

fn nothing_fits(found: &Discovery, values: usize, keys: usize) -> CliError {
    let message = format!("no layout fits: {values} values, {keys} keys, {} tries", found.tried);
    let error = CliError::new(Exit::NotFound, "no-layout", message);
    match found.hits.first() {
        Some(hit) => error.cause(few(hit)),
        None => error,
    }
    .hint("try further keys with --key-file; --report describes the values without secrets")
}

/// One layout as an object; an account that has several, as after a migration, as an array of them.
fn print(context: &Context<'_>, hits: &[&KeyHit], tried: u64) -> Result<()> {
    let mut table = Table::new(&["LAYOUT", "TRUST", "OPENED", "KEY"]);
    for found in hits {
        let (hit, trust) = (&found.hit, show::trust(&found.hit.layout));
        let opened = format!("{} of {}", hit.opened, hit.of);
        table.row([
            hit.layout.name().to_owned(),
            trust.to_owned(),
            opened,
            found.label.clone(),
        ]);
    }
    match hits {
        [found] if context.output.is_json() => context.output.json(&Row::new(found, tried)),
        hits => {
            let rows: Vec<_> = hits.iter().map(|found| Row::new(found, tried)).collect();
            context.output.rows(&table, &rows)
        }
    }
}

/// Describes the values: no value, no key, no name, and of the headers only which are equal.
pub(crate) fn report(args: &VendorDiscover, context: &Context<'_>) -> Result<Exit> {
    let (samples, _) = source::samples(args, context)?;
    let report = samples.report();
    let mut table = Table::new(&["FACT", "COUNT"]);
    table.row(["values".to_owned(), report.values.to_string()]);
    table.row([
        "left out: too long, or of another version".to_owned(),
        report.skipped.to_string(),
    ]);
    for (bytes, count) in &report.lengths {
        table.row([format!("values of {bytes} bytes"), count.to_string()]);
    }
    for (number, count) in (1..).zip(&report.headers) {
        table.row([format!("values with header {number}"), count.to_string()]);
    }
    context.output.rows(&table, &report)?;
    Ok(Exit::Success)
}
