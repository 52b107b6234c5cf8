//! Files and folders: whole or not at all, private to their owner, and locked between processes.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use zkvault::fs::{self, Existing};
//!
//! let path = folder.path().join("key");
//! fs::write(&path, b"secret", Existing::Keep)?;
//! let again = fs::write(&path, b"other", Existing::Keep).map_err(|error| error.code());
//! assert_eq!(again, Err("exists"));
//! assert!(fs::is_private(&path)?);
//! # Ok(())
//! # }
//! ```
//!
//! Everything that this crate writes goes through here, except the database of the store and the journals of uploads,
//! which are appended to. So there is one place for each promise:
//!
//! * **Whole or not at all.** [`AtomicFile`] and [`write()`]: a file gets its name when all of it is on the disk. A
//!   full disk, a kill or a power failure leaves what was there before.
//! * **Private.** A new file has mode 0600, a new folder 0700, from the moment it exists, and on Windows a list with
//!   one entry. That holds for a file that replaces a different one, too. [`is_private`] reports what exists.
//! * **No traps.** A link or pipe that a different user laid into a shared folder is not followed or written
//!   ([`FileError::Foreign`]).
//! * **One writer.** [`FileLock`], without waiting, released by the operating system.
//! * **Nothing left behind.** [`Unfinished`] and [`abandon_unfinished`] for signals; the sweep of drafts for kills.
//!
//! A [`FileError`] has the path and the operating system's reason, never a content.

mod atomic;
#[cfg(any(windows, test))]
mod descriptor;
mod group;
mod lock;
mod place;
mod private;
mod unfinished;
mod unnamed;
#[cfg(windows)]
pub(crate) mod windows;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use self::atomic::{AtomicFile, Existing, settle_folder, write};
pub use self::group::commit_group;
pub use self::lock::{FileLock, LockHolder};
pub use self::private::{create_private_folder, is_private, open_private};
pub use self::unfinished::{Abandoned, Unfinished, abandon_unfinished};
pub use self::unnamed::reserve;

/// What was to be done with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileAction {
    /// To create it.
    Create,
    /// To open it.
    Open,
    /// To read from it.
    Read,
    /// To write to it, or to give it its name.
    Write,
    /// To take its lock.
    Lock,
}

impl fmt::Display for FileAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Lock => "lock",
        })
    }
}

/// Something with a file or folder failed.
///
/// A path is shown as it is: it may have characters that control a terminal, where somebody else named the folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    System {
        /// What was to be done.
        action: FileAction,
        /// To what.
        path: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// Somebody else laid a link or a pipe there, in a folder in which everybody may put files.
    #[error("{} belongs to a different user", path.display())]
    Foreign {
        /// The link, or the pipe.
        path: PathBuf,
    },
    /// There is a file already, and it was not to be replaced.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

codes!(FileError {
    Self::System { source, .. } if source.kind() == io::ErrorKind::NotFound => "not-found",
    Self::System { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => "broken-pipe",
    Self::System { .. } => "io",
    Self::Foreign { .. } => "foreign-file",
    Self::Exists { .. } => "exists",
});

impl FileError {
    /// The operating system refused to do this to `path`.
    #[must_use]
    pub fn system(action: FileAction, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::System { action, path, source }
    }
}
