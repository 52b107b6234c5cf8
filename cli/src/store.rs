//! The local store: what the service last said, and what of it is trusted (docs/spec/store.md).
//!
//! One SQLite file a profile. Everything in it is sealed, record by record; the index says which records there
//! are. It is read by many at once and written by one, which holds the store's lock.

mod file;
mod head;
mod histories;
mod index;
mod known;
mod lock;
mod standing;
#[cfg(test)]
mod tests;
mod varint;

use std::path::Path;

use rusqlite::TransactionBehavior;
use serde::de::DeserializeOwned;
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::model::Site;
use zkvault_core::store::{RecordKind, RecordName, StoreId, StoreKey};
use zkvault_core::trust::Finding;
use zkvault_core::{SealError, SecretBytes};

pub(crate) use self::file::busy;
use self::file::{StoreFile, damaged};
pub(crate) use self::head::Head;
pub(crate) use self::histories::Histories;
pub(crate) use self::index::{Entries, Entry, Slot, Writer, kept};
pub(crate) use self::known::KnownStores;
pub(crate) use self::lock::StoreLock;
pub(crate) use self::standing::Standing;
use crate::error::{CliError, Exit, Result};

/// An open store, as it is at one moment.
#[derive(Debug)]
pub(crate) struct Store {
    file: StoreFile,
    key: StoreKey,
    head: Head,
}

/// A record that should be there is not, or is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DamagedRecord;

impl Store {
    /// Opens the store to read from it; `None` when there is none.
    pub(crate) fn open(path: &Path, keys: &KeySet) -> Result<Option<Self>> {
        Self::open_as(path, keys, TransactionBehavior::Deferred)
    }

    /// Opens the store to write to it. The caller holds the [`StoreLock`].
    pub(crate) fn open_to_write(path: &Path, keys: &KeySet, _lock: &StoreLock) -> Result<Option<Self>> {
        Self::open_as(path, keys, TransactionBehavior::Immediate)
    }

    fn open_as(path: &Path, keys: &KeySet, behavior: TransactionBehavior) -> Result<Option<Self>> {
        let Some(file) = StoreFile::open(path, behavior)? else {
            return Ok(None);
        };
        let key = StoreKey::unwrap(file.store_id()?, &file.wrapped_keys()?, keys).map_err(|error| {
            CliError::new(Exit::Integrity, "locked", "no key at hand opens the local store")
                .cause(error)
                .hint(
                    "give the key it was synced with, by --key-file or in the keyring; zkv sync with both adds a key; a \
                     restore that was cut off is given again",
                )
        })?;
        let head = RecordName {
            kind: RecordKind::Head,
            number: 0,
            revision: 0,
        };
        let sealed = file.part(part_number(RecordKind::Head))?;
        let head = sealed.and_then(|sealed| key.open(head, &sealed).ok());
        let head = head.and_then(|head| serde_json::from_slice(head.expose_secret()).ok());
        let head = head.ok_or_else(|| damaged(file.path()).cause("its head does not open"))?;
        Ok(Some(Self { file, key, head }))
    }

    /// Makes an empty store of the account at `host`. Nothing of it is there before the first commit.
    pub(crate) fn create(path: &Path, host: &str, _lock: &StoreLock) -> Result<Self> {
        let key = StoreKey::generate().map_err(|error| not_sealed(error.into()))?;
        let file = StoreFile::create(path, key.store_id())?;
        Ok(Self {
            file,
            key,
            head: Head::new(host),
        })
    }

    /// As [`Self::create`], in the place of a store that is there: that one stays until the first commit.
    pub(crate) fn replace(path: &Path, host: &str, lock: &StoreLock) -> Result<Self> {
        if !Self::is_there(path)? {
            return Self::create(path, host, lock);
        }
        let key = StoreKey::generate().map_err(|error| not_sealed(error.into()))?;
        let file = StoreFile::replace(path, key.store_id())?;
        Ok(Self {
            file,
            key,
            head: Head::new(host),
        })
    }

    /// Whether there is a store, whatever opens it.
    pub(crate) fn is_there(path: &Path) -> Result<bool> {
        Ok(StoreFile::open(path, TransactionBehavior::Deferred)?.is_some())
    }

    pub(crate) fn id(&self) -> StoreId {
        self.key.store_id()
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// The revision that is being written.
    pub(crate) fn next_revision(&self) -> u64 {
        self.head.revision + 1
    }

    /// Lets `key` open the store from the next commit on.
    pub(crate) fn admit(&self, key: &VaultKey) -> Result<()> {
        if self
            .file
            .wrapped_keys()?
            .iter()
            .any(|wrapped| wrapped.key_id == key.id())
        {
            return Ok(());
        }
        self.file.put_wrapped_key(&self.key.wrap(key).map_err(not_sealed)?)
    }

    /// Lets a key open the store no more.
    pub(crate) fn dismiss(&self, key: KeyId) -> Result<()> {
        self.file.remove_wrapped_key(key)
    }

    /// The bytes of the index, for [`Entries`].
    pub(crate) fn index(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Index, self.head.parts.index)
    }

