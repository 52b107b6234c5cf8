//! Who may change the store: one process at a time. Readers need no lock.

use std::path::Path;

use super::StoreError;
use crate::fs::FileLock;

/// Held while the store is changed, from before anything is fetched until after the commit.
#[derive(Debug)]
#[must_use = "the lock is released when it is dropped"]
pub struct StoreLock {
    _held: FileLock,
}

impl StoreLock {
    /// Takes the lock beside the store at `path`, or reports that another process has it, without waiting.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let path = path.with_extension("lock");
        let held = FileLock::try_take(&path)?;
        held.map(|held| Self { _held: held }).ok_or_else(|| StoreError::Busy {
            source: FileLock::holder(&path).map(Into::into),
        })
    }
}
