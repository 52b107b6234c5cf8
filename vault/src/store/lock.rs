//! Who may change the store: one process at a time. Readers need no lock.
//!
//! The lock is a file of its own beside the store (`store.lock`), not a lock on the database: a sync holds it for
//! minutes while it fetches, and must not keep readers out. The operating system releases it when the process ends,
//! however it ends; the file stays.
//!
//! A sync, an acceptance, a restore and a renewal of the store's key take it. SQLite lets one process write at a time
//! anyway, but only after the second one has waited; the lock says at once, before anything is fetched, that there is a
//! different writer, and which process it is (`two_syncs_at_once_are_one_and_readers_are_not_in_the_way`).

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
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`], with the holder's process as its source where that is known; [`StoreError::File`] when the
    /// lock's file cannot be created or locked.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let path = path.with_extension("lock");
        let held = FileLock::try_take(&path)?;
        held.map(|held| Self { _held: held }).ok_or_else(|| StoreError::Busy {
            source: FileLock::holder(&path).map(Into::into),
        })
    }
}
