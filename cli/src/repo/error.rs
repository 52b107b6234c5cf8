//! What a failed request to a storage means to a person.

use zkvault::transfer::StorageError;
use zkvault_client::blob::{BlobError, BlobErrorKind};

use crate::clock;
use crate::error::{CliError, Exit};
use crate::output::escaped_lines;
use crate::session;

/// A failed request. `what` was to be done: `"report.pdf was not uploaded"`.
pub(crate) fn failed(what: impl Into<String>, error: &BlobError) -> CliError {
    let failed = CliError {
        ends_all: error.kind().ends_all(),
        ..CliError::of(error, what).cause(cause(error))
    };
    let is_forbidden = error.kind() == BlobErrorKind::Rejected && matches!(error.status(), Some(401 | 403));
    let failed = match is_forbidden {
        true => CliError {
            exit: Exit::Forbidden,
            ..failed
        },
        false => failed,
    };
    match hint(error) {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

impl From<StorageError> for CliError {
    fn from(error: StorageError) -> Self {
        failed(escaped_lines(&error.what).into_owned(), &error.source)
    }
}

fn cause(error: &BlobError) -> String {
    let known = match error.kind() {
        BlobErrorKind::Expired { at } => format!("the SAS token expired at {}", clock::shown(at)),
        BlobErrorKind::NotYetValid { from } => format!("the SAS token does not hold before {}", clock::shown(from)),
        BlobErrorKind::Permission { needs } => format!("the SAS token does not allow to {}", operation(needs)),
        _ => return error.to_string(),
    };
    let detail = error.detail().map(str::to_owned);
    let said = error.said().map(|said| format!("the storage said {said}"));
    [Some(known), detail, said]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

/// What the letters of a permission stand for.
fn operation(letters: &str) -> &'static str {
    match letters {
        "cw" => "create blobs (permission c or w)",
        "w" => "write blobs (permission w)",
        "r" => "read blobs (permission r)",
        "l" => "list blobs (permission l)",
        "d" => "delete blobs (permission d)",
        _ => "do this",
    }
}

fn hint(error: &BlobError) -> Option<String> {
    if let BlobErrorKind::Throttled { retry_after } = error.kind() {
        return Some(session::wait(retry_after));
    }
    let hint = match error.kind() {
        BlobErrorKind::Expired { .. } => {
            Some("ask for a new SAS, put it into ZKV_SAS or ZKV_SAS_FILE, and start again")
        }
        BlobErrorKind::Conflict if error.was_repeated() => {
            Some("a response was lost on the way: it may be this very upload that is there; look with zkv repo ls")
        }
        BlobErrorKind::Conflict => Some("somebody else writes to it at the same time: start again"),
        // A certificate that is not trusted is not trusted the next time either.
        BlobErrorKind::Network | BlobErrorKind::Timeout | BlobErrorKind::Server if error.may_pass() => {
            Some("start the same command again: what was uploaded is not sent again")
        }
        _ => error.advice(),
    };
    hint.map(str::to_owned)
}
