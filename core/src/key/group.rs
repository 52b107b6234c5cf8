//! The opened keys of groups, under which the keys of their sites may be sealed.
//!
//! They are opened from the account's list of groups and never stored: see [`KeySet::open_groups`]. Several
//! generations of a group's key may be in use, so a key is identified by the group and the digest of its sealed form.

use serde::{Deserialize, Serialize};

use super::{KeyFingerprint, KeySet};
use crate::digest::ValueDigest;

/// The opened key of a group: in memory only, and wiped when it is dropped.
///
/// A set with one key rather than the key, so that the keys of sites are tried with it like values with any set.
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
///
/// It is pinned with a site's own key: a group's key that is exchanged shows there
/// (docs/spec/trust.md#keys-of-sites).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupId {
    /// The API's number of the group.
    pub(crate) id: u64,
    /// That of the sealed key.
    pub(crate) digest: ValueDigest,
}
