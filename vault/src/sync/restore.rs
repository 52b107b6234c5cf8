//! A store that is filled from a snapshot instead of the service: the trusted copies with their pins, and sites that
//! were never accepted as such.
//!
//! A restore takes the lock, checks the snapshot, writes the store within an open transaction ([`Restoring::begin`]),
//! puts the keyring of the backup in its place, remembers the store, and commits ([`Restoring::commit`]). Dropped
//! before, it has changed nothing of the store. Killed before the memory, the store that was there is as it was. Killed
//! between the memory and the commit, a store that is there is not the one that is remembered, so it is refused, and
//! the same restore is run again (threat model, R01).
//!
//! A site with a pin is trusted as it was when the backup was made. One without is [`Standing::Unanchored`], whatever
//! it was before: nothing vouches for it on this device until a person accepts it.

use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use zkvault_core::backup::BackupRecord;
use zkvault_core::model::Site;
use zkvault_core::snapshot::{SavedSite, Snapshot, SnapshotContents};
use zkvault_core::store::RecordKind;
use zkvault_core::trust::Pin;

use super::intake::Texts;
use super::settle::entry;
use super::{Result, SyncError};
use crate::store::{Entry, Head, Histories, KnownStores, Standing, Store, StoreKeys, StoreLock, Writer};

/// A store that is filled from a backup and that nobody sees before [`Self::commit`].
#[derive(Debug)]
#[must_use = "nothing is restored before the commit"]
pub struct Restoring {
    store: Store,
    head: Head,
}

impl Restoring {
    /// Fills a store at `path`, in the place of one that is there, and lets the keys open it.
    ///
    /// The snapshot is checked before there is a store: pins that do not belong to the sites beside them, and two sites
    /// of one id, are refused and leave nothing behind.
    ///
    /// # Errors
    ///
    /// [`SyncError::Contradiction`] when the snapshot's parts do not belong together, and [`SyncError::Store`].
    pub fn begin(
        path: &Path,
        record: &BackupRecord,
        snapshot: &Snapshot,
        keys: &StoreKeys,
        lock: &StoreLock,
    ) -> Result<Self> {
        // Before there is a store: one that is refused leaves none behind.
        let contents = snapshot.contents().map_err(SyncError::contradiction)?;
        let lists = [
            (RecordKind::Users, &*snapshot.users, count(&snapshot.users)?),
            (RecordKind::Groups, &*snapshot.groups, count(&snapshot.groups)?),
        ];
        let store = Store::replace(path, record.account.as_str(), keys, lock)?;
        let head = fill(&store, record, &contents, lists)?;
        Ok(Self { store, head })
    }

    /// What is in it.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Makes the store visible, and `memory` remember it. The memory comes first: a store that is not there is found
    /// missing, and can be restored again; one that is not remembered would be taken for a wrong one.
    ///
    /// # Errors
    ///
    /// [`SyncError::Store`].
    pub fn commit(self, memory: &Path, lock: &StoreLock) -> Result<()> {
        let Self { mut store, head } = self;
        KnownStores::announce(&store, &head, memory, lock)?;
        Ok(store.commit(head)?)
    }
}

/// Writes everything, and returns the head with which it is to be committed.
fn fill(
    store: &Store,
    record: &BackupRecord,
    contents: &SnapshotContents<'_>,
    [users, groups]: [List<'_>; 2],
) -> Result<Head> {
    let SnapshotContents { sites, pins } = contents;
    let (mut index, mut histories) = (Writer::new(), Histories::start());
    let mut head = Head::new(record.account.as_str());
    for saved in sites.values() {
        let SavedSite { site, json } = saved.as_ref();
        let entry = put(store, site, json, pins.get(site.id))?;
        index.add(&entry);
        if let (Some(pin), true) = (pins.get(site.id), entry.trusted.is_some()) {
            Histories::add(&mut histories, &pin.history());
        }
        *head.standings.entry(entry.standing.name().to_owned()).or_default() += 1;
    }
    let revision = store.next_revision();
    let (index, details) = index.finish();
    store.put_part(RecordKind::Index, &index)?;
    store.put_part(RecordKind::Details, &details)?;
    store.put_part(RecordKind::Histories, &histories)?;
    (head.parts.index, head.parts.details, head.parts.histories) = (revision, revision, revision);
    (head.parts.users, head.users) = put_list(store, users)?;
    (head.parts.groups, head.groups) = put_list(store, groups)?;
    head.synced = record.synced;
    Ok(head)
}

/// A site with a pin is trusted as before; one without was never accepted, and is not now. The JSON goes into the
/// record byte for byte, or its pin would not fit it.
fn put<'a>(store: &Store, site: &Site, json: &RawValue, pin: Option<&Pin>) -> Result<Entry<'a>> {
    let slot = store.add(RecordKind::Site, site.id, json.get().as_bytes())?;
    let Some(pin) = pin else {
        let entry = entry(site.id, Standing::Unanchored, None, Some(Texts::of(site)));
        return Ok(Entry {
            candidate: Some(slot),
            ..entry
        });
    };
    let standing = if pin.is_gone() { Standing::Gone } else { Standing::Ok };
    Ok(Entry {
        trusted: Some(slot),
        ..entry(site.id, standing, None, Some(Texts::of(site)))
    })
}

/// A list of a snapshot, and how many are in it; `None` of one that the service did not show.
type List<'a> = (RecordKind, &'a RawValue, Option<u64>);

/// How many are in a list, without keeping them.
fn count(list: &RawValue) -> Result<Option<u64>> {
    let items: Option<Vec<IgnoredAny>> = serde_json::from_str(list.get()).map_err(SyncError::contradiction)?;
    Ok(items.map(|items| items.len() as u64))
}

/// Returns the revision of the part and how many are in it. A list that the service did not show is none.
fn put_list(store: &Store, (kind, list, items): List<'_>) -> Result<(u64, u64)> {
    let Some(items) = items else { return Ok((0, 0)) };
    store.put_part(kind, list.get().as_bytes())?;
    Ok((store.next_revision(), items))
}

#[cfg(test)]
mod tests {
    use zkvault_core::account::AccountName;
    use zkvault_core::snapshot::Manifest;

    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn a_snapshot_that_is_refused_leaves_no_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let key = zkvault_core::key::VaultKey::generate().unwrap();
        let keys = StoreKeys::of_keys(vec![std::sync::Arc::new(key)]);
        let lock = StoreLock::take(&path).unwrap();
        let manifest = Manifest {
            revision: 1,
            parent: None,
            time: 0,
            device: "here".to_owned(),
        };
        let pins = r#"{"format":"zkvault.pins","version":2,"sites":[]}"#;
        for [sites, users, pins] in [
            [r#"[{"id":1},{"id":1}]"#, "null", pins],
            [r#"[{"id":"x"}]"#, "null", pins],
            ["[]", "{}", pins],
            ["[]", "[]", "{}"],
        ] {
            let snapshot = Snapshot {
                manifest: manifest.clone(),
                sites: raw(sites),
                users: raw(users),
                groups: raw("null"),
                pins: raw(pins),
            };
            let record = BackupRecord {
                account: AccountName::parse("acme.example").unwrap(),
                synced: 0,
                keyring: None,
                follows: None,
                manifest: manifest.clone(),
                digest: snapshot.digest().unwrap(),
            };
            let refused = Restoring::begin(&path, &record, &snapshot, &keys, &lock);
            assert!(matches!(refused, Err(SyncError::Contradiction(_))), "{sites} {users}");
            assert!(!path.exists(), "{sites} {users}");
        }
    }
}