    /// The bytes of the details, for [`Entries`].
    pub(crate) fn details(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Details, self.head.parts.details)
    }

    /// What the pins know and the sites do not say, for [`Histories`].
    pub(crate) fn histories(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Histories, self.head.parts.histories)
    }

    /// An entry of the index that cannot be read.
    pub(crate) fn malformed_index(&self) -> CliError {
        damaged(self.file.path()).cause("its index is not as specified")
    }

    fn part(&self, kind: RecordKind, revision: u64) -> Result<SecretBytes> {
        let sealed = self.file.part(part_number(kind))?;
        let name = RecordName {
            kind,
            number: 0,
            revision,
        };
        let opened = sealed.and_then(|sealed| self.key.open(name, &sealed).ok());
        opened.ok_or_else(|| damaged(self.file.path()).cause(format!("its part {kind:?} does not open")))
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
    pub(crate) fn list(&self, kind: RecordKind) -> Result<Option<SecretBytes>> {
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
        let sealed = self.key.seal(name, plaintext).map_err(not_sealed)?;
        self.file.put_part(part_number(kind), &sealed)
    }

    /// The site that lies in `slot`, to the letter.
    pub(crate) fn site_json(&self, id: u64, slot: Slot) -> Result<Option<SecretBytes>> {
        self.record(RecordKind::Site, id, slot)
    }

    /// As [`Self::site_json`], read. A record that is missing or changed is an error that names the site.
    pub(crate) fn site(&self, id: u64, slot: Slot) -> Result<Site> {
        let json = self.site_json(id, slot)?;
        parse(json, DamagedRecord).map_err(|_| damaged_site(id))
    }

    /// What was found at a site.
    pub(crate) fn findings(&self, entry: &Entry<'_>) -> Result<Vec<Finding>> {
        match (entry.findings, entry.standing.implied()) {
            (None, Some(findings)) => Ok(findings),
            (Some(slot), _) => {
                let json = self.record(RecordKind::Findings, entry.id, slot)?;
                parse(json, DamagedRecord).map_err(|_| damaged_site(entry.id))
            }
            (None, None) => Err(damaged_site(entry.id)),
        }
    }

    fn record(&self, kind: RecordKind, id: u64, slot: Slot) -> Result<Option<SecretBytes>> {
        let sealed = self.file.record(slot.row)?;
        Ok(sealed.and_then(|sealed| self.open_record(kind, id, slot, &sealed).ok()))
    }

    /// Opens a record that [`Self::records`] gave.
    pub(crate) fn open_record(
        &self,
        kind: RecordKind,
        id: u64,
        slot: Slot,
        sealed: &[u8],
    ) -> std::result::Result<SecretBytes, DamagedRecord> {
        let name = RecordName {
            kind,
            number: id,
            revision: slot.revision,
        };
        self.key.open(name, sealed).map_err(|_| DamagedRecord)
    }

    /// Reads all records, still sealed, in the order in which they lie.
    pub(crate) fn records(&self, take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        self.file.records(take)
    }

    /// Adds a record.
    pub(crate) fn add(&self, kind: RecordKind, id: u64, plaintext: &[u8]) -> Result<Slot> {
        let revision = self.next_revision();
        let name = RecordName {
            kind,
            number: id,
            revision,
        };
        let sealed = self.key.seal(name, plaintext).map_err(not_sealed)?;
        let row = self.file.add_record(&sealed)?;
        Ok(Slot { row, revision })
    }

    /// Removes a record.
    pub(crate) fn remove(&self, row: u64) -> Result<()> {
        self.file.remove_record(row)
    }

    /// Ends the revision that is being written. `head` says which parts are current; its revision is set here.
    pub(crate) fn commit(&mut self, head: Head) -> Result<()> {
        let head = Head {
            revision: self.next_revision(),
            ..head
        };
        let json = serde_json::to_vec(&head)
            .map_err(|error| CliError::new(Exit::Other, "json", "the store's head was not written").cause(error))?;
        let name = RecordName {
            kind: RecordKind::Head,
            number: 0,
            revision: 0,
        };
        let sealed = self.key.seal(name, &json).map_err(not_sealed)?;
        self.file.put_part(part_number(RecordKind::Head), &sealed)?;
        self.file.commit()?;
        self.head = head;
        Ok(())
    }
}

/// Reads the JSON of an opened record.
pub(crate) fn parse<T: DeserializeOwned, E>(json: Option<SecretBytes>, error: E) -> std::result::Result<T, E> {
    let read = json.and_then(|json| serde_json::from_slice(json.expose_secret()).ok());
    read.ok_or(error)
}

/// A record of the site is missing, or is another one.
pub(crate) fn damaged_site(id: u64) -> CliError {
    CliError::new(
        Exit::Integrity,
        "site-damaged",
        format!("what the local store has of site {id} was changed or damaged"),
    )
    .hint("zkv sync fetches it again; it is then a new site, to be looked at and accepted")
}

fn not_sealed(error: SealError) -> CliError {
    CliError::new(Exit::Other, "seal", "the local store was not written").cause(error)
}

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
