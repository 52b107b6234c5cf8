//! A person accepts sites as the service lists them, or that they are gone.
//!
//! Both change entries of the index and the histories of pins, and nothing else of the store: no service is asked, and
//! the copy that becomes trusted is the record that the store has under the lock. The whole index is written again,
//! since an entry has no place of its own in it. The caller holds the [`StoreLock`](crate::store::StoreLock), and
//! remembers the store afterwards.

use std::collections::{BTreeMap, BTreeSet};

use zkvault_core::key::KeySet;
use zkvault_core::model::Site;
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{AcceptError, Pin, PinSet};

use super::intake::Texts;
use super::{Result, SyncError, settle};
use crate::store::{Entries, Entry, Histories, Standing, Store, StoreError, Writer};

/// Moves the pins of these sites, and what the store holds of them. All of them are committed, or none.
///
/// For a site that is missing, it is accepted that the site is gone: its trusted copy stays in the store as what its
/// pin is made of, and a site of this id that comes back later is a finding (threat model, Z13).
///
/// `keys` are those that open the site's values: the new pin notes which of them opened.
///
/// # Errors
///
/// [`SyncError::NoSuchSites`] for ids that the store does not have, [`SyncError::NotAccepted`] for a site that no person
/// can accept, and [`SyncError::Store`].
pub fn accept(store: &mut Store, ids: &[u64], keys: &KeySet) -> Result<()> {
    change(store, ids, |store, entry, history| {
        accept_one(store, entry, history, keys)
    })
}

/// Follows these sites, or does so no more. All of them, or none.
///
/// A followed site takes a new text of a value without a question, where the value's layout authenticates it; every
/// other change is still a finding (threat model, Z47).
///
/// # Errors
///
/// [`SyncError::NoSuchSites`] for ids that the store does not have, [`SyncError::NotAccepted`] for a site that is not
/// trusted, and [`SyncError::Store`].
pub fn follow(store: &mut Store, ids: &[u64], follow: bool) -> Result<()> {
    change(store, ids, |store, entry, history| {
        let id = entry.id;
        let mut pins: PinSet = trusted_pin(store, &entry, history)?.into_iter().collect();
        pins.follow(id, follow).map_err(|error| refused(id, error))?;
        let pin = pins.get(id).cloned().ok_or_else(|| StoreError::DamagedSite(id))?;
        Ok((entry, pin))
    })
}

/// The sites that are followed, in the order of their ids.
///
/// # Errors
///
/// [`StoreError::Damaged`].
///
/// Read from the histories: no site is opened.
pub fn followed(store: &Store) -> Result<Vec<u64>, StoreError> {
    let (index, part) = (store.index()?, store.histories()?);
    let malformed = || store.malformed_index();
    let mut histories = Histories::new(part.expose_secret()).ok_or_else(malformed)?;
    let mut followed = Vec::new();
    for entry in Entries::new(index.expose_secret(), None) {
        let entry = entry.map_err(|_| malformed())?;
        if entry.trusted.is_some() && Pin::history_is_followed(histories.next().ok_or_else(malformed)?) {
            followed.push(entry.id);
        }
    }
    Ok(followed)
}

