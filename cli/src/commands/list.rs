//! `zkv list` and `zkv search`.

use std::io::Write as _;

use serde::Serialize;
use zkvault_core::text;

use crate::args::{List, ListFormat, Listing, Search};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Output, Table};
use crate::{clock, output, vault};
use zkvault::store::Entry;

pub(crate) fn run(args: &List, context: &Context<'_>) -> Result<Exit> {
    list(&args.listing, context, |_| true)?;
    Ok(Exit::Success)
}

pub(crate) fn search(args: &Search, context: &Context<'_>) -> Result<Exit> {
    let words: Vec<String> = args.words.iter().map(|word| text::folded(word).into_owned()).collect();
    match list(&args.listing, context, |entry| matches(entry, &words))? {
        0 => Err(
            CliError::new(Exit::NotFound, "no-such-site", "no site has all of these words")
                .hint("fewer words find more; zkv list shows all sites"),
        ),
        _ => Ok(Exit::Success),
    }
}

/// A site as other programs get it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    name: Option<&'a str>,
    origin: Option<&'a str>,
    url: Option<&'a str>,
    updated: Option<u64>,
    verdict: &'static str,
}

impl<'a> Row<'a> {
    fn of(entry: &'a Entry<'a>) -> Self {
        Self {
            id: entry.id,
            name: entry.name.as_deref(),
            origin: entry.origin.as_deref(),
            url: entry.url.as_deref(),
            updated: entry.updated,
            verdict: entry.standing.name(),
        }
    }
}

/// Prints the entries that are wanted, and returns how many those are.
fn list(args: &Listing, context: &Context<'_>, wanted: impl Fn(&Entry<'_>) -> bool) -> Result<usize> {
    if args.format.is_some() && context.output.is_json() {
        return Err(CliError::usage("--format and --json are two forms of one list").hint("leave out one of them"));
    }
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index()?;
    let mut entries = Vec::new();
    for entry in vault.contents.entries(&index) {
        entries.extend(Some(entry?).filter(&wanted));
    }
    vault.note_age(context)?;
    match args.format {
        Some(ListFormat::Ndjson) => ndjson(&entries, context.output)?,
        Some(ListFormat::Csv) => csv(&entries, context.output)?,
        None if context.output.is_json() => context.output.json(&entries.iter().map(Row::of).collect::<Vec<_>>())?,
        None => table(&entries, context.output)?,
    }
    Ok(entries.len())
}

fn table(entries: &[Entry<'_>], output: Output) -> Result<()> {
    let mut table = Table::new(&["ID", "NAME", "ORIGIN", "UPDATED", "VERDICT"]).breakable(&["NAME", "ORIGIN"]);
    for entry in entries {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        table.row([
            entry.id.to_string(),
            text(entry.name.as_deref()),
            text(entry.origin.as_deref()),
            entry.updated.map(clock::shown).unwrap_or_default(),
            entry.standing.name().to_owned(),
        ]);
    }
    output.table(&table)
}

fn ndjson(entries: &[Entry<'_>], output: Output) -> Result<()> {
    let mut lines = Vec::new();
    for entry in entries {
        lines.extend(output::json_line(&Row::of(entry))?);
        lines.push(b'\n');
    }
    output.bytes(&lines)
}

fn csv(entries: &[Entry<'_>], output: Output) -> Result<()> {
    let mut lines = b"id,name,origin,url,updated,verdict\r\n".to_vec();
    for entry in entries {
        let Row {
            id,
            name,
            origin,
            url,
            updated,
            verdict,
        } = Row::of(entry);
        let [name, origin, url] = [name, origin, url].map(|text| output::csv_cell(text.unwrap_or_default()));
        let updated = updated.map(|updated| updated.to_string()).unwrap_or_default();
        write!(lines, "{id},{name},{origin},{url},{updated},{verdict}\r\n")
            .map_err(|error| CliError::io("cannot write the list", &error))?;
    }
    output.bytes(&lines)
}

/// Whether every word is in the name, the address or the id.
fn matches(entry: &Entry<'_>, words: &[String]) -> bool {
    let folded = |text: Option<&str>| text.map(|text| text::folded(text).into_owned()).unwrap_or_default();
    let (name, url, id) = (
        folded(entry.name.as_deref()),
        folded(entry.url.as_deref()),
        entry.id.to_string(),
    );
    let has = |word: &String| [&name, &url, &id].iter().any(|text| text.contains(word.as_str()));
    words.iter().all(has)
}
