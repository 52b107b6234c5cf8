//! `zkv list` and `zkv search`.

use serde::{Serialize, Serializer};
use zkvault_core::trust::readable_origin;
use zkvault_core::{SecretText, text};

use crate::args::{List, Listing, Search};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};
use crate::vault;
use zkvault::store::Entry;

pub(crate) fn run(args: &List, context: &Context<'_>) -> Result<Exit> {
    if list(&args.listing, context, |_| true)? == 0 {
        context.output.note("the local store has no sites");
    }
    Ok(Exit::Success)
}

pub(crate) fn search(args: &Search, context: &Context<'_>) -> Result<Exit> {
    let words: Vec<String> = args.words.iter().map(|word| text::folded(word).into_owned()).collect();
    match list(&args.listing, context, |entry| matches(entry, &words))? {
        0 => Err(CliError::new(
            Exit::NotFound,
            "no-such-site",
            format!("no site matches {:?}", args.words.join(" ")),
        )
        .hint(match words.len() {
            1 => "a shorter word finds more; zkv list shows all sites",
            _ => "fewer words find more; zkv list shows all sites",
        })),
        _ => Ok(Exit::Success),
    }
}

/// User names are opened for lists of at most so many sites: each is a record to read, and a value to open.
const MAX_OPENED: usize = 1000;

/// The place of a name among others, upper and lower case alike. Most comparisons of many names end in their beginnings,
/// which are numbers here, side by side in memory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ByName {
    beginning: u128,
    rest: Vec<u8>,
}

impl ByName {
    fn of(name: &str) -> Self {
        let folded = text::folded(name);
        let mut bytes = [0; size_of::<u128>()];
        bytes.iter_mut().zip(folded.bytes()).for_each(|(to, from)| *to = from);
        Self {
            beginning: u128::from_be_bytes(bytes),
            rest: folded.as_bytes().get(size_of::<u128>()..).unwrap_or_default().to_vec(),
        }
    }
}

/// A site as other programs get it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    name: Option<&'a str>,
    #[serde(serialize_with = "exposed")]
    username: Option<SecretText>,
    origin: Option<&'a str>,
    url: Option<&'a str>,
    updated: Option<Stamp>,
    verdict: &'static str,
}

/// User names are for people to see.
fn exposed<S: Serializer>(text: &Option<SecretText>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    text.as_ref().map(SecretText::expose_secret).serialize(serializer)
}

impl<'a> Row<'a> {
    fn of(entry: &'a Entry<'a>, username: Option<SecretText>) -> Self {
        Self {
            id: entry.id,
            name: entry.name.as_deref(),
            username,
            origin: entry.origin.as_deref(),
            url: entry.url.as_deref(),
            updated: entry.updated.map(Stamp),
            verdict: entry.standing.name(),
        }
    }
}

/// Prints the entries that are wanted by their names, and returns how many those are.
fn list(args: &Listing, context: &Context<'_>, wanted: impl Fn(&Entry<'_>) -> bool) -> Result<usize> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index();
    let mut entries = Vec::new();
    for entry in vault.contents.entries(&index) {
        entries.extend(Some(entry?).filter(&wanted));
    }
    entries.sort_by_cached_key(|entry| (ByName::of(entry.name.as_deref().unwrap_or_default()), entry.id));
    vault.note_age(context)?;
    let opens = entries.len() <= MAX_OPENED;
    let username = |entry| opens.then(|| vault.contents.username(entry)).flatten();
    let rows: Vec<_> = entries.iter().map(|entry| Row::of(entry, username(entry))).collect();
    context.output.found(&table(&rows), &rows)?;
    Ok(rows.len())
}

fn table(rows: &[Row<'_>]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "USERNAME", "HOST", "URL", "UPDATED", "VERDICT"])
        .cut(&["NAME", "USERNAME", "HOST"])
        .hidden(&["URL"]);
    for row in rows {
        table.row([
            Cell::from(row.id.to_string()),
            Cell::text(row.name),
            Cell::text(row.username.as_ref().map(SecretText::expose_secret)),
            Cell::text(row.origin.map(readable_origin)),
            Cell::text(row.url),
            Cell::time(row.updated),
            Cell::State(row.verdict),
        ]);
    }
    table
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_folded_texts() {
        let mut names = [
            "b",
            "A",
            "a",
            "",
            "ab",
            "Größe 2",
            "größe 1",
            "E\u{301}",
            "\u{e9}",
            "fifteen bytes: ü",
            "fifteen bytes: z",
            "fifteen bytes: ",
            "the name of a site, B",
            "the name of a site, a",
            "大きさの銀行の名前",
        ];
        let mut expected = names;
        expected.sort_by_key(|name| text::folded(name).into_owned());
        names.sort_by_key(|name| ByName::of(name));
        assert_eq!(names.map(text::folded), expected.map(text::folded));
    }
}
