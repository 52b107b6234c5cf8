//! The opened keys of groups, under which the keys of their sites may be sealed.

use serde::{Deserialize, Serialize};

use super::{KeyFingerprint, KeySet};
use crate::digest::ValueDigest;

/// The opened key of a group: in memory only, and wiped when it is dropped.
#[derive(Debug)]
pub(crate) struct GroupKey {
    /// The key alone, with the layouts of the set that opened it.
    pub(crate) keys: KeySet,
    /// The key of the keyring that it was opened with.
    pub(crate) root: KeyFingerprint,
    /// Which it is.
    pub(crate) id: GroupId,
}

/// Which group's key it is, and which of those that the group ever had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupId {
    /// The API's number of the group.
    pub(crate) id: u64,
    /// That of the sealed key.
    pub(crate) digest: ValueDigest,
}
