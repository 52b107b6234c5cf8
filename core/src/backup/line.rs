//! The chain of backups (docs/spec/backup.md, "The chain"): each follows the one before. A storage can leave some out and
//! give old ones; it cannot make one.

use super::BackupRecord;
use crate::trust::{Head, Lineage};

/// The backups that are at one place, in any order.
#[derive(Debug, Clone, Copy)]
pub struct BackupLine<'a>(&'a [BackupRecord]);

/// How a backup stands in its line.
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

/// How a line continues from the head that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineProgress {
    /// By way of the backups that are there.
    Whole,
    /// Backups between the one that was known and the newest are missing: a fork could hide there.
    Gap,
}

impl<'a> BackupLine<'a> {
    /// The line of these backups.
    #[must_use]
    pub const fn new(records: &'a [BackupRecord]) -> Self {
        Self(records)
    }

    /// The backup of the highest revision.
    #[must_use]
    pub fn newest(&self) -> Option<&'a BackupRecord> {
        self.0.iter().max_by_key(|record| record.manifest.revision)
    }

    /// What the next backup follows: the newest that is there, or the known one where that is later.
    #[must_use]
    pub fn parent(&self, known: Option<Head>) -> Option<Head> {
        let newest = self.newest().map(BackupRecord::head);
        known.into_iter().chain(newest).max_by_key(|head| head.revision)
    }

    /// How a backup stands among the others, and to the one that is known.
    #[must_use]
    pub fn standing(&self, record: &BackupRecord, known: Option<Head>) -> BackupStanding {
        let head = record.head();
        let rival = |other: Head| other.revision == head.revision && other.digest != head.digest;
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
    #[must_use]
    pub fn lineage(&self, record: &BackupRecord, head: Head) -> Lineage {
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

    /// Whether the newest backup continues from the head that is known.
    ///
    /// # Errors
    /// [`BackupLineError`] when it does not: a person has to decide.
    pub fn check(&self, known: Option<Head>) -> Result<LineProgress, BackupLineError> {
        let Some(newest) = self.newest() else {
            return known.map_or(Ok(LineProgress::Whole), |known| Err(BackupLineError::Gone { known }));
        };
        if self.standing(newest, known) == BackupStanding::Forked {
            return Err(BackupLineError::forked(newest));
        }
        known.map_or(Ok(LineProgress::Whole), |known| self.follows(newest, known))
    }

    /// Whether a backup is the one of a head, or continues from there.
    ///
    /// # Errors
    /// [`BackupLineError`] when it is older, or of another line.
    pub fn follows(&self, record: &BackupRecord, known: Head) -> Result<LineProgress, BackupLineError> {
        let newest = record.head();
        match self.lineage(record, known) {
            Lineage::Same | Lineage::Next => Ok(LineProgress::Whole),
            Lineage::Later => Ok(LineProgress::Gap),
            Lineage::Older => Err(BackupLineError::Older { newest, known }),
            Lineage::Forked => Err(BackupLineError::forked(record)),
        }
    }
}

/// Backups do not continue from where they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupLineError {
    /// None is there any more.
    #[error("the backups are gone: {known} was here before")]
    Gone {
        /// The one that was known.
        known: Head,
    },
    /// An old state is there.
    #[error("the backup is older than expected: it is {newest}, and {known} was there before")]
    Older {
        /// The one that is there.
        newest: Head,
        /// The one that was known.
        known: Head,
    },
    /// Two backups claim one place in the line: two devices were shown different states.
    #[error("the backups have forked: {newest} of {device:?} does not follow the one that is known")]
    Forked {
        /// The one that is there.
        newest: Head,
        /// The device that made it.
        device: String,
    },
}

impl BackupLineError {
    /// This backup is of another line.
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
    use crate::snapshot::{Manifest, SnapshotDigest};

    fn digest(name: u8) -> SnapshotDigest {
        format!("{name:02x}").repeat(32).parse().unwrap()
    }

    fn backup(revision: u64, name: u8, parent: Option<u8>) -> BackupRecord {
        BackupRecord {
            host: "a.test".to_owned(),
            synced: 0,
            manifest: Manifest {
                revision,
                parent: parent.map(digest),
                time: 0,
                device: String::new(),
            },
            digest: digest(name),
        }
    }

    fn head(revision: u64, name: u8) -> Option<Head> {
        Some(Head {
            revision,
            digest: digest(name),
        })
    }

    fn word(all: &[BackupRecord], known: Option<Head>) -> &'static str {
        match BackupLine::new(all).check(known) {
            Ok(LineProgress::Whole) => "whole",
            Ok(LineProgress::Gap) => "gap",
            Err(BackupLineError::Gone { .. }) => "gone",
            Err(BackupLineError::Older { .. }) => "older",
            Err(BackupLineError::Forked { .. }) => "forked",
        }
    }

    #[test]
    fn a_line_goes_on_and_everything_else_is_noticed() {
        let line = [
            backup(1, 1, None),
            backup(2, 2, Some(1)),
            backup(3, 3, Some(2)),
            backup(4, 4, Some(3)),
        ];
        for known in [None, head(1, 1), head(3, 3), head(4, 4)] {
            assert_eq!(word(&line, known), "whole", "{known:?}");
        }
        assert_eq!(word(&line, head(5, 5)), "older");
        for fork in [head(4, 9), head(3, 9), head(1, 9)] {
            assert_eq!(word(&line, fork), "forked", "{fork:?}");
        }
        assert_eq!(word(&line[2..], head(1, 1)), "gap");
        assert_eq!(word(&line[3..], head(3, 3)), "whole");
        assert_eq!(word(&[], head(1, 1)), "gone");
        assert_eq!(word(&[], None), "whole");
    }

    #[test]
    fn each_backup_has_a_standing() {
        let standing = |record, all, known| BackupLine::new(all).standing(record, known).name();
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
        for (known, parent) in [
            (None, head(2, 2)),
            (head(1, 1), head(2, 2)),
            (head(2, 9), head(2, 2)),
            (head(3, 3), head(3, 3)),
        ] {
            assert_eq!(BackupLine::new(&line).parent(known), parent);
        }
        assert_eq!(BackupLine::new(&[]).parent(None), None);
    }
}
