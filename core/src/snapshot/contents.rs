//! The parts of a snapshot, which have to belong together (docs/spec/backup.md, "What is saved").
//!
//! A faulty program may have made it, and a restore believes its pins. So sites and pins are checked against each
//! other before anything is stored: a pin that belonged to a different state of its site would make changes look
//! trusted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Snapshot;
use crate::model::Site;
use crate::trust::{Pin, PinSet};

/// The sites and pins of a snapshot, each pin beside its site.
///
/// Borrows the sites' JSON from the snapshot: a restore writes it as it came, unknown members and all.
#[derive(Debug, Clone)]
pub struct SnapshotContents<'a> {
    /// By their ids.
    pub sites: Sites<'a>,
    /// What was trusted. A site without a pin was never accepted.
    pub pins: PinSet,
}

// Boxed, as pins are: the same code for both trees.
type Sites<'a> = BTreeMap<u64, Box<SavedSite<'a>>>;

/// A site of a snapshot.
#[derive(Debug, Clone)]
pub struct SavedSite<'a> {
    /// What it says.
    pub site: Site,
    /// The JSON that it came as.
    pub json: &'a RawValue,
}

impl Snapshot {
    /// Reads the parts, and checks that they belong together.
    ///
    /// Takes memory for each site and pin, several times the document's length in all.
    ///
    /// # Errors
    /// * [`ContradictionError::List`] when `sites` is no array, or `users` or `groups` are neither an array nor
    ///   `null`.
    /// * [`ContradictionError::Site`] and [`ContradictionError::SiteTwice`] for the list of sites.
    /// * [`ContradictionError::Pins`] when the pins are not in their one form, [`ContradictionError::NoSite`] when
    ///   one has no site, and [`ContradictionError::OtherSite`] when it is not that of exactly this site.
    pub fn contents(&self) -> Result<SnapshotContents<'_>, ContradictionError> {
        // A list that the service did not show is null.
        let is_list = |list: &RawValue| list.get() == "null" || list.get().starts_with('[');
        if !is_list(&self.users) || !is_list(&self.groups) {
            return Err(ContradictionError::List);
        }
        let sites = sites(&self.sites)?;
        let pins = PinSet::from_json(self.pins.get()).map_err(|_| ContradictionError::Pins)?;
        for pin in pins.iter() {
            let id = pin.site_id();
            let saved = sites.get(&id).ok_or(ContradictionError::NoSite(id))?;
            check_pin(&saved.site, pin)?;
        }
        Ok(SnapshotContents { sites, pins })
    }
}

fn sites(list: &RawValue) -> Result<Sites<'_>, ContradictionError> {
    let list: Vec<&RawValue> = from_json(list).ok_or(ContradictionError::List)?;
    let mut sites = Sites::new();
    for json in list {
        let site: Site = from_json(json).ok_or(ContradictionError::Site)?;
        let id = site.id;
        if sites.insert(id, Box::new(SavedSite { site, json })).is_some() {
            return Err(ContradictionError::SiteTwice(id));
        }
    }
    Ok(sites)
}

/// The reader's error may quote a value.
fn from_json<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

/// A pin has to be the one that this site was last moved to.
///
/// Restored from the site and its own history, a pin must come out as it went in.
fn check_pin(site: &Site, pin: &Pin) -> Result<(), ContradictionError> {
    match Pin::restore(site, &pin.history()) {
        Ok(restored) if restored == *pin => Ok(()),
        _ => Err(ContradictionError::OtherSite(site.id)),
    }
}

/// The parts of a snapshot do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContradictionError {
    /// Sites, users or groups are no list.
    #[error("a list is none")]
    List,
    /// Something in the list of sites is no site.
    #[error("a site is not readable")]
    Site,
    /// Two sites have one id.
    #[error("the site {0} is there twice")]
    SiteTwice(u64),
    /// The pins are not in the specified form.
    #[error("the pins are not readable")]
    Pins,
    /// The site of a pin is missing.
    #[error("the pinned site {0} is missing")]
    NoSite(u64),
    /// A pin is of another state of its site, or of a different site.
    #[error("the pin of site {0} is not of this site")]
    OtherSite(u64),
}
