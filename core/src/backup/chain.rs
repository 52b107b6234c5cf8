//! The chain of backups (docs/spec/backup.md#memory): each follows the one before. A storage can leave some out and
//! give old ones; it cannot make one.
//!
//! Everything here takes records that [`BackupHeader::open`](super::BackupHeader::open) returned, which are
//! authentic. What remains to be found out is which of them a storage withheld, and whether two devices were shown
//! different ones. Only the person can make a record, so that a missing link is no attack by itself, and a fork
//! always needs a decision.
//!
//! ```
//! use zkvault_core::account::AccountName;
//! use zkvault_core::backup::{BackupChain, BackupChainError, BackupRecord, BackupStanding, KnownChain};
//! use zkvault_core::snapshot::{Manifest, SnapshotDigest};
//!
//! let account = AccountName::parse("acme.logmeonce.com")?;
//! let record = |revision: u64, content: &[u8], parent: Option<SnapshotDigest>| BackupRecord {
//!     account: account.clone(),
//!     synced: 1_700_000_000,
//!     keyring: None,
//!     follows: None,
//!     manifest: Manifest { revision, parent, time: 1_700_000_000, device: "laptop".to_owned() },
//!     digest: SnapshotDigest::of_document(content),
//! };
//! let first = record(1, b"one", None);
//! let second = record(2, b"two", Some(first.digest));
//! let records = [first.clone(), second.clone()];
//! let chain = BackupChain::new(&records);
//! assert_eq!(chain.newest(), Some(&second));
//! assert_eq!(chain.standing(&second, None), BackupStanding::Ok);
//!
//! // This place showed revision 2 before. If it shows only revision 1 now, it withholds something.
//! let known = KnownChain { chain: Some(second.head()), place: Some(second.head()) };
//! assert!(!chain.check(known)?.has_gap);
//! let rolled_back = BackupChain::new(&records[..1]).check(known);
//! assert!(matches!(rolled_back, Err(BackupChainError::Older { .. })));
//! // And if it shows a different revision 2, two devices were shown different states.
//! let rival = [first, record(2, b"other", None)];
//! assert!(matches!(BackupChain::new(&rival).check(known), Err(BackupChainError::Forked { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::BackupRecord;
use crate::snapshot::{Lineage, SnapshotHead};

/// The backups of one account that are at one place, in any order.
///
/// Borrowed, because a listing keeps the records anyway. The questions below take time in proportion to their number,
/// and [`lineage`](Self::lineage) to its square at worst.
#[derive(Debug, Clone, Copy)]
pub struct BackupChain<'a>(&'a [BackupRecord]);

/// How a backup stands in its chain.
///
/// For a list of backups: it says something of each, and refuses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupStanding {
    /// It follows the one before, or there is none before it.
    Ok,
    /// The one before it is missing, and there are older ones.
    ParentMissing,
    /// There is a different one of its revision, or it follows a different one than the one before.
    Forked,
}

impl BackupStanding {
    /// Its word, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ParentMissing => "parent-missing",
            Self::Forked => "forked",
        }
    }
}

/// How a chain continues from a head that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainProgress {
    /// By way of the backups that are there.
    Whole,
    /// Backups between the one that was known and the newest are missing: a fork could hide there.
    Gap,
}

impl<'a> BackupChain<'a> {
    /// The chain of these backups.
    #[must_use]
    pub const fn new(records: &'a [BackupRecord]) -> Self {
        Self(records)
    }

