//! The site's own key against the pinned one (docs/spec/trust.md#keys-of-sites).
//!
//! Without its key a site would open with the keyring's, and with a key of somebody else it would open that person's
//! values: so the key is pinned like a value, and a site that was pinned with one opens by it alone (threat model,
//! Z62).

use super::super::finding::{Change, Field, Finding, Tampering};
use super::super::pin::{Pin, PinnedKey};
use super::Known;
use crate::digest::ValueDigest;
use crate::key::GroupId;
use crate::model::Site;
use crate::value::{Rung, SiteKey};

/// What was found of a site's own key.
///
/// The opened key is lent to the comparison of values and wiped with this.
pub(super) struct Compared {
    key: Option<SiteKey>,
    was_pinned: bool,
    /// It is not the pinned one.
    loose: Option<ValueDigest>,
    /// That of the group's key that it is sealed under, where that is not the pinned one.
    loose_group: Option<ValueDigest>,
}

/// Opens the key, and compares it with the pinned one.
///
/// A program that was not told the account's groups cannot open a key under a group's, and leaves what is pinned as
/// it is.
pub(super) fn compare(site: &Site, known: Known<'_>, observed: &mut Pin, findings: &mut Vec<Finding>) -> Compared {
    let pinned = known.pin.and_then(|pin| pin.0.key);
    let key = open(site, pinned, known);
    if let Some(now) = &mut observed.0.key {
        now.root = key.as_ref().map(SiteKey::root);
        now.group = key.as_ref().and_then(SiteKey::group);
        // A program that knows no groups cannot open it, and says nothing about it.
        if let Some(pinned) = pinned.filter(|pinned| pinned.digest == now.digest && !known.keys.knows_groups()) {
            (now.root, now.group) = (now.root.or(pinned.root), now.group.or(pinned.group));
        }
    }
    let now = observed.0.key;
    let lost = pinned.is_some_and(|pinned| match now {
        None => true,
        // A group's key may be exchanged while the site's stays as it is.
        Some(now) => {
            (now.digest != pinned.digest || pinned.group.is_some()) && pinned.root.is_some() && now.root.is_none()
        }
    });
    let is_same = pinned.map(|pinned| pinned.digest) == now.map(|now| now.digest);
    let (before, group) = (group_of(pinned), group_of(now));
    if lost {
        findings.push(Finding::Tampered(Tampering::SiteKeyLost));
    } else if known.pin.is_some() && !(is_same && before == group) {
        findings.push(Finding::Changed(Change {
            field: Field::SiteKey,
            input: None,
            before: None,
            after: None,
        }));
    }
    Compared {
        key,
        was_pinned: pinned.is_some(),
        loose: now.filter(|_| !is_same).map(|now| now.digest),
        loose_group: group.filter(|_| before != group).map(|group| group.digest),
    }
}

fn group_of(key: Option<PinnedKey>) -> Option<GroupId> {
    key.and_then(|key| key.group)
}

/// Tries the key at the root of the pinned one first, and those that follow it.
fn open(site: &Site, pinned: Option<PinnedKey>, known: Known<'_>) -> Option<SiteKey> {
    let sealed = site.key.as_ref();
    let root = pinned.and_then(|pinned| pinned.root);
    let of_line = root.and_then(|root| SiteKey::open(sealed, &known.keys.line_of(root)));
    of_line.or_else(|| SiteKey::open(sealed, known.keys))
}

impl Compared {
    /// A site that was pinned with a key opens by it alone.
    ///
    /// At first use the site's key is tried before the keyring's, because nothing says which of them is right.
    pub(super) fn rung(&self) -> Rung<'_> {
        match (&self.key, self.was_pinned) {
            (key, true) => Rung::SiteOnly(key.as_ref()),
            (Some(key), false) => Rung::SiteFirst(key),
            (None, false) => Rung::Keyring,
        }
    }

    /// The digest of the group's key that the site's is sealed under, where that is not the pinned one.
    pub(super) fn loose_group(&self) -> Option<ValueDigest> {
        self.loose_group
    }

    /// The loose values, with the key if it is one.
    pub(super) fn loose(&self, mut values: Vec<(Option<usize>, ValueDigest)>) -> Vec<(Option<usize>, ValueDigest)> {
        values.extend(self.loose.map(|digest| (None, digest)));
        values
    }
}
