//! What can go wrong with backups.
//!
//! A [`Reason`] is a sentence of its own, without keys, passphrases or the signature of a SAS. What one backup suffers,
//! a listing keeps beside the entry ([`Unread`](super::Unread)) and does not return: one that cannot be read never
//! hides the others.

use zkvault_core::backup::{BackupChainError, BackupError as ReadError};
use zkvault_core::keyring::MergeError;

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
    /// The repository has more blobs there than are looked at.
    #[error("the repository has more than {most} blobs where the backups are")]
    TooMany {
        /// How many are looked at.
        most: usize,
    },
    /// A program from before the first release made it.
    #[error("the backup was made by a pre-release of zkv")]
    PreRelease,
    /// There are backups of several accounts, and none was named.
    #[error("there are backups of several accounts")]
    SeveralAccounts(#[source] Reason),
    /// A newer chain of the account begins before it.
    #[error("backup {revision} is under a former personal key, and a newer chain begins before it")]
    Superseded {
        /// Its revision.
        revision: u64,
    },
    /// It is under a personal key that a newer one replaced.
    #[error("the backup was made with a former personal key")]
    Former,
    /// A keyring in the chain is newer than the one that would go along, or another copy that was saved as often.
    #[error(
        "a backup in the chain has another copy of the keyring: it was saved {theirs} times, and this one {ours} times"
    )]
    KeyringBehind {
        /// The serial of the keyring here.
        ours: u64,
        /// The highest one in the chain.
        theirs: u64,
    },
    /// Only key files are there.
    #[error("a backup needs a keyring")]
    NoKeyring,
    /// The keyring does not take what is to be remembered in it.
    #[error("the keyring does not remember the backup")]
    NotKept(#[source] Reason),
    /// A person, or the limits of a search that nobody watches, ended it.
    #[error("the search for a keyring ended after {tried} of them")]
    GaveUp {
        /// How many were tried.
        tried: usize,
    },
    /// The two keyrings do not become one.
    #[error("the keyrings were not merged")]
    NotMerged(#[source] MergeError),
    /// The keyring in the backup is not another copy of this one.
    #[error("the keyring in the backup is not a copy of this one")]
    OtherKeyring,
    /// A different device made a backup of the same revision.
    #[error("another device made a backup of this revision")]
    Taken,
    /// The backups do not continue from the one that is known.
    #[error("{}", chain_words(.0).0)]
    Chain(BackupChainError, #[source] Reason),
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
    Self::PreRelease => "pre-release",
    Self::SeveralAccounts(_) => "ambiguous",
    Self::Superseded { .. } => "backup-forked",
    Self::Former => "former-key",
    Self::KeyringBehind { .. } => "keyring-behind",
    Self::NoKeyring => "personal-key",
    Self::NotKept(_) => "keyring-full",
    Self::GaveUp { .. } => "input-needed",
    Self::OtherKeyring => "other-keyring",
    Self::NotMerged(_) => "keyring",
    Self::Taken => "conflict",
    Self::Chain(BackupChainError::Gone { .. } | BackupChainError::Older { .. }, _) => "backup-older",
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
    /// The keyring whose personal key it was made with: none came along.
    Keyring,
    /// A profile that has that keyring, or is one of its recipients.
    Profile,
    /// An earlier passphrase: its keyring is under a different one than the others.
    EarlierPassphrase,
}

impl BackupError {
    /// Its header cannot be read.
    pub(crate) fn unreadable(error: ReadError) -> Self {
        match error {
            ReadError::PreRelease => Self::PreRelease,
            error => Self::not_opened(error),
        }
    }

    /// It did not open, and nothing is known to help.
    pub(crate) fn not_opened(cause: impl ToString) -> Self {
        Self::missing(cause, Missing::Nothing)
    }

    pub(crate) fn missing(cause: impl ToString, missing: Missing) -> Self {
        let source = Reason::new(cause);
        Self::NotOpened { source, missing }
    }
}

impl From<BackupChainError> for BackupError {
    fn from(error: BackupChainError) -> Self {
        let (_, cause) = chain_words(&error);
        Self::Chain(error, Reason::new(cause))
    }
}

/// What happened to a chain of backups, and how that shows.
fn chain_words(error: &BackupChainError) -> (&'static str, String) {
    match error {
        BackupChainError::Gone { known } => ("the backups are gone", format!("backup {known} was here before")),
        BackupChainError::Older { newest, known } => (
            "the newest backup is older than expected",
            format!("it is {newest}, and {known} is known"),
        ),
        BackupChainError::Forked { newest, device } => (
            "the backups have forked",
            format!(
                "backup {newest} of {device:?} does not follow the one that is known: two devices were shown different states"
            ),
        ),
        other => ("the chain of backups does not continue", other.to_string()),
    }
}
