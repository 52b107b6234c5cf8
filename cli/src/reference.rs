//! References to values: what `zkv://SITE/FIELD` means in the store.

use zkvault::directory::{FindError, Kind, Listed};
use zkvault_core::reference::ReferenceError;
use zkvault_core::site::FieldError;

use crate::error::{CliError, Exit};

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
        let failed = Self::of(&error, error.to_string());
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

impl From<FindError> for CliError {
    fn from(error: FindError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            FindError::NotFound { kind, suggestions, .. } => {
                let failed = Self::new(Exit::NotFound, code, message);
                match suggestions.is_empty() {
                    true => failed.hint(looked_up(kind)),
                    false => failed.hint(format!(
                        "did you mean {}?",
                        listed(suggestions.iter().map(Listed::to_string))
                    )),
                }
            }
            FindError::Ambiguous { candidates, .. } => {
                ambiguous(code, message, candidates).hint("give more of the name, or the id in place of it")
            }
            FindError::Contradicted { candidates, .. } => ambiguous(code, message, candidates)
                .hint("ask the service's support which one it is; if you know, give the id in place of the name"),
            _ => Self::new(Exit::NotFound, code, message),
        }
    }
}

fn ambiguous(code: &'static str, message: String, candidates: Vec<Listed>) -> CliError {
    let mut failed = CliError::new(Exit::Ambiguous, code, message);
    failed.lists.candidates = candidates;
    failed
}

/// Where everything of a kind is listed.
fn looked_up(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "zkv search finds names, addresses and ids by their parts",
        Kind::User => "zkv user list shows all users",
        Kind::Group => "zkv group list shows all groups",
    }
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
