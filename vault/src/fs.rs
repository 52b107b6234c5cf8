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
//! # Ok(())
//! # }
//! ```

mod atomic;
#[cfg(any(windows, test))]
mod descriptor;
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
