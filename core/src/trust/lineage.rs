//! Whether two snapshots of a vault belong to one line.

use std::fmt;
use std::str::FromStr;

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
    /// It is of the same revision with another digest, or follows a different one than the known: two devices were
    /// shown different states.
    Forked,
}

impl Head {
    /// Compares a snapshot with this one. `digest` is the snapshot's own,
    /// [`Snapshot::digest`](crate::snapshot::Snapshot::digest).
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
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.revision, self.digest)
    }
}

/// Reads what `Display` writes, and nothing else.
impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (revision, digest) = text.split_once(':').ok_or(HeadError)?;
        let head = Self {
            revision: revision.parse().map_err(|_| HeadError)?,
            digest: digest.parse().map_err(|_| HeadError)?,
        };
        match head.to_string() == text {
            true => Ok(head),
            false => Err(HeadError),
        }
    }
}

/// A text is not the head of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a revision, a colon and 64 hexadecimal digits")]
pub struct HeadError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_one_text() {
        let text = format!("12:{}", "0a".repeat(32));
        assert_eq!(text.parse::<Head>().unwrap().to_string(), text);
        for wrong in [
            "",
            "12",
            ":",
            &text[1..][1..],
            &format!("+{text}"),
            &format!("0{text}"),
            &format!("{text}0"),
        ] {
            assert_eq!(wrong.parse::<Head>(), Err(HeadError), "{wrong:?}");
        }
    }
}
