//! References to values: what `zkv://SITE/FIELD` means in the store.

use zkvault_core::reference::ReferenceError;

use crate::error::{CliError, Exit, Result};
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

/// Finds the one site that is meant by its id, by its name, or by its name in other letters of upper and lower
/// case; the first of these that fits any site decides.
pub(crate) fn find_site<'a>(entries: impl Iterator<Item = Result<Entry<'a>>>, wanted: &str) -> Result<Entry<'a>> {
    // As a number is written: "007" and "+7" are names.
    let id = wanted.parse::<u64>().ok().filter(|id| id.to_string() == wanted);
    let folded = wanted.to_lowercase();
    let (mut exact, mut alike) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry?;
        if id == Some(entry.id) {
            return Ok(entry);
        }
        match entry.name.as_deref() {
            Some(name) if name == wanted => exact.push(entry),
            Some(name) if is_alike(name, &folded) => alike.push(entry),
            _ => {}
        }
    }
    let mut found = if exact.is_empty() { alike } else { exact };
    match (found.pop(), found.len()) {
        (None, _) => Err(no_site(wanted)),
        (Some(only), 0) => Ok(only),
        (Some(last), _) => {
            found.push(last);
            Err(ambiguous_site(wanted, &found))
        }
    }
}

fn is_alike(name: &str, folded: &str) -> bool {
    match name.is_ascii() && folded.is_ascii() {
        true => name.eq_ignore_ascii_case(folded),
        false => name.to_lowercase() == folded,
    }
}

fn no_site(wanted: &str) -> CliError {
    CliError::new(Exit::NotFound, "no-such-site", format!("there is no site {wanted:?}"))
        .hint("zkv search finds names, addresses and ids by their parts")
}

fn ambiguous_site(wanted: &str, found: &[Entry<'_>]) -> CliError {
    let sites = found.iter().map(|entry| match entry.origin.as_deref() {
        Some(origin) => format!("{} at {origin}", entry.id),
        None => entry.id.to_string(),
    });
    CliError::new(
        Exit::Ambiguous,
        "ambiguous-site",
        format!("{} sites are called {wanted:?}", found.len()),
    )
    .cause(listed(sites))
    .hint("give the id in place of the name")
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

#[cfg(test)]
mod tests {
    use super::*;
    use zkvault::store::Standing;

    fn found(wanted: &str) -> std::result::Result<u64, &'static str> {
        let names = [
            (1, "GitHub"),
            (2, "github"),
            (3, "Jira"),
            (4, "JIRA"),
            (5, "Größe"),
            (6, "7"),
            (7, "x"),
            (8, "Jira"),
            (9, "007"),
        ];
        let entries = names.map(|(id, name)| {
            Ok(Entry {
                id,
                standing: Standing::Ok,
                trusted: None,
                candidate: None,
                findings: None,
                updated: None,
                name: Some(name.into()),
                url: None,
                origin: None,
            })
        });
        find_site(entries.into_iter(), wanted)
            .map(|entry| entry.id)
            .map_err(|error| error.code)
    }

    #[test]
    fn a_site_is_found_by_id_then_name_then_letters_alike() {
        assert_eq!(found("GitHub"), Ok(1));
        assert_eq!(found("github"), Ok(2));
        assert_eq!(found("GITHUB"), Err("ambiguous-site"));
        assert_eq!(found("Jira"), Err("ambiguous-site"));
        assert_eq!(found("JIRA"), Ok(4));
        assert_eq!(found("gRÖSSE"), Err("no-such-site"));
        assert_eq!(found("GRÖßE"), Ok(5));
        assert_eq!(found("7"), Ok(7), "an id comes before a name of digits");
        assert_eq!(found("6"), Ok(6));
        assert_eq!(
            found("007"),
            Ok(9),
            "no service may put its site 7 in the place of a name"
        );
        assert_eq!(found("+7"), Err("no-such-site"));
        assert_eq!(found("Git"), Err("no-such-site"));
    }
}
