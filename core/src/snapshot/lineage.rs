//! Whether two snapshots of a vault belong to one line.
//!
//! A device that knows the head of its vault's snapshots notices an old state and a fork; one that knows none notices
//! neither (threat model, Z14 to Z16). People may carry the head on a printed sheet.

use std::fmt;
use std::str::FromStr;

use super::{Manifest, SnapshotDigest};

/// The newest snapshot that a device knows of, or that a person names: its revision and digest.
///
/// ```
/// use zkvault_core::snapshot::{Lineage, Manifest, SnapshotDigest, SnapshotHead};
///
/// let [first, second, third] = [b"one", b"two", b"333"].map(|text| SnapshotDigest::of_document(text));
/// let head = SnapshotHead { revision: 1, digest: first };
/// let manifest = |revision, parent| Manifest { revision, parent, time: 1_700_000_000, device: "laptop".to_owned() };
/// assert_eq!(head.compare(&manifest(1, None), first), Lineage::Same);
/// assert_eq!(head.compare(&manifest(2, Some(first)), second), Lineage::Next);
/// assert_eq!(head.compare(&manifest(3, Some(second)), third), Lineage::Later, "what is between is not known");
/// assert_eq!(head.compare(&manifest(2, Some(third)), second), Lineage::Forked);
/// assert_eq!(head.to_string().parse::<SnapshotHead>()?, head);
/// # Ok::<(), zkvault_core::snapshot::SnapshotHeadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Its revision.
    pub revision: u64,
    /// Its digest.
    pub digest: SnapshotDigest,
}

/// Where a snapshot stands to a known one. Everything but `Same` and `Next` needs a person.
///
/// [`BackupChain::lineage`](crate::backup::BackupChain::lineage) looks at what lies between, where that is there, and
/// turns `Later` into one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lineage {
    /// It is the known one.
    Same,
    /// It follows the known one.
    Next,
    /// It is later, but what lies between is not known: a fork could hide there.
    Later,
    /// It is older than the known one: an old state was served.
    Older,
    /// It is of the same revision with another digest, or follows a different one than the known: two devices were
    /// shown different states.
    Forked,
}

impl SnapshotHead {
    /// Compares a snapshot with this one. `digest` is the snapshot's own,
    /// [`Snapshot::digest`](crate::snapshot::Snapshot::digest).
    ///
    /// A parent must have the revision before: a snapshot of revision 5 that names the head of revision 1 as its
    /// parent is a fork.
    #[must_use]
    pub fn compare(&self, manifest: &Manifest, digest: SnapshotDigest) -> Lineage {
        let follows = manifest.parent == Some(self.digest);
        match manifest.revision.checked_sub(self.revision) {
            None => Lineage::Older,
            Some(0) if digest == self.digest => Lineage::Same,
            Some(1) if follows => Lineage::Next,
            Some(0 | 1) => Lineage::Forked,
            // A parent has the revision before.
            Some(_) if follows => Lineage::Forked,
            Some(_) => Lineage::Later,
        }
    }
}

/// As people write and compare it: the revision, a colon, and the digest.
impl fmt::Display for SnapshotHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.revision, self.digest)
    }
}

/// Reads what `Display` writes, and nothing else.
impl FromStr for SnapshotHead {
    type Err = SnapshotHeadError;

    fn from_str(text: &str) -> Result<Self, SnapshotHeadError> {
        let (revision, digest) = text.split_once(':').ok_or(SnapshotHeadError)?;
        let head = Self {
            revision: revision.parse().map_err(|_| SnapshotHeadError)?,
            digest: digest.parse().map_err(|_| SnapshotHeadError)?,
        };
        match head.to_string() == text {
            true => Ok(head),
            false => Err(SnapshotHeadError),
        }
    }
}

/// A text is not the head of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a revision, a colon and 64 hexadecimal digits")]
pub struct SnapshotHeadError;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::Snapshot;

    #[test]
    fn a_head_has_one_text() {
        let text = format!("12:{}", "0a".repeat(32));
        assert_eq!(text.parse::<SnapshotHead>().unwrap().to_string(), text);
        for wrong in [
            "",
            "12",
            ":",
            &text[1..][1..],
            &format!("+{text}"),
            &format!("0{text}"),
            &format!("{text}0"),
        ] {
            assert_eq!(wrong.parse::<SnapshotHead>(), Err(SnapshotHeadError), "{wrong:?}");
        }
    }

    /// Two devices and a server that shows each its own line of snapshots.
    #[test]
    fn z15_two_devices_that_see_different_snapshots() {
        let first = snapshot(1, None, "a");
        let on_a = snapshot(2, Some(&first), "a");
        let on_b = snapshot(2, Some(&first), "b");
        let follows_b = snapshot(3, Some(&on_b), "b");
        let known = head(&on_a);
        assert_eq!(compare(&known, &on_a), Lineage::Same);
        assert_eq!(compare(&known, &snapshot(3, Some(&on_a), "b")), Lineage::Next);
        assert_eq!(compare(&known, &on_b), Lineage::Forked, "same revision, other digest");
        assert_eq!(compare(&known, &follows_b), Lineage::Forked, "unknown parent");
        assert_eq!(compare(&known, &snapshot(4, Some(&follows_b), "b")), Lineage::Later);
        assert_eq!(
            compare(&known, &snapshot(4, Some(&on_a), "b")),
            Lineage::Forked,
            "a revision skipped"
        );
    }

    #[test]
    fn z16_a_device_that_was_given_the_head_refuses_an_older_snapshot() {
        let first = snapshot(1, None, "a");
        let second = snapshot(2, Some(&first), "a");
        assert_eq!(compare(&head(&second), &first), Lineage::Older);
    }

    fn snapshot(revision: u64, parent: Option<&Snapshot>, device: &str) -> Snapshot {
        let empty = serde_json::value::to_raw_value(&json!([])).unwrap();
        Snapshot {
            manifest: Manifest {
                revision,
                parent: parent.map(digest),
                time: 0,
                device: device.to_owned(),
            },
            sites: empty.clone(),
            users: empty.clone(),
            groups: empty.clone(),
            pins: empty,
        }
    }

    fn digest(snapshot: &Snapshot) -> SnapshotDigest {
        snapshot.digest().unwrap()
    }

    fn head(snapshot: &Snapshot) -> SnapshotHead {
        SnapshotHead {
            revision: snapshot.manifest.revision,
            digest: digest(snapshot),
        }
    }

    fn compare(head: &SnapshotHead, snapshot: &Snapshot) -> Lineage {
        head.compare(&snapshot.manifest, digest(snapshot))
    }
}