/// Changes the entries of these sites and their pins, and commits that.
fn change(
    store: &mut Store,
    ids: &[u64],
    change: impl for<'a> Fn(&Store, Entry<'a>, Option<&[u8]>) -> Result<(Entry<'a>, Pin)>,
) -> Result<()> {
    let (index, details, part) = (store.index()?, store.details()?, store.histories()?);
    let malformed = || store.malformed_index();
    let mut part = Histories::new(part.expose_secret()).ok_or_else(malformed)?;
    let (mut writer, mut histories) = (Writer::new(), Histories::start());
    let mut standings: BTreeMap<String, u64> = BTreeMap::new();
    let mut missing: BTreeSet<u64> = ids.iter().copied().collect();
    for entry in Entries::new(index.expose_secret(), Some(details.expose_secret())) {
        let mut entry = entry.map_err(|_| malformed())?;
        let history = entry.trusted.map(|_| part.next().ok_or_else(malformed)).transpose()?;
        let mut history = history.map(<[u8]>::to_vec);
        if missing.remove(&entry.id) {
            let (changed, pin) = change(store, entry, history.as_deref())?;
            (entry, history) = (changed, Some(pin.history()));
        }
        writer.add(&entry);
        if let Some(history) = &history {
            Histories::add(&mut histories, history);
        }
        *standings.entry(entry.standing.name().to_owned()).or_default() += 1;
    }
    if !missing.is_empty() {
        return Err(SyncError::NoSuchSites(missing.into_iter().collect()));
    }
    let (index, details) = writer.finish();
    store.put_part(RecordKind::Index, &index)?;
    store.put_part(RecordKind::Details, &details)?;
    store.put_part(RecordKind::Histories, &histories)?;
    let mut head = store.head().clone();
    head.parts.index = store.next_revision();
    head.parts.details = store.next_revision();
    head.parts.histories = store.next_revision();
    head.standings = standings;
    Ok(store.commit(head)?)
}

/// Moves one pin, to the candidate where there is one. A site that is tampered with in a way that no consent heals is
/// refused by [`PinSet::accept`](zkvault_core::trust::PinSet::accept).
fn accept_one<'a>(store: &Store, entry: Entry<'a>, history: Option<&[u8]>, keys: &KeySet) -> Result<(Entry<'a>, Pin)> {
    let id = entry.id;
    let mut pins: PinSet = trusted_pin(store, &entry, history)?.into_iter().collect();
    let accepted = match entry.standing {
        Standing::Missing => {
            pins.accept_missing(id).map_err(|error| refused(id, error))?;
            gone(store, entry)?
        }
        _ => {
            let slot = entry
                .candidate
                .or(entry.trusted)
                .ok_or_else(|| StoreError::DamagedSite(id))?;
            let site = store.site(id, slot)?;
            pins.accept(&site, keys).map_err(|error| refused(id, error))?;
            replaced(store, entry, &site)?
        }
    };
    let pin = pins.get(id).cloned().ok_or_else(|| StoreError::DamagedSite(id))?;
    Ok((accepted, pin))
}

/// The pin of a site, from its trusted copy and its history; `None` of one that was never accepted. A history that does
/// not belong to the copy is damage.
fn trusted_pin(store: &Store, entry: &Entry<'_>, history: Option<&[u8]>) -> Result<Option<Pin>> {
    let (Some(slot), Some(history)) = (entry.trusted, history) else {
        return Ok(None);
    };
    let pin = Pin::restore(&store.site(entry.id, slot)?, history);
    Ok(Some(pin.map_err(|_| StoreError::DamagedSite(entry.id))?))
}

/// The copy that the service lists takes the place of the trusted one.
fn replaced<'a>(store: &Store, entry: Entry<'a>, site: &Site) -> Result<Entry<'a>, StoreError> {
    let old = entry.trusted.filter(|_| entry.candidate.is_some());
    for slot in [old, entry.findings].into_iter().flatten() {
        store.remove(slot.row)?;
    }
    let entry = Entry {
        trusted: entry.candidate.or(entry.trusted),
        candidate: None,
        findings: None,
        ..entry
    };
    Ok(settle::entry(
        entry.id,
        Standing::Ok,
        Some(entry),
        Some(Texts::of(site)),
    ))
}

/// The trusted copy stays, and is what its pin is made of.
fn gone<'a>(store: &Store, entry: Entry<'a>) -> Result<Entry<'a>, StoreError> {
    for slot in [entry.candidate, entry.findings].into_iter().flatten() {
        store.remove(slot.row)?;
    }
    Ok(Entry {
        standing: Standing::Gone,
        candidate: None,
        findings: None,
        ..entry
    })
}

fn refused(id: u64, source: AcceptError) -> SyncError {
    SyncError::NotAccepted { id, source }
}
