//! The files and folders that must not outlive an interrupted program.
//!
//! A signal may end a program where no destructor runs. A program that watches for signals calls
//! [`abandon_unfinished`] before it ends.
//!
//! The list is one for the process, because a signal knows of no objects. It has drafts that have a name, the drafts of
//! backups that are uploaded, the agent's socket, and folders that a program makes for a while. A draft without a name
//! is not on it: the operating system removes that. `kill -9` runs nothing of this; what it leaves is swept later, or
//! is a socket that the next agent replaces.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Keeps a path on the list of unfinished files and folders until it is dropped.
#[derive(Debug)]
#[must_use = "the path is taken off the list when this is dropped"]
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// Puts a file or folder on the list.
    pub fn new(path: &Path) -> Self {
        unfinished().push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}

/// While this lives, nothing comes on the list and nothing leaves it: no draft with a name begins, and none gets the
/// name of its target. The threads that want to wait. A file that was written without a name may still get its own,
/// whole.
#[derive(Debug)]
#[must_use = "end the program before this is dropped"]
pub struct Abandoned {
    _held: MutexGuard<'static, Vec<PathBuf>>,
}

/// Removes every unfinished file and folder of this process, for a program that is about to end.
///
/// A folder that is still being written to is tried twenty times within a second.
pub fn abandon_unfinished() -> Abandoned {
    let paths = unfinished();
    paths.iter().for_each(|path| remove(path));
    Abandoned { _held: paths }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing more can be done about what cannot be removed.
fn remove(path: &Path) {
    if !path.is_dir() {
        let _ = std::fs::remove_file(path);
        return;
    }
    // A program that we started may still be writing there for a moment.
    for _ in 0..20 {
        if std::fs::remove_dir_all(path).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
