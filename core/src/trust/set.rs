//! The pins of an account.
//!
//! A pin moves in two ways and no other: by [`Assessment::advance`](super::Assessment::advance) where nothing was
//! found, and by [`PinSet::accept`] where a person looked. Beside that, a person marks one: the site is gone, or is
//! followed.

use std::collections::BTreeMap;

use super::compare::{Compared, Known, compare};
use super::finding::FirstSeen;
use super::pin::{Pin, inputs_of};
use crate::document::MAX_INPUTS;
use crate::key::KeySet;
use crate::model::Site;

/// The pins of an account, one for each site that was ever trusted.
///
/// A pin is never removed. That of a site which is gone stays, marked, so that its return is a finding.
///
/// ```
/// use zkvault_core::key::KeySet;
/// use zkvault_core::model::Site;
/// use zkvault_core::trust::{Account, PinSet, Verdict, assess};
///
/// let keys = KeySet::new();
/// let site: Site = serde_json::from_str(r#"{"id":7,"name":"Mail","login":{"Url":"https://mail.example/"}}"#)?;
/// let mut pins = PinSet::new();
/// pins.accept(&site, &keys)?;
/// pins.accept_missing(7)?;
/// assert!(pins.get(7).is_some_and(|pin| pin.is_gone()));
/// // It is back: somebody restored it, or a server replays an old list.
/// let back = assess(Account::Pinned(&pins), [&site], &keys);
/// assert_eq!(back.worst(), Verdict::RolledBack);
/// assert_eq!(PinSet::from_json(&pins.to_json()?)?, pins);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PinSet {
    // Boxed: a tree that grows keeps half of its places free.
    pins: BTreeMap<u64, Box<Pin>>,
}

impl PinSet {
    /// No pins yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The pin of a site.
    #[must_use]
    pub fn get(&self, site_id: u64) -> Option<&Pin> {
        self.pins.get(&site_id).map(Box::as_ref)
    }

    /// All pins by the numbers of their sites, the lowest first.
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.pins.values().map(Box::as_ref)
    }

    /// How many there are, those of sites that are gone included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pins.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pins.is_empty()
    }

    /// Moves a site's pin to `site`, whatever was found at it, because a person looked at it and said so. What
    /// the pin knew of earlier values stays, so that these are still noticed when they return.
    ///
    /// The caller has shown exactly this site: what is accepted is what is given here, whatever the service lists
    /// meanwhile (threat model, Z50).
    ///
    /// # Errors
    /// [`AcceptError::TooManyInputs`]; the pin stays as it was.
    pub fn accept(&mut self, site: &Site, keys: &KeySet) -> Result<(), AcceptError> {
        let known = Known {
            pin: self.get(site.id),
            trusted: &|| None,
            seen: FirstSeen::Later,
            keys,
        };
        let Compared { observed, .. } = compare(site, known);
        let observed = observed.ok_or(AcceptError::TooManyInputs {
            inputs: inputs_of(site).len(),
        })?;
        self.insert(Box::new(observed));
        Ok(())
    }

    /// Follows a site, or does so no more: whether what replaces a value of it in one of the vendor's authenticated layouts is
    /// accepted without a question. Everything else that can be found at a site is found as before.
    ///
    /// # Errors
    /// [`AcceptError::UnknownSite`] when it has no pin.
    pub fn follow(&mut self, site_id: u64, follow: bool) -> Result<(), AcceptError> {
        let pin = self.pins.get_mut(&site_id).ok_or(AcceptError::UnknownSite(site_id))?;
        pin.0.follow = follow;
        Ok(())
    }

    pub(super) fn insert(&mut self, pin: Box<Pin>) {
        self.pins.insert(pin.site_id(), pin);
    }

    /// Accepts that a site is gone. Its pin stays, so that its return is noticed.
    ///
    /// # Errors
    /// [`AcceptError::UnknownSite`] when it has no pin.
    pub fn accept_missing(&mut self, site_id: u64) -> Result<(), AcceptError> {
        let pin = self.pins.get_mut(&site_id).ok_or(AcceptError::UnknownSite(site_id))?;
        pin.0.gone = true;
        Ok(())
    }
}

/// Each pin takes the place of the one that its site has, if any: for a store that keeps one record a pin.
impl Extend<Pin> for PinSet {
    fn extend<I: IntoIterator<Item = Pin>>(&mut self, pins: I) {
        pins.into_iter().for_each(|pin| self.insert(Box::new(pin)));
    }
}

impl FromIterator<Pin> for PinSet {
    fn from_iter<I: IntoIterator<Item = Pin>>(pins: I) -> Self {
        let mut set = Self::new();
        set.extend(pins);
        set
    }
}

/// A site was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// It has too many inputs for a pin.
    #[error("the site has {inputs} inputs: at most {MAX_INPUTS} can be pinned")]
    TooManyInputs {
        /// How many it has.
        inputs: usize,
    },
    /// It was never pinned.
    #[error("the site {0} was never seen")]
    UnknownSite(u64),
}
