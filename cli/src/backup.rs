//! Backups: a snapshot of the local store as an encrypted file, in a repository or on this machine
//! (docs/spec/backup.md).

mod access;
mod bundle;
mod capture;
mod diff;
mod known;
mod line;
mod shelf;
mod source;

pub(crate) use self::access::Access;
pub(crate) use self::bundle::{Recipe, open, seal};
pub(crate) use self::capture::{Captured, capture};
pub(crate) use self::diff::{Contents, Difference, compare};
pub(crate) use self::known::KnownHeads;
pub(crate) use self::line::{check, refused};
pub(crate) use self::shelf::{Shelf, Shelved};
pub(crate) use self::source::{Loaded, Source, check_repository, local, newest_in_line};

use zkvault_core::trust::Head;

use crate::error::{CliError, Result};

/// What backups in files are remembered as: they are a line of their own.
pub(crate) const FILES: &str = "file";

/// Reads a head as `zkv backup push` prints it: `12:be7c…`.
pub(crate) fn parse_head(text: &str) -> Result<Head> {
    text.parse().map_err(|error| {
        CliError::usage(format!("{text:?} is not the head of a backup"))
            .cause(error)
            .hint("zkv backup push prints one, and list shows them")
    })
}
