//! What can go wrong on the way to and from a storage.
//!
//! A [`StorageError`] is what the storage or the way to it says; every other variant of [`TransferError`] is about one
//! file. A caller that has several files may continue with the next one, unless [`StorageError::ends_all`] says that
//! each would fail in the same way: a token that has expired, a container that is not there.
//!
//! Each name in an error is the path in the repository, not the blob's. No error holds the signature of a SAS
//! (`no_error_holds_the_token`).

use std::path::PathBuf;

use zkvault_client::blob::BlobError;
use zkvault_core::file::{CreateFileError, FileTooLargeError, SealBlockError};
use zkvault_core::repository::RepositoryPathError;
use zkvault_core::{RandomError, SealError};

use crate::fs::FileError;
use crate::time::ClockError;
use crate::workers::WorkersEnded;

/// A file was not transferred.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A file or folder of this machine.
    #[error(transparent)]
    File(#[from] FileError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// A worker thread.
    #[error(transparent)]
    Workers(#[from] WorkersEnded),
    /// A pipe or a device: an upload may have to read it twice.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// Its path.
        path: PathBuf,
    },
    /// The file is not what it was when the upload began. Nothing was put under its name.
    #[error("{} changed while it was uploaded", path.display())]
    SourceChanged {
        /// Its path.
        path: PathBuf,
        /// What became of it.
        source: Reason,
    },
    /// Something other than the content of the file changed, again and again: its permissions, or its number of names.
    #[error("{} changed its permissions or links while it was uploaded", path.display())]
    SourceTouched {
        /// Its path.
        path: PathBuf,
    },
    /// It has more blocks than a blob can have.
    #[error(transparent)]
    TooLarge(#[from] FileTooLargeError),
    /// It was not encrypted.
    #[error("the file was not encrypted")]
    Seal(#[from] SealFileError),
    /// There is a file of this name.
    #[error("{name} is in the repository already")]
    Exists {
        /// The name.
        name: String,
    },
    /// There is a file of this name under an earlier key of the same line.
    #[error("{name} is in the repository already, under an earlier key")]
    ExistsInLine {
        /// The name.
        name: String,
    },
    /// There is a file of this name, which the token would not allow to be replaced.
    #[error("{name} is in the repository already")]
    NotReplaceable {
        /// The name.
        name: String,
    },
    /// Somebody else wrote to the name between the commit and the look at its result.
    #[error("{name}: the file was replaced right after it was uploaded")]
    Replaced {
        /// The name.
        name: String,
        /// Who.
        source: Reason,
    },
    /// The storage lost blocks again and again before they could be committed.
    #[error("{name} was not uploaded")]
    BlocksLost {
        /// The name.
        name: String,
        /// Why.
        source: Reason,
    },
    /// The blob does not consist of what was sent.
    #[error("{name}: the upload could not be verified")]
    Incomplete {
        /// The name.
        name: String,
        /// How.
        source: Reason,
    },
    /// What the storage has under the name did not open, or is not the file that was uploaded under it.
    #[error("{name} was not downloaded")]
    NotOpened {
        /// The name.
        name: String,
        /// Why.
        source: NotOpened,
    },
    /// It was replaced while it was downloaded.
    #[error("{name} was not downloaded")]
    ReplacedMeanwhile {
        /// The name.
        name: String,
        /// How.
        source: Reason,
    },
    /// A name that cannot be a file's here, or that deceives.
    #[error("{name} cannot be written here")]
    HostileName {
        /// The name.
        name: String,
        /// Why.
        source: Reason,
    },
    /// A file's own name cannot be one in a repository.
    #[error("{} cannot have this name in a repository", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// Why.
        source: RepositoryPathError,
    },
    /// A file's own name is not UTF-8.
    #[error("the name {} is not UTF-8 text", path.display())]
    NotUtf8 {
        /// The name.
        path: PathBuf,
    },
    /// Two files would have one name in the repository.
    #[error("two files would be called {name}")]
    SameName {
        /// The name.
        name: String,
        /// The files.
        source: Reason,
    },
}

codes!(TransferError {
    Self::NotAFile { .. } => "not-a-file",
    Self::SourceChanged { .. } => "source-changed",
    Self::SourceTouched { .. } => "source-changed",
    Self::TooLarge(_) => "too-large",
    Self::Seal(_) => "seal",
    Self::Exists { .. } => "conflict",
    Self::ExistsInLine { .. } => "conflict",
    Self::NotReplaceable { .. } => "conflict",
    Self::Replaced { .. } => "conflict",
    Self::ReplacedMeanwhile { .. } => "conflict",
    Self::BlocksLost { .. } => "blocks-lost",
    Self::Incomplete { .. } => "incomplete",
    Self::NotOpened { source: NotOpened::Empty, .. } => "empty-blob",
    Self::NotOpened { .. } => "decrypt",
    Self::HostileName { .. } => "hostile-name",
    Self::Name { .. } => "usage",
    Self::NotUtf8 { .. } => "usage",
    Self::SameName { .. } => "usage",
    ;
    Self::File(error) => inner(error),
    Self::Storage(error) => inner(error),
    Self::Clock(error) => inner(error),
    Self::Workers(error) => inner(error),
});

/// A request to the storage failed. The text says what it was for.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct StorageError {
    /// What was not done: `"report.pdf was not uploaded"`.
    pub what: String,
    /// Why.
    pub source: BlobError,
}

impl StorageError {
    /// A failed request; `what` was not done.
    pub fn new(what: impl Into<String>, source: BlobError) -> Self {
        Self {
            what: what.into(),
            source,
        }
    }

    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.source.kind().code()
    }

    /// Whether every other request to the storage would fail in the same way.
    #[must_use]
    pub const fn ends_all(&self) -> bool {
        self.source.kind().ends_all()
    }
}

/// Why a file was not encrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealFileError {
    /// It was not begun.
    #[error(transparent)]
    Create(#[from] CreateFileError),
    /// A block was not sealed.
    #[error(transparent)]
    Block(#[from] SealBlockError),
    /// Its entry was not sealed.
    #[error(transparent)]
    Entry(#[from] SealError),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Why what a storage has under a name is not the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotOpened {
    /// The blob is empty, which no encrypted file is.
    #[error("its blob is empty")]
    Empty,
    /// The blob has no entry: it was copied without its metadata, or replaced.
    #[error("its entry is missing")]
    NoEntry,
    /// None of the keys opens it.
    #[error("{0}")]
    NoKey(Reason),
    /// It is malformed, a different file, or was changed.
    #[error("{0}")]
    Refused(Reason),
}

/// Why something failed, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(String);

impl Reason {
    /// A reason in these words.
    pub fn new(words: impl ToString) -> Self {
        Self(words.to_string())
    }
}
