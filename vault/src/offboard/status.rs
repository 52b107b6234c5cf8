//! What still has to change because somebody who left knew it.

use zkvault_core::keyring::{KeyEntry, KeyState as EntryState, Keyring};

use super::passwords::Compared;
use super::record::{KnownSite, Leaving};
use super::stored;
use crate::store::StoreError;
use crate::vault::Contents;

/// What became of a site that somebody who left could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteState {
    /// None of its passwords is one that it had.
    Changed,
    /// It has a password that it had, under whatever ciphertext.
    Open,
    /// It is not there any more.
    Gone,
    /// This device did not have its passwords, cannot read its record any more, or has no store of the account; or another
    /// ciphertext is there, and no key opened the old one or the new one.
    Unknown,
}

impl SiteState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Open => "to change",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }

    /// Whether somebody has to do something about it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Unknown)
    }
}

/// What became of a key that somebody who left was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// A different key replaces it, or it is retired.
    Rotated,
    /// It is in use.
    Open,
    /// The keyring does not have it.
    Unknown,
}

impl KeyState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Open => "to rotate",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of everything that somebody knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// For each site of the leaving, in its order.
    pub sites: Vec<SiteState>,
    /// For each key, in its order: what the keyring calls it, and what became of it.
    pub keys: Vec<(Option<String>, KeyState)>,
}

impl Followed {
    /// How many sites and keys somebody has to do something about.
    #[must_use]
    pub fn open(&self) -> (usize, usize) {
        let sites = self.sites.iter().filter(|state| state.is_open()).count();
        let keys = self
            .keys
            .iter()
            .filter(|(_, state)| *state != KeyState::Rotated)
            .count();
        (sites, keys)
    }
}

/// Compares what somebody knew with the trusted copies of the local store as of its last sync, and with the keyring.
///
/// A value that a service replaced and nobody accepted has not changed here: so a service alone makes no site done.
///
/// # Errors
///
/// [`StoreError::Damaged`].
pub fn follow(leaving: &Leaving, contents: Option<&Contents>, keyring: &Keyring) -> Result<Followed, StoreError> {
    let sites = match contents {
        Some(contents) => states(leaving, contents)?,
        None => vec![SiteState::Unknown; leaving.sites.len()],
    };
    let keys = leaving.keys.iter().map(|id| key(id, keyring));
    Ok(Followed {
        sites,
        keys: keys.collect(),
    })
}

fn states(leaving: &Leaving, contents: &Contents) -> Result<Vec<SiteState>, StoreError> {
    let stored = stored(contents, leaving.sites.iter().map(|site| site.id).collect())?;
    let state = |known: &KnownSite| match stored.get(&known.id) {
        _ if !known.is_followed() => SiteState::Unknown,
        None => SiteState::Gone,
        Some(None) => SiteState::Unknown,
        Some(Some(site)) => match known.compared(&leaving.passwords(site, contents)) {
            Some(Compared::Same) => SiteState::Open,
            Some(Compared::Different) => SiteState::Changed,
            Some(Compared::Unknown) | None => SiteState::Unknown,
        },
    };
    Ok(leaving.sites.iter().map(state).collect())
}

/// An id may be that of several keys: then all of them have to be replaced.
fn key(id: &str, keyring: &Keyring) -> (Option<String>, KeyState) {
    let set = keyring.keys().key_set();
    let entries: Vec<&KeyEntry> = keyring
        .keys()
        .iter()
        .filter(|entry| entry.id().to_string() == id)
        .collect();
    let is_replaced = |entry: &KeyEntry| {
        let fingerprint = entry.key().fingerprint();
        let mut others = keyring.keys().iter();
        entry.state() == EntryState::Retired || others.any(|other| set.follows(other.key().fingerprint(), fingerprint))
    };
    let label = entries.first().map(|entry| entry.label().to_owned());
    let state = match entries.as_slice() {
        [] => KeyState::Unknown,
        entries if entries.iter().all(|entry| is_replaced(entry)) => KeyState::Rotated,
        _ => KeyState::Open,
    };
    (label, state)
}
