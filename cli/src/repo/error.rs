//! What a failed request to a storage means to a person.

use zkvault_client::blob::{BlobError, BlobErrorKind};

use crate::clock;
use crate::error::{CliError, Exit};

/// A failed request. `what` was to be done: `"report.pdf was not uploaded"`.
pub(crate) fn failed(what: impl Into<String>, error: &BlobError) -> CliError {
    let (exit, code) = class(error.kind());
    let failed = CliError::new(exit, code, what).cause(cause(error));
    match hint(error) {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

/// Whether there is no such blob.
pub(crate) fn is_missing(error: &BlobError) -> bool {
    error.kind() == BlobErrorKind::NotFound
}

/// Puts the name of a file in front of an error that does not tell it.
pub(crate) fn named(name: &str, mut error: CliError) -> CliError {
    if !error.message.contains(name) {
        error.message = format!("{name}: {}", error.message);
    }
    error
}

fn class(kind: BlobErrorKind) -> (Exit, &'static str) {
    match kind {
        BlobErrorKind::Expired { .. } => (Exit::NotAuthenticated, "sas-expired"),
        BlobErrorKind::NotYetValid { .. } => (Exit::NotAuthenticated, "sas-not-yet-valid"),
        BlobErrorKind::Signature => (Exit::NotAuthenticated, "sas-refused"),
        BlobErrorKind::Permission { .. } | BlobErrorKind::Scope => (Exit::Forbidden, "forbidden"),
        BlobErrorKind::NoContainer => (Exit::NotFound, "no-container"),
        BlobErrorKind::NotFound => (Exit::NotFound, "not-found"),
        BlobErrorKind::Conflict => (Exit::Other, "conflict"),
        BlobErrorKind::Leased => (Exit::Other, "leased"),
        BlobErrorKind::BlockList => (Exit::Other, "blocks-lost"),
        BlobErrorKind::Throttled { .. } => (Exit::RateLimited, "rate-limited"),
        BlobErrorKind::Server | BlobErrorKind::Network | BlobErrorKind::Timeout => (Exit::Network, "network"),
        _ => (Exit::Other, "storage"),
    }
}

fn cause(error: &BlobError) -> String {
    match error.kind() {
        BlobErrorKind::Expired { at } => expired(at, error),
        BlobErrorKind::NotYetValid { from } => format!("the SAS token does not hold before {}", clock::shown(from)),
        BlobErrorKind::Permission { needs } => format!("the SAS token does not allow to {}", operation(needs)),
        _ => error.to_string(),
    }
}

/// Why there is no other token is said where there could have been one; the service's own word is not.
fn expired(at: u64, error: &BlobError) -> String {
    let expired = format!("the SAS token expired at {}", clock::shown(at));
    match error.detail().filter(|detail| detail.contains(' ')) {
        Some(detail) => format!("{expired}; {detail}"),
        None => expired,
    }
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

fn hint(error: &BlobError) -> Option<&'static str> {
    Some(match error.kind() {
        BlobErrorKind::Expired { .. } => "ask for a new SAS, put it into ZKV_SAS or ZKV_SAS_FILE, and start again",
        BlobErrorKind::NotYetValid { .. } => "wait until then, or ask for a SAS without a start time",
        BlobErrorKind::Signature => "copy the whole address again, with all of its token, and check its container",
        BlobErrorKind::Permission { .. } => "ask for a SAS with this permission",
        BlobErrorKind::Scope => "ask for a SAS of a container, for https, and for the address of this machine",
        BlobErrorKind::NoContainer => "check the name of the container in the address",
        BlobErrorKind::Conflict if error.was_repeated() => {
            "an answer was lost on the way: it may be this very upload that is there; look with zkv repo ls"
        }
        BlobErrorKind::Conflict => "give --overwrite to replace it, or --name to give another name",
        BlobErrorKind::Leased => "end the lease, or wait until it ends",
        BlobErrorKind::Network | BlobErrorKind::Timeout | BlobErrorKind::Server => {
            "start the same command again: what was uploaded is not sent again"
        }
        _ => return None,
    })
}
