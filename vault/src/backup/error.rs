//! What can go wrong with backups.

use zkvault_core::backup::BackupLineError;

use crate::fs::FileError;
use crate::store::StoreError;
use crate::transfer::{Reason, StorageError, TransferError};

/// A backup was not made, found or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file or folder of this machine.
    #[error(transparent)]
    File(#[from] FileError),
    /// The local store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The way to the storage.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// It did not open: it is none, was changed, or is for other keys.
    #[error("the backup did not open")]
    NotOpened {
        /// Why.
        source: Reason,
        /// Which key or keyring would help, if one would.
        missing: Missing,
    },
    /// The passphrase opens none of the keyrings that came along.
    #[error("no keyring in the backups opened")]
    WrongPassphrase(#[source] Reason),
    /// It was not sealed.
    #[error("the backup was not made")]
    NotSealed(#[source] Reason),
    /// Records of the local store are damaged: a copy of it would look as good as any other.
    #[error(transparent)]
    Damaged(StoreError),
    /// The local store could not be put into words.
    #[error("the local store cannot be put into a backup")]
    NotCaptured(#[source] Reason),
    /// There is no backup of this revision that the keys open.
    #[error("there is no backup {revision}")]
    NoSuch {
        /// The revision.
        revision: u64,
    },
    /// There is none that the keys open.
    #[error("there is no backup that opens")]
    NoneThere(#[source] Reason),
    /// The repository has more than are listed.
    #[error("the repository has more than {most} backups")]
    TooMany {
        /// How many are listed at most.
        most: usize,
    },
    /// A different device made a backup of the same revision.
    #[error("another device made a backup of this revision")]
    Taken,
    /// The backups do not continue from the one that is known.
    #[error("{}", chain_words(.0).0)]
    Chain(BackupLineError, #[source] Reason),
    /// The memory of the newest backups cannot be read.
    #[error("{} cannot be read", path.display())]
    Memory {
        /// Where it is.
        path: std::path::PathBuf,
    },
    /// The newest backup was not remembered.
    #[error("the backup was not remembered")]
    NotRemembered(#[source] serde_json::Error),
}

codes!(BackupError {
    Self::NotOpened { .. } => "backup-not-opened",
    Self::WrongPassphrase(_) => "wrong-passphrase",
    Self::NotSealed(_) => "seal",
    Self::Damaged(_) => "store-damaged",
    Self::NotCaptured(_) => "not-saved",
    Self::NoSuch { .. } => "not-found",
    Self::NoneThere(_) => "not-found",
    Self::TooMany { .. } => "too-many",
    Self::Taken => "conflict",
    Self::Chain(BackupLineError::Gone { .. } | BackupLineError::Older { .. }, _) => "backup-older",
    Self::Chain(..) => "backup-forked",
    Self::Memory { .. } => "known-backups",
    Self::NotRemembered(_) => "json",
    ;
    Self::File(error) => inner(error),
    Self::Store(error) => inner(error),
    Self::Storage(error) => inner(error),
    Self::Transfer(error) => inner(error),
});

/// What would open a backup that did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// Nothing is known to.
    Nothing,
    /// The key that it was made with: no keyring came along.
    Key,
    /// The key that it was made with, or a profile that has it.
    KeyOrProfile,
    /// An earlier passphrase: its keyring is under a different one than the others.
    EarlierPassphrase,
}

impl BackupError {
    /// It did not open, and nothing is known to help.
    pub(crate) fn not_opened(cause: impl ToString) -> Self {
        Self::missing(cause, Missing::Nothing)
    }

    pub(crate) fn missing(cause: impl ToString, missing: Missing) -> Self {
        let source = Reason::new(cause);
        Self::NotOpened { source, missing }
    }
}

impl From<BackupLineError> for BackupError {
    fn from(error: BackupLineError) -> Self {
        let (_, cause) = chain_words(&error);
        Self::Chain(error, Reason::new(cause))
    }
}

/// What happened to a chain of backups, and how that shows.
fn chain_words(error: &BackupLineError) -> (&'static str, String) {
    match error {
        BackupLineError::Gone { known } => ("the backups are gone", format!("backup {known} was here before")),
        BackupLineError::Older { newest, known } => (
            "the newest backup is older than expected",
            format!("it is {newest}, and {known} was there before"),
        ),
        BackupLineError::Forked { newest, device } => (
            "the backups have forked",
            format!(
                "backup {newest} of {device:?} does not follow the one that is known: two devices were shown different states"
            ),
        ),
        other => ("the chain of backups does not continue", other.to_string()),
    }
}
