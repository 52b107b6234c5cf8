//! Who may change the store: one process at a time. Readers need no lock.

use std::path::Path;

use zkvault::fs::FileLock;

use super::busy;
use crate::error::Result;

/// Held while the store is changed, from before anything is fetched until after the commit.
#[derive(Debug)]
pub(crate) struct StoreLock {
    _held: FileLock,
}

impl StoreLock {
    /// Takes the lock beside the store at `path`, or reports who has it, without waiting.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let held = FileLock::try_take(&path.with_extension("lock"))?;
        held.map(|held| Self { _held: held }).ok_or_else(busy)
    }
}
