//! Locks between processes. The operating system releases them when a process ends, however it ends.
//!
//! A lock is advisory: it keeps out programs that ask for it, and nobody else. It belongs to an open file and not to a
//! process, so a second attempt in the same process is refused as well. A lock that is held while a person types or a
//! service responds is not waited for: a person who is told which process holds it can decide better than a timeout.
//! One that is held for a single write is ([`FileLock::take_soon`]).
//!
//! The file stays when the lock is released, since removing it would let two processes hold locks on two files of one
//! name. What is in it, the holder's process and the time, is for messages only and decides nothing.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{FileAction, FileError, create_private_folder, open_private};
use crate::time;

/// How long a lock is asked for that is held for a moment, as for the store's file, and after how long each time.
const SOON: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(10);
/// More than a holder's line has.
const MAX_LINE_LEN: u64 = 64;

/// Which process holds a lock, and since when: as it wrote into the file itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockHolder {
    /// The number of the process.
    pub process: u32,
    /// When it took the lock, in seconds since 1970 (UTC).
    pub since: u64,
}

/// As the cause of an error.
impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, since } = self;
        write!(f, "it is process {process}")?;
        match time::now().map(|now| now.saturating_sub(*since)) {
            Ok(seconds) => write!(f, ", which has held the lock for {seconds} s"),
            Err(_) => Ok(()),
        }
    }
}

impl std::error::Error for LockHolder {}

/// A file that this process alone has locked, until it is dropped.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use zkvault::fs::FileLock;
///
/// let path = folder.path().join("profile").join("lock");
/// let held = FileLock::try_take(&path)?.ok_or("somebody has it")?;
/// assert!(FileLock::try_take(&path)?.is_none());
/// drop(held);
/// assert!(FileLock::try_take(&path)?.is_some());
/// # Ok(())
/// # }
/// ```
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
            Ok(()) => {
                // For people alone: a lock whose holder cannot be named is a lock.
                let _ = sign(&file);
                Ok(Some(Self { _held: file }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(FileError::system(FileAction::Lock, path, error)),
        }
    }
}

impl FileLock {
    /// As [`Self::try_take`], for a lock that nobody holds longer than it takes to read and write a small file: waits up
    /// to two seconds for it.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn take_soon(path: &Path) -> Result<Option<Self>, FileError> {
        Self::take_within(path, SOON)
    }

    /// As [`Self::take_soon`], waiting at most so long.
    pub(crate) fn take_within(path: &Path, patience: Duration) -> Result<Option<Self>, FileError> {
        for _ in 0..patience.as_millis() / PAUSE.as_millis() {
            if let Some(held) = Self::try_take(path)? {
                return Ok(Some(held));
            }
            thread::sleep(PAUSE);
        }
        Self::try_take(path)
    }

    /// Who holds the lock at `path`, for a message; `None` when that cannot be told. On Windows a locked file cannot be
    /// read.
    #[must_use]
    pub fn holder(path: &Path) -> Option<LockHolder> {
        let mut line = String::new();
        File::open(path)
            .ok()?
            .take(MAX_LINE_LEN)
            .read_to_string(&mut line)
            .ok()?;
        let (process, since) = line.trim().split_once(' ')?;
        Some(LockHolder {
            process: process.parse().ok()?,
            since: since.parse().ok()?,
        })
    }
}

/// Writes who holds the lock, in place of who held it before. Only the holder of the lock comes here.
fn sign(mut file: &File) -> io::Result<()> {
    let since = time::now().unwrap_or_default();
    file.set_len(0)?;
    file.write_all(format!("{} {since}\n", std::process::id()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(FileLock::holder(&path), None);
        for _ in 0..2 {
            let held = FileLock::try_take(&path).unwrap();
            if cfg!(unix) {
                let holder = FileLock::holder(&path).unwrap();
                assert_eq!(holder.process, std::process::id());
                assert!(time::now().unwrap() - holder.since < 60);
            }
            drop(held);
        }
        std::fs::write(&path, "junk").unwrap();
        assert_eq!(FileLock::holder(&path), None);
    }

    #[test]
    fn a_lock_that_is_released_soon_is_waited_for_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = FileLock::try_take(&path).unwrap();
        assert!(FileLock::take_within(&path, 2 * PAUSE).unwrap().is_none());
        let released = thread::spawn(move || {
            thread::sleep(5 * PAUSE);
            drop(held);
        });
        assert!(FileLock::take_soon(&path).unwrap().is_some());
        released.join().unwrap();
    }

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
