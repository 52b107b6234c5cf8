//! Why the store cannot be used.
//!
//! Each variant is one thing that a person can act on. [`code`](StoreError::code) groups them further: a busy store is
//! worth another attempt, a damaged or stale one a new sync after a look at the machine, and a locked one a different
//! key or keyring. None of them holds a plaintext of the store: a path, a site's id and the database's own words are
//! all there is.

use std::error::Error;
use std::path::{Path, PathBuf};

use zkvault_core::store::RecordKind;
use zkvault_core::{DecryptError, SealError};

use crate::fs::FileError;

/// The cause of an error, from whatever keeps the records.
pub type Cause = Box<dyn Error + Send + Sync + 'static>;

/// The store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process is changing it.
    #[error("another zkv is changing the local store")]
    Busy {
        /// Which process it is, where that can be told; or what its keeper says, where the lock was free.
        source: Option<Cause>,
    },
    /// It cannot be believed.
    #[error("the local store was changed or damaged: {}", path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: Damage,
    },
    /// Records of some sites are missing or changed, or there are records that nothing names.
    #[error("{}", damaged_records(sites, *strays))]
    DamagedRecords {
        /// The sites, by their ids.
        sites: Vec<u64>,
        /// How many records are not the store's own.
        strays: usize,
    },
    /// A record of this site is missing or changed.
    #[error("what the local store has of site {0} was changed or damaged")]
    DamagedSite(u64),
    /// A newer program wrote it.
    #[error("the local store was written by a newer zkv: {}", path.display())]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// Its version, and ours.
        source: NewerVersion,
    },
    /// A program from before the first release wrote it.
    #[error("the local store was made by a pre-release of zkv: {}", path.display())]
    PreRelease {
        /// Where it is.
        path: PathBuf,
    },
    /// None of the keys opens it.
    #[error("no available key opens the local store")]
    Locked(#[source] DecryptError),
    /// The disk or the permissions do not let it be used. Nothing in it was changed.
    #[error("cannot read or write the local store {}", path.display())]
    Io {
        /// Where it is.
        path: PathBuf,
        /// What its keeper says.
        source: Cause,
    },
    /// Something could not be sealed.
    #[error("the local store was not written")]
    NotSealed(#[source] SealError),
    /// Something could not be put into words. Cannot be.
    #[error("{what} was not written")]
    Json {
        /// What.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The memory of the stores that were written cannot be read.
    #[error("{memory} cannot be read")]
    Memory {
        /// Which memory: a file, or the keyring's.
        memory: String,
        /// Why.
        source: MemoryFault,
    },
    /// The store is not the one that was written last.
    #[error("the local store is not the one that is remembered")]
    Stale(#[source] Staleness),
    /// The keyring does not take the memory.
    #[error("the keyring does not remember the store")]
    NotRemembered(#[source] Cause),
    /// There is no store, and there never was one.
    #[error("nothing was synced yet")]
    NotSynced,
    /// There is no store, and there was one.
    #[error("the local store of this profile is gone")]
    Gone,
    /// A file beside the store cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(StoreError {
    Self::Busy { .. } => "busy",
    Self::Damaged { .. } | Self::DamagedRecords { .. } => "store-damaged",
    Self::DamagedSite(_) => "site-damaged",
    Self::Newer { .. } => "newer-store",
    Self::PreRelease { .. } => "pre-release",
    Self::Locked(_) => "no-key",
    Self::Io { .. } => "io",
    Self::NotSealed(_) => "seal",
    Self::Json { .. } => "json",
    Self::Memory { .. } => "known-stores",
    Self::Stale(_) => "store-stale",
    Self::NotRemembered(_) => "keyring",
    Self::NotSynced | Self::Gone => "not-synced",
    ;
    Self::File(error) => inner(error),
});

/// What is wrong with a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The head does not open.
    #[error("its head does not open")]
    Head,
    /// It is under a personal key and others, or under several personal keys.
    #[error("its key is wrapped in two ways")]
    Keys,
    /// A part does not open.
    #[error("its part {0:?} does not open")]
    Part(RecordKind),
    /// The index, the details or the histories open, and are not as specified.
    #[error("its index is not as specified")]
    Index,
    /// The file is no store.
    #[error("it is a file of another kind")]
    OtherKind,
    /// A row has a number that no row has.
    #[error("a row has a negative number")]
    Row,
    /// What keeps the records says so.
    #[error("{0}")]
    Keeper(Cause),
}

/// The version of a store, and the one that this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has version {version}, and this program reads version {supported}")]
pub struct NewerVersion {
    /// The store's.
    pub version: i64,
    /// This program's.
    pub supported: i64,
}

/// Why a memory of stores cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryFault {
    /// It is longer than any that was written.
    #[error("it is too long")]
    TooLong,
    /// It is not as specified.
    #[error("it is not as specified")]
    Malformed,
    /// Another program, or a newer one, wrote it.
    #[error("it has another format or version")]
    Version,
}

/// How a store differs from the one that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Staleness {
    /// It is another store of the account.
    #[error("it is not the one that was written last")]
    Other,
    /// It was put back to an earlier revision.
    #[error("it is as it was at an earlier time")]
    Earlier,
}

impl StoreError {
    pub(crate) fn damaged(path: &Path, source: Damage) -> Self {
        let path = path.to_owned();
        Self::Damaged { path, source }
    }

    pub(crate) fn json(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Json { what, source }
    }
}

/// Sites that a message names at most.
const MAX_NAMED: usize = 10;

fn damaged_records(sites: &[u64], strays: usize) -> String {
    let mut named: Vec<String> = sites.iter().take(MAX_NAMED).map(u64::to_string).collect();
    if sites.len() > named.len() {
        named.push(format!("{} more", sites.len() - named.len()));
    }
    match sites.len() {
        0 => format!("the local store had {strays} records that are not its own"),
        _ => format!("the local store was changed or damaged at site {}", named.join(", ")),
    }
}