    /// The backup of the highest revision.
    #[must_use]
    pub fn newest(&self) -> Option<&'a BackupRecord> {
        self.0.iter().max_by_key(|record| record.manifest.revision)
    }

    /// What the next backup follows: the newest that is there, or a known one where that is later.
    ///
    /// `None` before the first backup of an account, which then has the revision 1. The other way around, the
    /// revision of the next backup is that of its parent plus one.
    #[must_use]
    pub fn parent(&self, known: KnownChain) -> Option<SnapshotHead> {
        let newest = self.newest().map(BackupRecord::head);
        let known = known.chain.into_iter().chain(known.place);
        known.chain(newest).max_by_key(|head| head.revision)
    }

    /// The highest serial of a keyring that came along with one of them.
    ///
    /// A keyring of a lower serial must not be put into the chain: it may be an old copy that a thief put back
    /// (threat model, Z56).
    #[must_use]
    pub fn keyring_serial(&self) -> Option<u64> {
        let stamps = self.0.iter().filter_map(|record| record.keyring);
        stamps.map(|stamp| stamp.serial).max()
    }

    /// How a backup stands among the others, and to the one that is known.
    ///
    /// `known` is the newest that is known of the place, so that a fork shows even where only one of its two sides is
    /// there.
    #[must_use]
    pub fn standing(&self, record: &BackupRecord, known: Option<SnapshotHead>) -> BackupStanding {
        let head = record.head();
        let rival = |other: SnapshotHead| other.revision == head.revision && other.digest != head.digest;
        if self.0.iter().map(BackupRecord::head).chain(known).any(rival) {
            return BackupStanding::Forked;
        }
        let mut before = self
            .0
            .iter()
            .filter(|other| other.manifest.revision < head.revision)
            .peekable();
        if before.peek().is_none() {
            return BackupStanding::Ok;
        }
        let parents: Vec<_> = before
            .filter(|other| other.manifest.revision + 1 == head.revision)
            .collect();
        match parents
            .iter()
            .any(|parent| Some(parent.digest) == record.manifest.parent)
        {
            true => BackupStanding::Ok,
            false if parents.is_empty() => BackupStanding::ParentMissing,
            false => BackupStanding::Forked,
        }
    }

    /// Where a backup stands to a head, by way of those that lie between.
    ///
    /// Walks from the record to its parents as far as they are there. [`Lineage::Later`] means that the walk ended at
    /// a missing one.
    #[must_use]
    pub fn lineage(&self, record: &BackupRecord, head: SnapshotHead) -> Lineage {
        let mut at = record;
        loop {
            match head.compare(&at.manifest, at.digest) {
                Lineage::Later => {}
                lineage => return lineage,
            }
            let is_parent = |other: &&BackupRecord| {
                Some(other.digest) == at.manifest.parent && other.manifest.revision + 1 == at.manifest.revision
            };
            match self.0.iter().find(is_parent) {
                Some(parent) => at = parent,
                None => return Lineage::Later,
            }
        }
    }

    /// Whether the backups at the place continue from what is known of the place and of the chain.
    ///
    /// A place must not be behind what it showed itself. It may be behind the chain, as where two containers are used in
    /// turn; whether that is allowed depends on what is to be done.
    ///
    /// # Errors
    /// * [`BackupChainError::Gone`] when the place showed backups before and shows none.
    /// * [`BackupChainError::Older`] when its newest is older than the one that it showed.
    /// * [`BackupChainError::Forked`] when a record has the revision of a known one and a different digest, or
    ///   follows a different one.
    ///
    /// A person may continue nevertheless; that is the caller's question.
    pub fn check(&self, known: KnownChain) -> Result<ChainCheck, BackupChainError> {
        let Some(newest) = self.newest() else {
            return match known.place {
                Some(known) => Err(BackupChainError::Gone { known }),
                None => Ok(ChainCheck::of_new_place(known)),
            };
        };
        if self.standing(newest, known.place) == BackupStanding::Forked {
            return Err(BackupChainError::forked(newest));
        }
        let from_place = known.place.map(|head| self.follows(newest, head)).transpose()?;
        let (from_chain, behind) = match known.chain.map(|head| (head, self.follows(newest, head))) {
            Some((known, Err(BackupChainError::Older { newest, .. }))) => {
                (None, Some(BackupChainError::Older { newest, known }))
            }
            Some((_, followed)) => (Some(followed?), None),
            None => (None, None),
        };
        let mut steps = from_place.into_iter().chain(from_chain).peekable();
        Ok(ChainCheck {
            has_gap: steps.peek().is_some() && steps.all(|progress| progress == ChainProgress::Gap),
            behind,
            is_new_place: known.place.is_none() && known.chain.is_some(),
        })
    }

    /// Whether a backup is the one of a head, or continues from there.
    ///
    /// # Errors
    /// [`BackupChainError::Older`] when it has a lower revision, and [`BackupChainError::Forked`] when it is of the
    /// same one with a different digest or descends from a different one.
    pub fn follows(&self, record: &BackupRecord, known: SnapshotHead) -> Result<ChainProgress, BackupChainError> {
        let newest = record.head();
        let mut at_known = self
            .0
            .iter()
            .filter(|other| other.manifest.revision == known.revision)
            .peekable();
        let is_elsewhere = at_known.peek().is_some() && at_known.all(|other| other.digest != known.digest);
        match self.lineage(record, known) {
            Lineage::Same | Lineage::Next => Ok(ChainProgress::Whole),
            Lineage::Later if is_elsewhere => Err(BackupChainError::forked(record)),
            Lineage::Later => Ok(ChainProgress::Gap),
            Lineage::Older => Err(BackupChainError::Older { newest, known }),
            Lineage::Forked => Err(BackupChainError::forked(record)),
        }
    }
}

