//! What a file given to `zkv org plan` and `apply` is.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zkvault::org::{OrgFile, SavedPlan};

use crate::error::{CliError, Exit, Result};
use crate::output::shown_path;

/// Bytes that are read at most: as many as the longest plan has, and one.
const MAX_LEN: u64 = (256 << 20) + 1;

/// A file.
#[derive(Debug)]
pub(super) enum Wanted {
    /// What the organisation shall be.
    File(OrgFile),
    /// Changes that were planned.
    Plan(SavedPlan),
}

/// Reads a file; `-` is stdin. A fault in it names the file.
pub(super) fn read(path: &Path) -> Result<Wanted> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().take(MAX_LEN).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(MAX_LEN).read_to_end(&mut bytes)),
    };
    read.map_err(|error| CliError::file("read", path, &error))?;
    let wanted = match SavedPlan::is_one(&bytes) {
        true => SavedPlan::read(&bytes).map(Wanted::Plan),
        false => OrgFile::read(&bytes).map(Wanted::File),
    };
    wanted.map_err(|error| named(path, error.into()))
}

/// An error with the file in which its fault is.
pub(super) fn named(path: &Path, error: CliError) -> CliError {
    match error.exit {
        Exit::Usage => CliError {
            message: format!("{}: {}", shown_path(path), error.message),
            ..error
        },
        _ => error,
    }
}
