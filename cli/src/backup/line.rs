//! The line of backups: each follows the one before. A storage can leave some out and give old ones; it cannot make one.

use serde::Serialize;
use zkvault_core::{BackupRecord, Head, Lineage};

use super::shown;
use crate::error::{CliError, Exit, Result};

/// How a backup stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// It follows the one before, or there is none before it.
    Ok,
    /// The one before it is missing, and there are older ones.
    ParentMissing,
    /// There is another one of its revision, or it follows another one than the one before.
    Forked,
}

impl Standing {
    pub(crate) fn is_forked(self) -> bool {
        self == Self::Forked
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ParentMissing => "parent-missing",
            Self::Forked => "forked",
        }
    }
}

/// How a backup stands among the others, and to the one that is remembered.
pub(crate) fn judge(record: &BackupRecord, all: &[BackupRecord], known: Option<Head>) -> Standing {
    let head = record.head();
    let rival = |other: Head| other.revision == head.revision && other.digest != head.digest;
    if all.iter().map(BackupRecord::head).chain(known).any(rival) {
        return Standing::Forked;
    }
    let mut before = all
        .iter()
        .filter(|other| other.manifest.revision < head.revision)
        .peekable();
    if before.peek().is_none() {
        return Standing::Ok;
    }
    let parents: Vec<_> = before
        .filter(|other| other.manifest.revision + 1 == head.revision)
        .collect();
    match parents
        .iter()
        .any(|parent| Some(parent.digest) == record.manifest.parent)
    {
        true => Standing::Ok,
        false if parents.is_empty() => Standing::ParentMissing,
        false => Standing::Forked,
    }
}

/// Where a backup stands to a head, by way of those that lie between.
pub(crate) fn lineage(record: &BackupRecord, all: &[BackupRecord], head: Head) -> Lineage {
    let mut at = record;
    loop {
        match head.compare(&at.manifest, at.digest) {
            Lineage::Later => {}
            lineage => return lineage,
        }
        let is_parent = |other: &&BackupRecord| {
            Some(other.digest) == at.manifest.parent && other.manifest.revision + 1 == at.manifest.revision
        };
        match all.iter().find(is_parent) {
            Some(parent) => at = parent,
            None => return Lineage::Later,
        }
    }
}

/// Refuses a newest backup that does not go on from the head that is known. Returns what else is to be said about it.
pub(crate) fn check(
    newest: Option<&BackupRecord>,
    all: &[BackupRecord],
    known: Option<Head>,
) -> Result<Option<&'static str>> {
    const HINT: &str = "zkv backup list shows what is there; push, verify and restore go on from it with --accept";
    let Some(newest) = newest else {
        return match known {
            None => Ok(None),
            Some(known) => Err(integrity("backup-older", "the backups are gone")
                .cause(format!("backup {} was here before", shown(known)))
                .hint(HINT)),
        };
    };
    if judge(newest, all, known).is_forked() {
        return Err(forked(newest).hint(HINT));
    }
    let Some(known) = known else { return Ok(None) };
    match lineage(newest, all, known) {
        Lineage::Same | Lineage::Next => Ok(None),
        Lineage::Later => Ok(Some(
            "backups between the last one that was known and the newest are missing",
        )),
        Lineage::Older => Err(integrity("backup-older", "the newest backup is older than expected")
            .cause(format!(
                "it is revision {}, and {} was there before",
                newest.manifest.revision,
                shown(known)
            ))
            .hint(HINT)),
        _ => Err(forked(newest).hint(HINT)),
    }
}

/// Two backups claim one place in the line.
pub(crate) fn forked(newest: &BackupRecord) -> CliError {
    integrity("backup-forked", "there are two lines of backups").cause(format!(
        "backup {} of {:?} does not follow the one that is known: two devices were shown different states",
        shown(newest.head()),
        newest.manifest.device
    ))
}

fn integrity(code: &'static str, message: &str) -> CliError {
    CliError::new(Exit::Integrity, code, message)
}

#[cfg(test)]
mod tests {
    use zkvault_core::{Manifest, SnapshotDigest};

    use super::*;

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

    fn code(all: &[BackupRecord], known: Option<Head>) -> &'static str {
        let newest = all.iter().max_by_key(|record| record.manifest.revision);
        match check(newest, all, known) {
            Ok(None) => "ok",
            Ok(Some(_)) => "gap",
            Err(error) => error.code,
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
            assert_eq!(code(&line, known), "ok", "{known:?}");
        }
        assert_eq!(code(&line, head(5, 5)), "backup-older");
        for fork in [head(4, 9), head(3, 9), head(1, 9)] {
            assert_eq!(code(&line, fork), "backup-forked", "{fork:?}");
        }
        assert_eq!(code(&line[2..], head(1, 1)), "gap");
        assert_eq!(code(&line[3..], head(3, 3)), "ok");
        assert_eq!(code(&[], head(1, 1)), "backup-older");
        assert_eq!(code(&[], None), "ok");
    }

    #[test]
    fn each_backup_has_a_standing() {
        let line = [
            backup(2, 2, Some(1)),
            backup(3, 3, Some(2)),
            backup(5, 5, Some(4)),
            backup(6, 7, Some(9)),
        ];
        let all: Vec<_> = line.iter().map(|record| judge(record, &line, None)).collect();
        assert_eq!(
            all,
            [Standing::Ok, Standing::Ok, Standing::ParentMissing, Standing::Forked]
        );
        let twins = [backup(2, 2, Some(1)), backup(2, 3, Some(1))];
        assert!(
            twins
                .iter()
                .all(|record| judge(record, &twins, None) == Standing::Forked)
        );
        assert_eq!(judge(&line[1], &line, head(3, 8)), Standing::Forked);
    }
}
