//! `zkv vendor discover`.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use zkvault::documents::SiteWork;
use zkvault::fs;
use zkvault_core::SecretBuffer;
use zkvault_core::document::inspect_site;
use zkvault_core::vendor::Layout;
use zkvault_core::vendor::discover::{Hit, Samples};

use super::keys::{self, TriedKey};
use super::show;
use crate::args::VendorDiscover;
use crate::commands::decrypt::MAX_BARE_LEN;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::{Content, Input};
use crate::output::{Progress, Table};
use crate::{layouts, passphrase};

/// What a search found, for programs.
#[derive(Serialize)]
struct Discovery<'a> {
    layout: &'a str,
    /// Where the key is from.
    kdf: &'a str,
    trust: &'static str,
    /// Values that it opened.
    values: usize,
    /// Values with the same header.
    of: usize,
    tried: u64,
}

pub(crate) fn run(args: &VendorDiscover, context: &Context<'_>) -> Result<Exit> {
    let samples = samples(args)?;
    if samples.is_empty() {
        return Err(CliError::new(
            Exit::NotFound,
            "no-values",
            "the document has no values in a vendor layout",
        )
        .hint("zkv inspect shows which versions its values have"));
    }
    let keys = keys::all(args, context)?;
    let extra = args
        .layouts
        .as_deref()
        .map(layouts::read)
        .transpose()?
        .unwrap_or_default();
    let (hits, tried) = search(&samples, &keys, &extra, context);
    let general: Vec<_> = hits.iter().filter(|(_, hit)| hit.is_general()).collect();
    if general.is_empty() {
        return Err(nothing_fits(&hits, samples.len(), keys.len(), tried));
    }
    if let Some(path) = args.destination.path() {
        let found = general.iter().map(|(_, hit)| hit.layout.clone()).collect();
        let file = show::document(distinct(found))?.to_json() + "\n";
        fs::write(path, file.as_bytes(), args.destination.force)?;
    }
    print(context, &general, tried)
}

/// Tries everything, the best hit first.
fn search<'a>(
    samples: &Samples,
    keys: &'a [TriedKey],
    extra: &[Layout],
    context: &Context<'_>,
) -> (Vec<(&'a str, Hit)>, u64) {
    let progress = Progress::counting_tries(context.output.is_json());
    let (mut hits, mut tried) = (Vec::new(), 0);
    for key in keys {
        let mut go_on = |more| {
            progress.add(more);
            true
        };
        let found = [
            samples.search(&key.key, &mut go_on),
            samples.search_among(extra, &key.key, &mut go_on),
        ];
        for found in found {
            tried += found.tried;
            hits.extend(found.hits.into_iter().map(|hit| (key.origin.as_str(), hit)));
        }
    }
    hits.sort_by_key(|(_, hit)| (std::cmp::Reverse(hit.layout.trust()), std::cmp::Reverse(hit.opened)));
    (hits, tried)
}

fn distinct(found: Vec<Layout>) -> Vec<Layout> {
    let mut distinct: Vec<Layout> = Vec::new();
    for layout in found {
        if distinct.iter().all(|known| known.name() != layout.name()) {
            distinct.push(layout);
        }
    }
    distinct
}

fn nothing_fits(hits: &[(&str, Hit)], values: usize, keys: usize, tried: u64) -> CliError {
    let message = format!("no layout fits: {values} values, {keys} keys, {tried} tries");
    let error = CliError::new(Exit::NotFound, "no-layout", message);
    match hits.first() {
        Some((_, hit)) => error.cause(format!(
            "{} opens {} of {} values with the same header, fewer than nine of ten",
            hit.layout.name(),
            hit.opened,
            hit.of
        )),
        None => error,
    }
    .hint("try further keys with --key-file; --report describes the values without secrets")
}

fn print(context: &Context<'_>, hits: &[&(&str, Hit)], tried: u64) -> Result<Exit> {
    let found: Vec<_> = hits
        .iter()
        .map(|(origin, hit)| Discovery {
            layout: hit.layout.name(),
            kdf: origin,
            trust: show::trust(&hit.layout),
            values: hit.opened,
            of: hit.of,
            tried,
        })
        .collect();
    let mut table = Table::new(&["LAYOUT", "TRUST", "OPENED", "KEY"]);
    for found in &found {
        let opened = format!("{} of {}", found.values, found.of);
        table.row([
            found.layout.to_owned(),
            found.trust.to_owned(),
            opened,
            found.kdf.to_owned(),
        ]);
    }
    context.output.rows(&table, &found)?;
    Ok(Exit::Success)
}

/// Describes the values: no value, no key, no name, and of the headers only which are equal.
pub(crate) fn report(args: &VendorDiscover, context: &Context<'_>) -> Result<Exit> {
    let report = samples(args)?.report();
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

/// The values of the document, as many as a search takes.
fn samples(args: &VendorDiscover) -> Result<Samples> {
    let samples = Arc::new(Mutex::new(Samples::new()));
    match Input::open(args.file.as_deref())?.sniffed()? {
        Content::Bare(input) => {
            let value = input.read_base64(MAX_BARE_LEN)?;
            locked(&samples).add(value.expose_secret());
        }
        Content::Document(input) => input.each_site(Collect(Arc::clone(&samples)), |_, ()| Ok(()))?,
    }
    let mut samples = std::mem::take(&mut *locked(&samples));
    if let (Some(value), Some(file)) = (&args.known_value, &args.known_file) {
        samples.set_known(value, passphrase::read_secret(file)?);
    }
    Ok(samples)
}

fn locked(samples: &Mutex<Samples>) -> std::sync::MutexGuard<'_, Samples> {
    samples.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Collect(Arc<Mutex<Samples>>);

impl SiteWork for Collect {
    type Report = ();
    type Error = CliError;

    fn site(&self, site: &[u8], _output: &mut SecretBuffer, (): &mut ()) -> Result<()> {
        let inspected = inspect_site(site, |_, envelope| {
            if let Ok(envelope) = envelope {
                locked(&self.0).add_envelope(&envelope);
            }
        });
        inspected.map_err(CliError::malformed_site)
    }
}
