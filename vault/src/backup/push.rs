//! What the next backup follows.
//!
//! A backup names the digest of the one before it, so that a chain with a gap or a fork can be told from one that is
//! whole. Which one that is, two sources say: what the place has, and what this device knows from elsewhere. The later
//! one counts, or a device that uses two places in turn would fork its own chain.

use zkvault_core::backup::{BackupChain, BackupRecord, Chains, Follows, KeyringStamp};
use zkvault_core::snapshot::SnapshotHead;

use super::Result;
use super::error::BackupError;
use super::known::KnownHeads;
use super::source::OneAccount;

/// The place of the next backup in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Its revision.
    pub revision: u64,
    /// The backup before; `None` of the first.
    pub parent: Option<SnapshotHead>,
    /// The same in a former chain, where a new one begins.
    pub follows: Option<Follows>,
}

/// The next backup of the first of the account's `chains`: it follows the newest that is at the place, or the known one
/// where that is later. `there` are the backups at the place, if they could be looked at.
///
/// A place that cannot be listed, with a token that may only write, is `None`: the memory has to do then. That two
/// devices do not write the same revision, the storage decides ([`Catalog::put`](super::Catalog::put)).
#[must_use]
pub fn next(there: Option<&OneAccount<'_>>, chains: &Chains, known: &KnownHeads, place: &str) -> Next {
    let own = there.map(|account| account.own.as_slice()).unwrap_or_default();
    let records: Vec<BackupRecord> = own.iter().map(|(_, record)| (*record).clone()).collect();
    let parent = BackupChain::new(&records).parent(known.of(chains, place));
    let is_of = |tag, head| {
        known.head(tag) == Some(head)
            || own
                .iter()
                .any(|(entry, record)| entry.tag == tag && record.head() == head)
    };
    let has_begun = |tag| known.head(tag).is_some() || own.iter().any(|(entry, _)| entry.tag == tag);
    let begins = chains.iter().next().is_some_and(|chain| !has_begun(chain.tag()));
    let follows = parent.filter(|_| begins).and_then(|head| {
        let former = chains.iter().skip(1).find(|chain| is_of(chain.tag(), head))?;
        let chain = former.tag();
        Some(Follows { chain, head })
    });
    Next {
        revision: parent.map_or(0, |head| head.revision) + 1,
        parent,
        follows,
    }
}

impl OneAccount<'_> {
    /// Refuses to put a keyring into the chain that is older than one that is there, or another copy that was saved as often:
    /// a fresh machine would get it.
    ///
    /// # Errors
    ///
    /// [`BackupError::KeyringBehind`].
    pub fn check_keyring(&self, ours: KeyringStamp) -> Result<()> {
        let stamps = self.own.iter().filter_map(|(_, record)| record.keyring);
        let is_ahead =
            |theirs: &KeyringStamp| theirs.serial > ours.serial || theirs.serial == ours.serial && *theirs != ours;
        match stamps.filter(is_ahead).map(|theirs| theirs.serial).max() {
            Some(theirs) => Err(BackupError::KeyringBehind {
                ours: ours.serial,
                theirs,
            }),
            None => Ok(()),
        }
    }
}
