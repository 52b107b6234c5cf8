//! Whether two snapshots of a vault belong to one line.

use crate::snapshot::{Manifest, SnapshotDigest};

/// The newest snapshot that a device knows of, or that a person names: its revision and digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its revision.
    pub revision: u64,
    /// Its digest.
    pub digest: SnapshotDigest,
}

/// Where a snapshot stands to a known one. Everything but `Same` and `Next` needs a person.
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
    /// It is of the same revision with another digest, or follows another one than the known: two devices were
    /// shown different states.
    Forked,
}

impl Head {
    /// Compares a snapshot with this one. `digest` is the snapshot's own,
    /// [`Snapshot::digest`](crate::Snapshot::digest).
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
