//! The local store: what the service last said, and what of it is trusted (docs/spec/store.md).
//!
//! One SQLite file a profile. Everything in it is sealed, record by record; the index says which records there
//! are. It is read by many at once and written by one, which holds the store's lock.

mod error;
mod head;
mod histories;
mod index;
mod keys;
mod known;
mod lock;
mod records;
mod sqlite;
mod standing;
#[cfg(test)]
mod tests;
mod varint;

use std::path::Path;

use rusqlite::TransactionBehavior;
use serde::de::DeserializeOwned;
use zkvault_core::SecretBytes;
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::model::Site;
use zkvault_core::store::{RecordKind, RecordName, StoreId, StoreKey};
use zkvault_core::trust::Finding;

pub use self::error::{Cause, Damage, MemoryFault, NewerVersion, Staleness, StoreError};
pub use self::head::{Head, PartRevisions};
pub(crate) use self::histories::Histories;
pub use self::index::{Entries, Entry, Malformed, Slot};
pub(crate) use self::index::{Writer, kept};
pub use self::keys::StoreKeys;
pub use self::known::{KnownStore, KnownStores};
pub use self::lock::StoreLock;
pub use self::records::{Records, TakeRecord};
pub use self::sqlite::SqliteRecords;
pub use self::standing::Standing;

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open store, as it is at one moment.
#[derive(Debug)]
pub struct Store {
    records: Box<dyn Records>,
    key: StoreKey,
    head: Head,
}

/// A record that should be there is not, or is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record is missing or changed")]
pub struct DamagedRecord;

impl Store {
    /// Opens the store to read from it; `None` when there is none.
    pub fn open(path: &Path, keys: &KeySet) -> Result<Option<Self>> {
        Self::open_as(path, keys, TransactionBehavior::Deferred)
    }

    /// Opens the store to write to it. The caller holds the [`StoreLock`].
    pub fn open_to_write(path: &Path, keys: &KeySet, _lock: &StoreLock) -> Result<Option<Self>> {
        Self::open_as(path, keys, TransactionBehavior::Immediate)
    }

    fn open_as(path: &Path, keys: &KeySet, behavior: TransactionBehavior) -> Result<Option<Self>> {
        let records = SqliteRecords::open(path, behavior)?;
        records.map(|records| Self::of(Box::new(records), keys)).transpose()
    }

    /// Opens the store that lies in these records.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] when no key opens it, [`StoreError::Damaged`] when its head does not open then, and what
    /// the records say.
    pub fn of(records: Box<dyn Records>, keys: &KeySet) -> Result<Self> {
        let wrapped = records.wrapped_keys()?;
        let key = StoreKey::unwrap(records.store_id()?, &wrapped, keys).map_err(StoreError::Locked)?;
        let sealed = records.part(part_number(RecordKind::Head))?;
        let head = sealed.and_then(|sealed| key.open(HEAD, &sealed).ok());
        let head = head.and_then(|head| serde_json::from_slice(head.expose_secret()).ok());
        let head = head.ok_or_else(|| StoreError::damaged(records.path(), Damage::Head))?;
        Ok(Self { records, key, head })
    }

    /// Makes an empty store of the account at `host`. Nothing of it is there before the first commit.
    ///
    /// # Errors
    ///
    /// What the operating system and the database say.
    pub fn create(path: &Path, host: &str, _lock: &StoreLock) -> Result<Self> {
        Self::new(host, |id| SqliteRecords::create(path, id))
    }

    /// As [`Self::create`], in the place of a store that is there: that one stays until the first commit.
    ///
    /// # Errors
    ///
    /// What the operating system and the database say.
    pub fn replace(path: &Path, host: &str, lock: &StoreLock) -> Result<Self> {
        if !Self::is_there(path)? {
            return Self::create(path, host, lock);
        }
        Self::new(host, |id| SqliteRecords::replace(path, id))
    }