/// The newest backups that are known: of the chain, wherever it was seen, and of the chain at one place.
///
/// Kept in a file beside the keyring and, for other devices, in the keyring itself. Both `None` is a device that
/// never saw the chain: then nothing can be compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownChain {
    /// The newest of the chain.
    pub chain: Option<SnapshotHead>,
    /// The newest that this place showed.
    pub place: Option<SnapshotHead>,
}

/// What is worth a word about a chain that continues.
///
/// None of these stops a backup from being listed or verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainCheck {
    /// Backups between those that are known and the newest are missing.
    pub has_gap: bool,
    /// The place is behind the chain, and never showed more. To restore from it needs consent.
    pub behind: Option<BackupChainError>,
    /// The place never showed a backup of this chain, which is known from elsewhere.
    pub is_new_place: bool,
}

impl ChainCheck {
    /// Of a place without backups that never had any.
    fn of_new_place(known: KnownChain) -> Self {
        Self {
            has_gap: false,
            behind: None,
            is_new_place: known.chain.is_some(),
        }
    }
}

/// Whether a backup under a former personal key is superseded by one under a newer key: the chains of an account continue
/// each other, so a former one ends where the next begins. `all` has every backup with the age of its key, 0 for the one
/// in use.
///
/// Anyone who knew the passphrase before a renewal may have the former key and could add to its chain: such a backup
/// has a revision that the newer chain reached already, and must not be chosen
/// (docs/spec/backup.md#a-new-personal-key).
#[must_use]
pub fn is_superseded(record: &BackupRecord, age: usize, all: &[(usize, &BackupRecord)]) -> bool {
    all.iter()
        .any(|(other, newer)| *other < age && newer.manifest.revision <= record.manifest.revision)
}

/// Backups do not continue from where they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupChainError {
    /// None is there any more.
    #[error("the backups are gone: {known} was here before")]
    Gone {
        /// The one that was known.
        known: SnapshotHead,
    },
    /// An old state is there.
    #[error("the backup is older than expected: it is {newest}, and {known} is known")]
    Older {
        /// The one that is there.
        newest: SnapshotHead,
        /// The one that was known.
        known: SnapshotHead,
    },
    /// Two backups claim one place in the chain: two devices were shown different states.
    #[error("the backups have forked: {newest} of {device:?} does not follow the one that is known")]
    Forked {
        /// The one that is there.
        newest: SnapshotHead,
        /// The device that made it.
        device: String,
    },
}

