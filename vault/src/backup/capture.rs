//! What of the local store goes into a backup: what is trusted, and of sites that were never accepted what the service
//! listed. A copy that needs review is left out: the next sync finds it again.
//!
//! The values are sealed in it as they are in the store, under the vault keys; a backup opens none of them. So a
//! recipient of a backup reads names and addresses, and values only with the vault keys as well.

use serde_json::value::RawValue;
use zkvault_core::store::RecordKind;

use super::Result;
use super::error::BackupError;
use crate::store::{Store, StoreError};
use crate::sync::{Baseline, Parts};
use crate::transfer::Reason;

/// The parts of a snapshot.
#[derive(Debug)]
pub struct Captured {
    /// The host of the service.
    pub host: String,
    /// When the service was last asked for everything, in seconds since 1970 (UTC).
    pub synced: u64,
    /// A list of sites.
    pub sites: Box<RawValue>,
    /// A list of users, or `null`.
    pub users: Box<RawValue>,
    /// A list of groups, or `null`.
    pub groups: Box<RawValue>,
    /// The pins.
    pub pins: Box<RawValue>,
}

/// Reads the whole store. One that is damaged is not saved: its copy would look as good as any other.
///
/// # Errors
///
/// [`BackupError::Damaged`], [`BackupError::Store`] or [`BackupError::NotCaptured`].
pub fn capture(store: &Store) -> Result<Captured> {
    let parts = Parts::open(store)?;
    let (baseline, pins) = Baseline::load(store, &parts)?;
    baseline.check().map_err(BackupError::Damaged)?;
    let mut sites = String::from("[");
    for site in &baseline.sites {
        let damaged = || StoreError::DamagedSite(site.entry.id);
        let slot = site.entry.copy().ok_or_else(damaged)?;
        let json = store.site_json(site.entry.id, slot)?.ok_or_else(damaged)?;
        if sites.len() > 1 {
            sites.push(',');
        }
        sites.push_str(std::str::from_utf8(json.expose_secret()).map_err(|_| damaged())?);
    }
    sites.push(']');
    Ok(Captured {
        host: store.head().host.clone(),
        synced: store.head().synced,
        sites: raw(sites)?,
        users: list(store, RecordKind::Users)?,
        groups: list(store, RecordKind::Groups)?,
        pins: raw(pins.to_json().map_err(not_captured)?)?,
    })
}

/// A list that the service did not show is `null`.
fn list(store: &Store, kind: RecordKind) -> Result<Box<RawValue>> {
    match store.list(kind)? {
        Some(json) => raw(String::from_utf8(json.expose_secret().to_vec()).map_err(not_captured)?),
        None => raw("null".to_owned()),
    }
}

/// JSON that travels byte for byte: the pins fit exactly this text of their sites.
fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json).map_err(not_captured)
}

fn not_captured(error: impl ToString) -> BackupError {
    BackupError::NotCaptured(Reason::new(error))
}