    fn new<R: Records + 'static>(host: &str, records: impl FnOnce(StoreId) -> Result<R>) -> Result<Self> {
        let key = StoreKey::generate().map_err(|error| StoreError::NotSealed(error.into()))?;
        Ok(Self {
            records: Box::new(records(key.store_id())?),
            key,
            head: Head::new(host),
        })
    }

    /// Whether there is a store, whatever opens it.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub fn is_there(path: &Path) -> Result<bool> {
        Ok(SqliteRecords::open(path, TransactionBehavior::Deferred)?.is_some())
    }

    /// What tells it from every other store.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.key.store_id()
    }

    /// What is known of it before anything else is opened.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The revision that is being written.
    pub(crate) fn next_revision(&self) -> u64 {
        self.head.revision + 1
    }

    /// Lets `key` open the store from the next commit on.
    pub fn admit(&self, key: &VaultKey) -> Result<()> {
        if self
            .records
            .wrapped_keys()?
            .iter()
            .any(|wrapped| wrapped.key_id == key.id())
        {
            return Ok(());
        }
        self.records
            .put_wrapped_key(&self.key.wrap(key).map_err(StoreError::NotSealed)?)
    }

    /// Lets a key open the store no more.
    pub(crate) fn dismiss(&self, key: KeyId) -> Result<()> {
        self.records.remove_wrapped_key(key)
    }

    /// The bytes of the index, for [`Entries`].
    pub fn index(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Index, self.head.parts.index)
    }

    /// The bytes of the details, for [`Entries`].
    pub fn details(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Details, self.head.parts.details)
    }

    /// What the pins know and the sites do not say, for [`Histories`].
    pub(crate) fn histories(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Histories, self.head.parts.histories)
    }

    /// The error for an entry of the index that cannot be read.
    #[must_use]
    pub fn malformed_index(&self) -> StoreError {
        StoreError::damaged(self.records.path(), Damage::Index)
    }

    fn part(&self, kind: RecordKind, revision: u64) -> Result<SecretBytes> {
        let sealed = self.records.part(part_number(kind))?;
        let name = RecordName {
            kind,
            number: 0,
            revision,
        };
        let opened = sealed.and_then(|sealed| self.key.open(name, &sealed).ok());
        opened.ok_or_else(|| StoreError::damaged(self.records.path(), Damage::Part(kind)))
    }

    /// Whether a list is there already, byte for byte.
    pub(crate) fn part_is(&self, kind: RecordKind, plaintext: &[u8]) -> bool {
        let parts = self.head.parts;
        let revision = match kind {
            RecordKind::Users => parts.users,
            RecordKind::Groups => parts.groups,
            _ => return false,
        };
        let part = self.part(kind, revision);
        part.is_ok_and(|part| part.expose_secret() == plaintext)
    }

    /// The users or the groups as JSON; `None` where the service did not show them.
    pub fn list(&self, kind: RecordKind) -> Result<Option<SecretBytes>> {
        let parts = self.head.parts;
        let revision = match kind {
            RecordKind::Users => parts.users,
            _ => parts.groups,
        };
        match revision {
            0 => Ok(None),
            revision => self.part(kind, revision).map(Some),
        }
    }

    /// Replaces a part. It counts from the commit of a head that names its revision.
    pub(crate) fn put_part(&self, kind: RecordKind, plaintext: &[u8]) -> Result<()> {
        let name = RecordName {
            kind,
            number: 0,
            revision: self.next_revision(),
        };
        let sealed = self.key.seal(name, plaintext).map_err(StoreError::NotSealed)?;
        self.records.put_part(part_number(kind), &sealed)
    }

    /// The site that lies in `slot`, to the letter.
    pub fn site_json(&self, id: u64, slot: Slot) -> Result<Option<SecretBytes>> {
        self.record(RecordKind::Site, id, slot)
    }

    /// As [`Self::site_json`], read. A record that is missing or changed is an error that names the site.
    pub fn site(&self, id: u64, slot: Slot) -> Result<Site> {
        let json = self.site_json(id, slot)?;
        parse(json, DamagedRecord).map_err(|_| StoreError::DamagedSite(id))
    }

    /// What was found at a site.
    pub fn findings(&self, entry: &Entry<'_>) -> Result<Vec<Finding>> {
        match (entry.findings, entry.standing.implied()) {
            (None, Some(findings)) => Ok(findings),
            (Some(slot), _) => {
                let json = self.record(RecordKind::Findings, entry.id, slot)?;
                parse(json, DamagedRecord).map_err(|_| StoreError::DamagedSite(entry.id))
            }
            (None, None) => Err(StoreError::DamagedSite(entry.id)),
        }
    }

    fn record(&self, kind: RecordKind, id: u64, slot: Slot) -> Result<Option<SecretBytes>> {
        let sealed = self.records.record(slot.row)?;
        Ok(sealed.and_then(|sealed| self.open_record(kind, id, slot, &sealed).ok()))
    }

    /// Opens a record that [`Self::records`] gave.
    pub(crate) fn open_record(
        &self,
        kind: RecordKind,
        id: u64,
        slot: Slot,
        sealed: &[u8],
    ) -> Result<SecretBytes, DamagedRecord> {
        let name = RecordName {
            kind,
            number: id,
            revision: slot.revision,
        };
        self.key.open(name, sealed).map_err(|_| DamagedRecord)
    }

    /// Reads all records, still sealed, in the order in which they lie.
    pub(crate) fn records(&self, mut take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        self.records.records(&mut take)
    }

    /// Adds a record.
    pub(crate) fn add(&self, kind: RecordKind, id: u64, plaintext: &[u8]) -> Result<Slot> {
        let revision = self.next_revision();
        let name = RecordName {
            kind,
            number: id,
            revision,
        };
        let sealed = self.key.seal(name, plaintext).map_err(StoreError::NotSealed)?;
        let row = self.records.add_record(&sealed)?;
        Ok(Slot { row, revision })
    }

    /// Removes a record.
    pub(crate) fn remove(&self, row: u64) -> Result<()> {
        self.records.remove_record(row)
    }

    /// Ends the revision that is being written. `head` says which parts are current; its revision is set here.
    pub(crate) fn commit(&mut self, head: Head) -> Result<()> {
        let head = Head {
            revision: self.next_revision(),
            ..head
        };
        let json = serde_json::to_vec(&head).map_err(StoreError::json("the store's head"))?;
        let sealed = self.key.seal(HEAD, &json).map_err(StoreError::NotSealed)?;
        self.records.put_part(part_number(RecordKind::Head), &sealed)?;
        self.records.commit()?;
        self.head = head;
        Ok(())
    }
}

/// Reads the JSON of an opened record.
fn parse<T: DeserializeOwned, E>(json: Option<SecretBytes>, error: E) -> Result<T, E> {
    let read = json.and_then(|json| serde_json::from_slice(json.expose_secret()).ok());
    read.ok_or(error)
}

/// The head is always the only one.
const HEAD: RecordName = RecordName {
    kind: RecordKind::Head,
    number: 0,
    revision: 0,
};

/// The row of each part.
const fn part_number(kind: RecordKind) -> i64 {
    match kind {
        RecordKind::Head => 1,
        RecordKind::Index => 2,
        RecordKind::Histories => 3,
        RecordKind::Users => 4,
        RecordKind::Groups => 5,
        RecordKind::Details => 6,
        // The others are records.
        _ => 0,
    }
}
