//! Two copies of one keyring become one (docs/spec/keyring.md#two-copies).
//!
//! Nothing that either copy has is lost, and a key that one of them retired stays retired.
//!
//! Both copies were opened with their own passphrases, so both are the person's word. What they say differently is as
//! the copy with the higher serial has it, but for three things: retired wins over active, the earlier retirement
//! wins, and a key that replaces a different one in either copy does so. A former state of a keyring that somebody
//! put back therefore makes no retired key active (threat model, Z56).

use std::collections::HashMap;
use std::mem;

use super::keys::{KeyEntry, Keys, MAX_KEYS};
use super::{Contents, Keyring};
use crate::key::KeyFingerprint;

/// The copies say of one key that it replaces two different ones.
///
/// The callback of [`Keyring::merge`] returns one of the two. For any other key, what the newer copy says stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineConflict<'a> {
    /// The key.
    pub label: &'a str,
    /// What it replaces in the copy with the higher serial.
    pub newer: KeyFingerprint,
    /// What it replaces in the other copy.
    pub older: KeyFingerprint,
}

impl Keyring {
    /// Takes in another copy of this keyring. The passphrase stays this one's; when it is saved next its serial is
    /// higher than both. `decide` is asked what a key replaces where the copies differ.
    ///
    /// ```
    /// use zkvault_core::SecretText;
    /// use zkvault_core::kdf::KdfParams;
    /// use zkvault_core::keyring::{KeyState, Keyring};
    ///
    /// let passphrase = SecretText::from(String::from("clamp juror onyx"));
    /// let mut laptop = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 1_700_000_000)?;
    /// let file = laptop.to_bytes()?;
    /// // The same file on a second device, where the key was rotated.
    /// let mut phone = Keyring::unlock(&file, &passphrase)?;
    /// phone.keys_mut().rotate("vault", "vault-2", 1_700_086_400)?;
    /// phone.to_bytes()?;
    ///
    /// laptop.merge(phone, |conflict| conflict.newer)?;
    /// assert_eq!(laptop.keys().default_label(), "vault-2");
    /// assert_eq!(laptop.keys().find("vault")?.state(), KeyState::Retired);
    /// // Saved next, it is newer than both.
    /// laptop.to_bytes()?;
    /// assert_eq!(laptop.serial(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// * [`MergeError::Full`] when both together have more keys, personal keys, accounts or layouts than one takes.
    /// * [`MergeError::NoActiveKey`] when each copy retired what is active in the other.
    /// * [`MergeError::Label`] when two keys have one label and the one made from origin and id is taken as well.
    ///
    /// Nothing has changed then.
    pub fn merge(
        &mut self,
        other: Self,
        decide: impl FnMut(&LineConflict<'_>) -> KeyFingerprint,
    ) -> Result<(), MergeError> {
        self.contents.require_room(&other.contents)?;
        let other_is_newer = other.contents.serial > self.contents.serial;
        let (newer, older) = match other_is_newer {
            true => (&other.contents.keys, &self.contents.keys),
            false => (&self.contents.keys, &other.contents.keys),
        };
        let keys = Keys::merged(newer, older, decide)?;
        let mut other = other.contents;
        if other_is_newer {
            mem::swap(&mut self.contents, &mut other);
        }
        self.contents.take_in(keys, other);
        Ok(())
    }
}

impl Contents {
    fn require_room(&self, other: &Self) -> Result<(), MergeError> {
        let more = other.keys.iter().filter(|entry| !self.keys.has(entry)).count();
        let fits = self.keys.len() + more <= MAX_KEYS
            && self.personal.fits(&other.personal)
            && self.accounts.fits(&other.accounts)
            && self.layouts.fits(&other.layouts);
        fits.then_some(()).ok_or(MergeError::Full)
    }

    /// The identity, the credentials and the personal keys in front are those of the newer copy, which this is.
    fn take_in(&mut self, keys: Keys, older: Self) {
        self.keys = keys;
        self.personal.append(older.personal);
        self.layouts.append(older.layouts);
        for account in older.accounts.iter() {
            // There is room for it, as was looked at before.
            let _ = self.accounts.add(account.clone());
        }
    }
}

impl Keys {
    fn has(&self, wanted: &KeyEntry) -> bool {
        self.iter().any(|entry| entry.key() == wanted.key())
    }

