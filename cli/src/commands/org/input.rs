//! What a file given to `zkv org plan` and `apply` is.

use std::io::Read as _;
use std::path::Path;

use zkvault::org::{OrgFile, SavedPlan};

use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::shown_path;

/// Bytes that are read at most: as many as the longest plan has, and one.
const MAX_LEN: u64 = SavedPlan::MAX_LEN as u64 + 1;

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
    let bytes = bytes(path)?;
    let wanted = match SavedPlan::is_one(&bytes) {
        true => SavedPlan::read(&bytes).map(Wanted::Plan),
        false => OrgFile::read(&bytes).map(Wanted::File),
    };
    wanted.map_err(|error| named(path, error.into()))
}

/// What is in a file, as far as one may be long; `-` is stdin.
pub(in crate::commands) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let (mut input, mut bytes) = (Input::open(Some(path))?, Vec::new());
    let read = input.by_ref().take(MAX_LEN).read_to_end(&mut bytes);
    read.map_err(|error| input.error(&error))?;
    Ok(bytes)
}

/// An error with the file in which its fault is.
pub(in crate::commands) fn named(path: &Path, error: CliError) -> CliError {
    match error.exit {
        Exit::Usage => error.about(shown_path(path)),
        _ => error,
    }
}
