//! `zkv list` and `zkv search`.

use std::borrow::Cow;

use memchr::memmem::Finder;
use serde::{Serialize, Serializer};
use zkvault_core::trust::readable_origin;
use zkvault_core::{SecretText, text};

use crate::args::{List, Listing, Search};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Field, Table};
use crate::vault;
use zkvault::store::Entry;

pub(crate) fn run(args: &List, context: &Context<'_>) -> Result<Exit> {
    if list(&args.listing, context, |_| true)? == 0 {
        context.output.note("the local store has no sites");
    }
    Ok(Exit::Success)
}

pub(crate) fn search(args: &Search, context: &Context<'_>) -> Result<Exit> {
    let mut words = Words::new(&args.words);
    match list(&args.listing, context, |entry| words.are_in(entry))? {
        0 => Err(CliError::new(
            Exit::NotFound,
            "no-such-site",
            format!("no site matches {:?}", args.words.join(" ")),
        )
        .hint(match args.words.len() {
            1 => "a shorter word finds more; zkv list shows all sites",
            _ => "fewer words find more; zkv list shows all sites",
        })),
        _ => Ok(Exit::Success),
    }
}

/// User names are opened for lists of at most so many sites: each is a record to read, and a value to open.
const MAX_OPENED: usize = 1000;

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

    fn fields(&self) -> [Field<'_>; 7] {
        [
            Field::Number(self.id),
            Field::Text(self.name),
            Field::Text(self.username.as_ref().map(SecretText::expose_secret)),
            Field::Text(self.origin.map(readable_origin)),
            Field::Text(self.url),
            Field::Time(self.updated),
            Field::State(self.verdict),
        ]
    }
}

/// Prints the entries that are wanted by their names, and returns how many those are.
fn list(args: &Listing, context: &Context<'_>, mut is_wanted: impl FnMut(&Entry<'_>) -> bool) -> Result<usize> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index();
    let found = vault.contents.sorted(&index, |entry| is_wanted(entry))?;
    vault.note_age(context)?;
    let opens = found.len() <= MAX_OPENED;
    let username = |entry| opens.then(|| vault.contents.username(entry)).flatten();
    let rows = found.iter().map(|entry| Row::of(entry, username(entry)));
    match context.output.lines()? {
        Some(mut lines) => {
            for row in rows {
                lines.row(row.fields())?;
            }
            lines.finish()?;
        }
        None => {
            let rows: Vec<_> = rows.collect();
            context.output.found(&table(&rows), &rows)?;
        }
    }
    Ok(found.len())
}

fn table(rows: &[Row<'_>]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "USERNAME", "HOST", "URL", "UPDATED", "VERDICT"])
        .cut(&["NAME", "USERNAME", "HOST"])
        .hidden(&["URL"]);
    rows.iter().for_each(|row| table.row(row.fields()));
    table
}

/// Words that a site must have, each in its name, its address or its id.
struct Words {
    words: Vec<Finder<'static>>,
    /// The folded text that is looked through, one after the other.
    buffer: String,
}

impl Words {
    fn new(words: &[String]) -> Self {
        let finder = |word: &String| Finder::new(&*text::folded(word)).into_owned();
        Self {
            words: words.iter().map(finder).collect(),
            buffer: String::new(),
        }
    }

    fn are_in(&mut self, entry: &Entry<'_>) -> bool {
        let Self { words, buffer } = self;
        words.iter().all(|word| {
            let mut is_in = |text: &Option<Cow<'_, str>>| {
                let text = text::folded_in(text.as_deref().unwrap_or_default(), buffer);
                word.find(text.as_bytes()).is_some()
            };
            is_in(&entry.name) || is_in(&entry.url) || is_in_number(word, entry.id)
        })
    }
}

/// Whether a word is a part of a number. Most words are none, and cost no text of it.
fn is_in_number(word: &Finder<'_>, number: u64) -> bool {
    word.needle().iter().all(u8::is_ascii_digit) && word.find(number.to_string().as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkvault::store::Standing;

    #[test]
    fn every_word_is_in_the_name_the_address_or_the_id() {
        let entry = Entry {
            name: Some("Gr\u{f6}sse Online".into()),
            url: Some("https://Mail.example/Login".into()),
            ..Entry::new(1_749_398, Standing::Ok)
        };
        let found = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            Words::new(&words).are_in(&entry)
        };
        for words in [
            &["GRO\u{308}SSE"][..],
            &["mail", "online"],
            &["4939"],
            &["LOGIN", "1749398"],
            &[""],
            &[],
        ] {
            assert!(found(words), "{words:?}");
        }
        for words in [&["mail", "offline"][..], &["49399"], &["1749398 "], &["online https"]] {
            assert!(!found(words), "{words:?}");
        }
        let nameless = Entry {
            name: None,
            url: None,
            ..entry.clone()
        };
        assert!(Words::new(&["17".to_owned()]).are_in(&nameless));
        assert!(!Words::new(&["a".to_owned()]).are_in(&nameless));
    }
}
