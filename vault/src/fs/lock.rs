//! Locks between processes. The operating system releases them when a process ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{FileAction, FileError, create_private_folder, open_private};

/// A file that this process alone has locked, until it is dropped.
#[derive(Debug)]
#[must_use = "the lock is released when it is dropped"]
pub struct FileLock {
    _held: File,
}

impl FileLock {
    /// Locks the file at `path`, without waiting; `None` when another process holds it. The file and its folder are
    /// created, readable by their owner only, when they are missing.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn try_take(path: &Path) -> Result<Option<Self>, FileError> {
        if let Some(folder) = path.parent() {
            create_private_folder(folder)?;
        }
        let file = open_private(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _held: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(FileError::system(FileAction::Lock, path, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/lock");
        let held = FileLock::try_take(&path).unwrap();
        assert!(held.is_some());
        assert!(FileLock::try_take(&path).unwrap().is_none());
        drop(held);
        assert!(FileLock::try_take(&path).unwrap().is_some());
    }
}
