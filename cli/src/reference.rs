//! References to values: what `zkv://SITE/FIELD` means in the store.

use std::borrow::Cow;

use zkvault_core::reference::ReferenceError;
use zkvault_core::resolve::{Named, Resolution, resolve};
use zkvault_core::site::FieldError;

use crate::error::{CliError, Exit, Result};
use crate::vault::{Index, Vault};
use zkvault::store::Entry;

/// Sites and fields that an error lists at most.
const MAX_LISTED: usize = 20;

impl From<ReferenceError> for CliError {
    fn from(error: ReferenceError) -> Self {
        Self::usage("this is no reference to a value")
            .cause(error.to_string())
            .hint("zkv://SITE/FIELD, where %2F stands for / and %25 for %: zkv read zkv://GitHub/password")
    }
}

impl From<FieldError> for CliError {
    fn from(error: FieldError) -> Self {
        let (exit, code, message) = (exit_of(&error), error.code(), error.to_string());
        let failed = Self::new(exit, code, message);
        match error {
            FieldError::NotFound { fields, .. } if fields.is_empty() => failed.cause("it has no fields"),
            FieldError::NotFound { fields, .. } => failed.cause(format!("it has {}", listed(fields.into_iter()))),
            FieldError::Ambiguous { fields, .. } => failed
                .cause(listed(fields.into_iter()))
                .hint("give a name that only one of them has, or its number on the page, as in zkv://SITE/input%202"),
            _ => failed,
        }
    }
}

const fn exit_of(error: &FieldError) -> Exit {
    match error {
        FieldError::Ambiguous { .. } => Exit::Ambiguous,
        _ => Exit::NotFound,
    }
}

/// An entry of which it does not matter whether a person trusts it: to accept it, it must be found.
struct Unranked<'a>(Entry<'a>);

impl Named for Unranked<'_> {
    fn id(&self) -> u64 {
        self.0.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.names()
    }

    fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

/// Finds the one site that is meant by an id, an address, or a name or a part of it ([`resolve`]). Those with a trusted copy
/// come first.
pub(crate) fn find_site<'a>(vault: &'a Vault, index: &'a Index, wanted: &str) -> Result<Entry<'a>> {
    one(resolve(wanted, || vault.entries(index))?, wanted)
}

/// As [`find_site`], for a person who will be shown the site and asked: whether it is trusted decides nothing.
pub(crate) fn find_site_to_accept<'a>(vault: &'a Vault, index: &'a Index, wanted: &str) -> Result<Entry<'a>> {
    let all = || vault.entries(index).map(|entry| entry.map(Unranked));
    let found = match resolve(wanted, all)? {
        Resolution::One(Unranked(entry)) => Resolution::One(entry),
        Resolution::Several(entries) => Resolution::Several(ranked(entries)),
        Resolution::None { suggestions } => Resolution::None {
            suggestions: ranked(suggestions),
        },
        _ => Resolution::None {
            suggestions: Vec::new(),
        },
    };
    one(found, wanted)
}

fn ranked(entries: Vec<Unranked<'_>>) -> Vec<Entry<'_>> {
    entries.into_iter().map(|Unranked(entry)| entry).collect()
}

fn one<'a>(found: Resolution<Entry<'a>>, wanted: &str) -> Result<Entry<'a>> {
    match found {
        Resolution::One(entry) => Ok(entry),
        Resolution::Several(entries) => Err(ambiguous_site(wanted, &entries)),
        Resolution::None { suggestions } => Err(no_site(wanted, &suggestions)),
        _ => Err(no_site(wanted, &[])),
    }
}

fn no_site(wanted: &str, suggestions: &[Entry<'_>]) -> CliError {
    let error = CliError::new(Exit::NotFound, "no-such-site", format!("there is no site {wanted:?}"));
    match suggestions {
        [] => error.hint("zkv search finds names, addresses and ids by their parts"),
        alike => error.hint(format!("did you mean {}?", listed(alike.iter().map(Entry::label)))),
    }
}

fn ambiguous_site(wanted: &str, found: &[Entry<'_>]) -> CliError {
    let sites = found.iter().map(|entry| match entry.origin.as_deref() {
        Some(origin) => format!("{} at {origin}", entry.label()),
        None => entry.label(),
    });
    CliError::new(
        Exit::Ambiguous,
        "ambiguous-site",
        format!("{} sites fit {wanted:?}", found.len()),
    )
    .cause(listed(sites))
    .hint("give more of the name, or the id in place of it")
}

/// A list for an error, cut where it would fill the screen.
pub(crate) fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    if items.len() > MAX_LISTED {
        let more = items.len() - MAX_LISTED;
        items.truncate(MAX_LISTED);
        items.push(format!("{more} more"));
    }
    items.join(", ")
}