    /// The union of both. What the copies say differently is as the newer one has it, but that a retired key stays retired,
    /// from the earlier time on, and that a key which replaces a different one in either copy does so.
    ///
    /// The keys of the newer copy keep their order, and those that only the older one has come after them, but for
    /// what lines of keys demand.
    pub(super) fn merged(
        newer: &Self,
        older: &Self,
        decide: impl FnMut(&LineConflict<'_>) -> KeyFingerprint,
    ) -> Result<Self, MergeError> {
        let mut entries: Vec<_> = newer.iter().map(KeyEntry::copy).collect();
        for entry in older.iter() {
            match entries.iter_mut().find(|present| present.key == entry.key) {
                Some(present) => present.take_in(entry),
                None => entries.push(renamed(entry.copy(), &entries)?),
            }
        }
        let lines = Lines::merged(newer, older, decide);
        for entry in &mut entries {
            entry.replaces = lines.replaced_by(entry.key.fingerprint());
        }
        Self::complete_merged(lines_in_order(entries), newer, older)
    }

    /// The default is that of the newer copy, unless the other one retired it.
    fn complete_merged(entries: Vec<KeyEntry>, newer: &Self, older: &Self) -> Result<Self, MergeError> {
        let active = |wanted: &KeyEntry| {
            let mut entries = entries.iter();
            entries.position(|entry| entry.key == wanted.key && entry.retired.is_none())
        };
        let of = |keys: &Self| keys.default_entry().and_then(active);
        let newest = || entries.iter().rposition(|entry| entry.retired.is_none());
        let default = of(newer).or_else(|| of(older)).or_else(newest);
        let default = default.ok_or(MergeError::NoActiveKey)?;
        Self::from_entries(entries, default).ok_or(MergeError::NoActiveKey)
    }
}

impl KeyEntry {
    fn take_in(&mut self, older: &Self) {
        self.retired = match (self.retired, older.retired) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.vendor_id = self.vendor_id.or(older.vendor_id);
    }
}

/// With another label where that is taken: labels are for people, and either copy may have given it.
fn renamed(mut entry: KeyEntry, others: &[KeyEntry]) -> Result<KeyEntry, MergeError> {
    let taken = |label: &str| others.iter().any(|other| other.label == label);
    if taken(&entry.label) {
        entry.label = entry.origin.label_for(&entry.key);
    }
    match taken(&entry.label) {
        true => Err(MergeError::Label { label: entry.label }),
        false => Ok(entry),
    }
}

/// Every replaced key before the one that replaces it, else in the order they have. There is no circle.
fn lines_in_order(mut rest: Vec<KeyEntry>) -> Vec<KeyEntry> {
    let mut entries = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let waits = |entry: &KeyEntry| {
            let replaced = |other: &KeyEntry| entry.replaces == Some(other.key.fingerprint());
            rest.iter().any(replaced)
        };
        let next = rest.iter().position(|entry| !waits(entry)).unwrap_or_default();
        entries.push(rest.remove(next));
    }
    entries
}

/// What every key replaces.
///
/// A map in which no key leads back to itself, whatever the copies said.
#[derive(Default)]
struct Lines(HashMap<KeyFingerprint, KeyFingerprint>);

impl Lines {
    fn merged(newer: &Keys, older: &Keys, mut decide: impl FnMut(&LineConflict<'_>) -> KeyFingerprint) -> Self {
        let mut lines = Self::default();
        for (key, replaced, _) in edges(newer) {
            lines.0.insert(key, replaced);
        }
        for (key, replaced, label) in edges(older) {
            let (newer, older) = (lines.replaced_by(key).unwrap_or(replaced), replaced);
            let conflict = LineConflict { label, newer, older };
            let decided = if newer == older { older } else { decide(&conflict) };
            // One copy may say that a key replaces what the other says replaces it: the newer one is believed.
            if (decided == newer || decided == older) && !lines.reaches(decided, key) {
                lines.0.insert(key, decided);
            }
        }
        lines
    }

    fn replaced_by(&self, key: KeyFingerprint) -> Option<KeyFingerprint> {
        self.0.get(&key).copied()
    }

    /// Whether `from` is `to`, or follows it.
    fn reaches(&self, from: KeyFingerprint, to: KeyFingerprint) -> bool {
        let mut at = Some(from);
        while let Some(key) = at {
            if key == to {
                return true;
            }
            at = self.replaced_by(key);
        }
        false
    }
}

fn edges(keys: &Keys) -> impl Iterator<Item = (KeyFingerprint, KeyFingerprint, &str)> {
    let edge = |entry: &'_ KeyEntry| Some((entry.key.fingerprint(), entry.replaces?));
    keys.iter()
        .filter_map(move |entry| edge(entry).map(|(key, replaced)| (key, replaced, entry.label())))
}

/// Two keyrings were not merged. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Together they have more than a keyring takes.
    #[error("together the two keyrings have more keys, personal keys or accounts than one takes")]
    Full,
    /// Each copy retired the keys that are active in the other.
    #[error("each of the two keyrings retired every key that is active in the other")]
    NoActiveKey,
    /// Two different keys have one label, and the label made up in its place is taken as well.
    #[error("two keys of the keyrings are called {label:?}")]
    Label {
        /// The label.
        label: String,
    },
}
