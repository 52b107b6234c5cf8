//! Who may change the store: one process at a time. Readers need no lock.

use std::fs::File;
use std::path::Path;

use fd_lock::RwLock;

use super::busy;
use crate::error::{CliError, Result};
use crate::platform;

/// Held while the store is changed, from before anything is fetched until after the commit.
#[derive(Debug)]
pub(crate) struct StoreLock {
    _held: fd_lock::RwLockWriteGuard<'static, File>,
}

impl StoreLock {
    /// Takes the lock beside the store at `path`, or reports who has it, without waiting.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let path = path.with_extension("lock");
        if let Some(folder) = path.parent() {
            platform::create_private_dir(folder).map_err(|error| CliError::file("create", folder, &error))?;
        }
        let file = platform::open_private(&path).map_err(|error| CliError::file("open", &path, &error))?;
        // A guard borrows its lock; this one lives as long as the process.
        let lock = Box::leak(Box::new(RwLock::new(file)));
        let held = lock.try_write().map_err(|_| busy())?;
        Ok(Self { _held: held })
    }
}
