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
use self::line::check;
pub(crate) use self::line::{forked, judge, lineage};
pub(crate) use self::shelf::{Shelf, Shelved};
pub(crate) use self::source::{Loaded, Source, check_repository, local, newest_in_line};

use zkvault_core::Head;

use crate::error::{CliError, Result};

/// What backups in files are remembered as: they are a line of their own.
pub(crate) const FILES: &str = "file";

/// A head as it is written for people and for `--expect`: `12:be7c…`.
pub(crate) fn shown(head: Head) -> String {
    format!("{}:{}", head.revision, head.digest)
}

/// Reads what [`shown`] wrote.
pub(crate) fn parse_head(text: &str) -> Result<Head> {
    let head = text.split_once(':').and_then(|(revision, digest)| {
        Some(Head {
            revision: revision.parse().ok()?,
            digest: digest.parse().ok()?,
        })
    });
    head.ok_or_else(|| {
        CliError::usage(format!("{text:?} is not the head of a backup"))
            .cause("a head is a revision, a colon and 64 hexadecimal digits, as zkv backup push prints it")
    })
}
