//! Whether the backups at a place continue from the newest ones that are known.
//!
//! The rules are core's ([`BackupChain`](zkvault_core::backup::BackupChain)); here is what a caller shows of them, and
//! the consent of a person. The place and the chain are two memories: at this place the newest must not go back, and in
//! the chain nothing may fork, wherever the backups are (docs/spec/backup.md#memory).

use zkvault_core::backup::{BackupChain, BackupChainError, BackupRecord, KnownChain};
use zkvault_core::snapshot::SnapshotHead;

use super::Result;
use super::error::BackupError;

/// What is worth a word about backups that continue from the known ones, or that a person accepts.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainNote {
    /// Backups between the last one that was known and the newest are missing.
    Gap,
    /// The newest at this place is older than the newest of the chain, which was seen elsewhere.
    Behind(BackupChainError),
    /// The chain is known, and this place never had a backup of it.
    NewPlace,
    /// They do not continue from the known one, and a person accepts that.
    Accepted(BackupError),
}

/// What the newest backup at a place is.
#[derive(Debug)]
pub struct NewestInChain {
    /// Its head; `None` where there is none.
    pub head: Option<SnapshotHead>,
    /// What is worth a word.
    pub notes: Vec<ChainNote>,
}

/// The newest backup, if the chain continues to it from the ones that are known; or, with `accept`, whatever it is.
///
/// `records` are all that the place has of the account, in any order. With `accept` an error becomes
/// [`ChainNote::Accepted`], and the caller remembers the head that is there as the newest.
///
/// # Errors
///
/// [`BackupError::Chain`].
pub fn newest_in_chain(records: &[BackupRecord], known: KnownChain, accept: bool) -> Result<NewestInChain> {
    let chain = BackupChain::new(records);
    let mut notes = Vec::new();
    match chain.check(known) {
        Ok(check) => {
            notes.extend(check.is_new_place.then_some(ChainNote::NewPlace));
            notes.extend(check.has_gap.then_some(ChainNote::Gap));
            notes.extend(check.behind.map(ChainNote::Behind));
        }
        Err(error) if accept => notes.push(ChainNote::Accepted(error.into())),
        Err(error) => return Err(error.into()),
    }
    Ok(NewestInChain {
        head: chain.newest().map(BackupRecord::head),
        notes,
    })
}