impl BackupChainError {
    /// This backup is of another chain than the one that is known.
    #[must_use]
    pub fn forked(record: &BackupRecord) -> Self {
        Self::Forked {
            newest: record.head(),
            device: record.manifest.device.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountName;
    use crate::snapshot::{Manifest, SnapshotDigest};

    fn digest(name: u8) -> SnapshotDigest {
        format!("{name:02x}").repeat(32).parse().unwrap()
    }

    fn backup(revision: u64, name: u8, parent: Option<u8>) -> BackupRecord {
        BackupRecord {
            account: AccountName::parse("a.test").unwrap(),
            synced: 0,
            keyring: None,
            follows: None,
            manifest: Manifest {
                revision,
                parent: parent.map(digest),
                time: 0,
                device: String::new(),
            },
            digest: digest(name),
        }
    }

    fn head(revision: u64, name: u8) -> Option<SnapshotHead> {
        Some(SnapshotHead {
            revision,
            digest: digest(name),
        })
    }

    fn known(chain: Option<SnapshotHead>, place: Option<SnapshotHead>) -> KnownChain {
        KnownChain { chain, place }
    }

    fn word(all: &[BackupRecord], known: KnownChain) -> &'static str {
        match BackupChain::new(all).check(known) {
            Ok(ChainCheck {
                behind: Some(_),
                is_new_place: true,
                ..
            }) => "new and behind",
            Ok(ChainCheck { behind: Some(_), .. }) => "behind",
            Ok(ChainCheck { is_new_place: true, .. }) => "new",
            Ok(ChainCheck { has_gap: true, .. }) => "gap",
            Ok(ChainCheck { .. }) => "whole",
            Err(BackupChainError::Gone { .. }) => "gone",
            Err(BackupChainError::Older { .. }) => "older",
            Err(BackupChainError::Forked { .. }) => "forked",
        }
    }

    fn four() -> [BackupRecord; 4] {
        [
            backup(1, 1, None),
            backup(2, 2, Some(1)),
            backup(3, 3, Some(2)),
            backup(4, 4, Some(3)),
        ]
    }

    #[test]
    fn a_place_goes_on_from_what_it_showed_and_everything_else_is_noticed() {
        let chain = four();
        let at_place = |head| known(head, head);
        for head in [None, head(1, 1), head(3, 3), head(4, 4)] {
            assert_eq!(word(&chain, at_place(head)), "whole", "{head:?}");
        }
        assert_eq!(word(&chain, at_place(head(5, 5))), "older");
        for fork in [head(4, 9), head(3, 9), head(1, 9)] {
            assert_eq!(word(&chain, at_place(fork)), "forked", "{fork:?}");
        }
        assert_eq!(word(&chain[2..], at_place(head(1, 1))), "gap");
        assert_eq!(word(&chain[3..], at_place(head(3, 3))), "whole");
        assert_eq!(word(&[], at_place(head(1, 1))), "gone");
        assert_eq!(word(&[], at_place(None)), "whole");
    }

    /// Two containers in turn: each has every other backup.
    #[test]
    fn a_place_may_be_behind_the_chain_and_not_beside_it() {
        let chain = four();
        assert_eq!(word(&chain[..2], known(head(4, 4), head(2, 2))), "behind");
        assert_eq!(word(&chain[..2], known(head(4, 4), head(1, 1))), "behind");
        assert_eq!(word(&chain[..2], known(head(4, 4), head(3, 3))), "older");
        assert_eq!(word(&chain[..2], known(head(4, 4), None)), "new and behind");
        assert_eq!(word(&chain, known(head(4, 4), None)), "new");
        assert_eq!(word(&[], known(head(4, 4), None)), "new");
        assert_eq!(word(&[], known(head(4, 4), head(1, 1))), "gone");
        assert_eq!(word(&chain, known(head(4, 9), None)), "forked");
        assert_eq!(word(&chain, known(head(3, 9), head(1, 1))), "forked");
        // What lies between is at the other place, and known from there.
        assert_eq!(word(&chain[3..], known(head(3, 3), head(1, 1))), "whole");
        assert_eq!(
            word(&[chain[0].clone(), chain[3].clone()], known(head(2, 2), head(1, 1))),
            "gap"
        );
    }

    /// An equal digest at the revision that is expected; a missing link is no fork, a different one there is.
    #[test]
    fn what_is_expected_is_the_same_or_lies_before() {
        let chain = four();
        let expect =
            |all: &[BackupRecord], record: &BackupRecord, expected: Option<SnapshotHead>| match BackupChain::new(all)
                .follows(record, expected.unwrap())
            {
                Ok(ChainProgress::Whole) => "whole",
                Ok(ChainProgress::Gap) => "gap",
                Err(BackupChainError::Older { .. }) => "older",
                Err(_) => "forked",
            };
        assert_eq!(expect(&chain, &chain[3], head(4, 4)), "whole");
        assert_eq!(expect(&chain, &chain[3], head(1, 1)), "whole");
        assert_eq!(expect(&chain, &chain[3], head(2, 9)), "forked");
        assert_eq!(expect(&chain, &chain[1], head(3, 3)), "older");
        assert_eq!(expect(&chain[3..], &chain[3], head(1, 1)), "gap");
        let gap = [backup(1, 9, None), chain[3].clone()];
        assert_eq!(
            expect(&gap, &gap[1], head(1, 1)),
            "forked",
            "a different one is where it should be"
        );
    }

    /// Anyone who knew the old passphrase has the former personal key.
    #[test]
    fn a_former_chain_ends_where_the_next_begins() {
        let (former, new) = (four(), [backup(4, 7, Some(3)), backup(5, 8, Some(7))]);
        let all: Vec<_> = former
            .iter()
            .map(|record| (1, record))
            .chain(new.iter().map(|record| (0, record)))
            .collect();
        let superseded: Vec<_> = all
            .iter()
            .map(|(age, record)| is_superseded(record, *age, &all))
            .collect();
        assert_eq!(superseded, [false, false, false, true, false, false]);
    }

    #[test]
    fn the_highest_serial_of_a_keyring_counts() {
        let mut chain = four();
        assert_eq!(BackupChain::new(&chain).keyring_serial(), None);
        chain[1].keyring = Some(super::super::KeyringStamp::new(9, b"x"));
        chain[2].keyring = Some(super::super::KeyringStamp::new(7, b"x"));
        assert_eq!(BackupChain::new(&chain).keyring_serial(), Some(9));
    }

    #[test]
    fn each_backup_has_a_standing() {
        let standing = |record, all, known| BackupChain::new(all).standing(record, known).name();
        let line = [
            backup(2, 2, Some(1)),
            backup(3, 3, Some(2)),
            backup(5, 5, Some(4)),
            backup(6, 7, Some(9)),
        ];
        let all: Vec<_> = line.iter().map(|record| standing(record, &line, None)).collect();
        assert_eq!(all, ["ok", "ok", "parent-missing", "forked"]);
        let twins = [backup(2, 2, Some(1)), backup(2, 3, Some(1))];
        assert!(twins.iter().all(|record| standing(record, &twins, None) == "forked"));
        assert_eq!(standing(&line[1], &line, head(3, 8)), "forked");
    }

    /// A person who continues nevertheless continues from what is there, unless that is behind.
    #[test]
    fn the_next_one_follows_the_newest() {
        let line = [backup(1, 1, None), backup(2, 2, Some(1))];
        for (place, parent) in [
            (None, head(2, 2)),
            (head(1, 1), head(2, 2)),
            (head(2, 9), head(2, 2)),
            (head(3, 3), head(3, 3)),
        ] {
            assert_eq!(BackupChain::new(&line).parent(known(None, place)), parent);
        }
        assert_eq!(
            BackupChain::new(&line).parent(known(head(5, 5), head(3, 3))),
            head(5, 5)
        );
        assert_eq!(BackupChain::new(&[]).parent(KnownChain::default()), None);
    }
}
