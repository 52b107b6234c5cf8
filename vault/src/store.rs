//! The local store: what the service last said, and what of it is trusted (docs/spec/store.md).
//!
//! One SQLite file a profile. Everything in it is sealed, record by record; the index says which records there are. It
//! is read by many at once and written by one, which holds the store's lock.
//!
//! Most programs reach it through [`Vault::contents`](crate::vault::Vault::contents). This module is for those that
//! need the records themselves, or a store without a profile:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use std::sync::Arc;
//!
//! use zkvault::core::key::VaultKey;
//! use zkvault::store::{Store, StoreKeys, StoreLock};
//!
//! let (path, keys) = (folder.path().join("store.db"), StoreKeys::of_keys(vec![Arc::new(VaultKey::generate()?)]));
//! let lock = StoreLock::take(&path)?;
//! assert_eq!(StoreLock::take(&path).map_err(|error| error.code()).err(), Some("busy"));
//!
//! let store = Store::create(&path, "acme.logmeonce.com", &keys, &lock)?;
//! assert_eq!((store.head().revision, store.head().sites()), (0, 0));
//! drop(store);
//! // Nothing was committed, so there is no store: a sync makes the first revision.
//! assert!(!Store::is_there(&path)?);
//! # Ok(())
//! # }
//! ```
//!
//! # How a value is reached
//!
//! The wraps in `store_key` give the store's key ([`StoreKeys`]); the key opens the head ([`Head`]), the head names the
//! revision of the index, the index names the row and the revision of each record ([`Entries`], [`Slot`]), and a record
//! is a site ([`Store::site`]) or what was found at it ([`Store::findings`]). Each step is authenticated by the one
//! before: a record is sealed under its kind, its site and its revision, and opens nowhere else.
//!
//! | table | rows | what is in it |
//! |---|---|---|
//! | `store` | 1 | the identifier, 16 random bytes; not sealed, and not secret |
//! | `store_key` | 1, or one a key file | the store's key, wrapped |
//! | `part` | up to 7 | head, index, details, histories of pins, users, groups, choices; the row is the part's number |
//! | `record` | up to 3 a site | trusted copy, candidate, findings; the row says nothing of the site |
//!
//! # How it is changed
//!
//! A writer takes the [`StoreLock`] before it fetches anything, opens the store to write or creates it, adds and
//! removes records, replaces parts, and commits a head that names the new revisions. All of that is one SQLite
//! transaction that is synced to the disk. Then the new revision is remembered outside the store
//! ([`KnownStores::remember`]).
//!
//! A process that is killed before the commit leaves the revision that was there: readers ignore the frames that it
//! wrote to the `-wal` file. One that is killed between the commit and the memory leaves a store that is ahead of its
//! memory; only one that is behind is refused. A new store of an account that is known already is remembered before its
//! first commit instead, since one that nobody remembers is refused there: killed in between, it is missing, and the next
//! sync makes it (`a_new_store_of_a_known_account_is_remembered_before_it_is_there`).
//!
//! # What it notices, and what it cannot
//!
//! A record or part that is missing, swapped, or put back from an earlier revision does not open in its place, and is
//! reported as damage ([`StoreError::DamagedSite`], [`StoreError::Damaged`]). A file that is older as a whole is
//! consistent in itself: only [`KnownStores::check`] notices it, and it notices nothing where the memory was put back
//! too (threat model, Z42).
//!
//! There is no search here: an id or a whole name is looked up in two or forty pieces of the index, and parts of names
//! are found by reading it from its start, which takes milliseconds for 100,000 sites
//! ([ADR 0009](https://github.com/zkvault/zkvault/blob/main/docs/adr/0009-local-store.md)).

mod choices;
mod error;
mod head;
mod histories;
mod index;
mod keys;
mod known;
mod lock;
mod lookup;
mod part;
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
use zkvault_core::model::Site;
use zkvault_core::store::{RecordKind, RecordName, StoreId, StoreKey, WrappedStoreKey};
use zkvault_core::trust::Finding;

pub(crate) use self::choices::Choices;
pub use self::error::{Cause, Damage, MemoryFault, NewerVersion, Staleness, StoreError};
pub use self::head::{Head, PartRevisions};
pub(crate) use self::histories::Histories;
pub use self::index::{Entries, Entry, Malformed, Slot};
pub(crate) use self::index::{Writer, kept, places_by_name, sorted_by_name};
pub use self::keys::StoreKeys;
use self::keys::Unwrapped;
pub use self::known::{KnownStore, KnownStores};
pub use self::lock::StoreLock;
pub(crate) use self::lookup::Lookup;
use self::part::Part;
pub use self::records::{Records, SealedPart, TakeRecord};
pub use self::sqlite::SqliteRecords;
pub use self::standing::Standing;

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open store, as it is at one moment: what other processes commit afterwards is not seen.
///
/// It can be moved to a different thread and not shared between threads. Plaintext leaves it as [`SecretBytes`], which
/// is wiped when it is dropped.
#[derive(Debug)]
pub struct Store {
    records: Box<dyn Records>,
    key: StoreKey,
    head: Head,
    /// Set when [`Self::open_to_write`] moved everything to a new key: a caller that changes nothing else has to commit
    /// all the same.
    was_sealed_again: bool,
}

/// A record that should be there is not, or is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record is missing or changed")]
pub struct DamagedRecord;

impl Store {
    /// Opens the store to read from it; `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`Self::of`].
    ///
    /// A store of a newer version is [`StoreError::Newer`], one of a pre-release [`StoreError::PreRelease`]; a file
    /// that is there and empty, as a sync leaves it that was killed before its first commit, is no store.
    pub fn open(path: &Path, keys: &StoreKeys) -> Result<Option<Self>> {
        let records = SqliteRecords::open(path, TransactionBehavior::Deferred)?;
        records.map(|records| Self::of(Box::new(records), keys)).transpose()
    }

    /// Opens the store to write to it. The caller holds the [`StoreLock`].
    ///
    /// One of key files that a keyring's vault key opens, or that is under a former personal key, is sealed again under a
    /// new key; that counts from the commit on.
    ///
    /// The transaction begins here, and not with the first change: a second writer in spite of the lock gets
    /// [`StoreError::Busy`] after two seconds, and readers are never in the way.
    ///
    /// # Errors
    ///
    /// As [`Self::of`].
    pub fn open_to_write(path: &Path, keys: &StoreKeys, _lock: &StoreLock) -> Result<Option<Self>> {
        let records = SqliteRecords::open(path, TransactionBehavior::Immediate)?;
        let Some(records) = records else { return Ok(None) };
        let wrapped = wrapped_keys(&records)?;
        let unwrapped = keys.unwrap_to_change(records.store_id()?, &wrapped);
        let Unwrapped { key, is_outdated } = unwrapped.map_err(StoreError::Locked)?;
        let mut store = Self::with_key(Box::new(records), key)?;
        match is_outdated {
            true => store.seal_again(keys)?,
            false => store.admit(keys)?,
        }
        Ok(Some(store))
    }

    /// Opens the store that lies in these records.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] when no key opens it, [`StoreError::Damaged`] when its head does not open then, and what
    /// the records say.
    pub fn of(records: Box<dyn Records>, keys: &StoreKeys) -> Result<Self> {
        let wrapped = wrapped_keys(&*records)?;
        let unwrapped = keys.unwrap(records.store_id()?, &wrapped).map_err(StoreError::Locked)?;
        Self::with_key(records, unwrapped.key)
    }

    /// Opens the head. It is the one part whose revision nothing names, so its place alone is authenticated: that it is
    /// the newest, [`KnownStores::check`] says.
    fn with_key(records: Box<dyn Records>, key: StoreKey) -> Result<Self> {
        let head = opened_head(&*records, &key)?;
        Ok(Self {
            records,
            key,
            head,
            was_sealed_again: false,
        })
    }

    /// Makes an empty store of the account at `host`, which these keys open. Nothing of it is there before the first commit.
    ///
    /// `host` is the account as [`ServiceUrl::account`](zkvault_client::ServiceUrl::account) names it. It is sealed in
    /// the head, and a sync refuses a store of a different account.
    ///
    /// # Errors
    ///
    /// What the operating system and the database say.
    pub fn create(path: &Path, host: &str, keys: &StoreKeys, _lock: &StoreLock) -> Result<Self> {
        Self::new(host, keys, |id| SqliteRecords::create(path, id))
    }

    /// As [`Self::create`], in the place of a store that is there: that one stays until the first commit.
    ///
    /// # Errors
    ///
    /// What the operating system and the database say.
    pub fn replace(path: &Path, host: &str, keys: &StoreKeys, lock: &StoreLock) -> Result<Self> {
        if !Self::is_there(path)? {
            return Self::create(path, host, keys, lock);
        }
        Self::new(host, keys, |id| SqliteRecords::replace(path, id))
    }

    fn new<R: Records + 'static>(
        host: &str,
        keys: &StoreKeys,
        records: impl FnOnce(StoreId) -> Result<R>,
    ) -> Result<Self> {
        let key = StoreKey::generate().map_err(|error| StoreError::NotSealed(error.into()))?;
        let store = Self {
            records: Box::new(records(key.store_id())?),
            key,
            head: Head::new(host),
            was_sealed_again: false,
        };
        store.admit(keys)?;
        Ok(store)
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

    /// Lets the keys open the store from the next commit on.
    fn admit(&self, keys: &StoreKeys) -> Result<()> {
        let present = self.records.wrapped_keys()?;
        for wrapped in keys.wrap(&self.key).map_err(StoreError::NotSealed)? {
            if !present.iter().any(|other| other.key_id == wrapped.key_id) {
                self.records.put_wrapped_key(&wrapped)?;
            }
        }
        Ok(())
    }

    /// Puts everything under a new key, which these keys alone open, from the next commit on. What does not open stays as
    /// it is, and is found damaged as before.
    ///
    /// Anyone who had a former personal key or a key file may have opened the store's key before, so new wraps around
    /// the same key would keep nobody out. Names and revisions stay as they are: a renewal changes the key and nothing
    /// that a reader sees
    /// (`z46_a_store_of_key_files_becomes_personal_under_a_new_key_and_opens_with_no_vault_key_any_more`).
    fn seal_again(&mut self, keys: &StoreKeys) -> Result<()> {
        let renewed = self.key.renew().map_err(|error| StoreError::NotSealed(error.into()))?;
        let named = self.named_records()?;
        for (kind, revision) in self.head.parts.all() {
            let name = RecordName {
                kind,
                number: 0,
                revision,
            };
            if let Some(part) = unless_damaged(self.part(kind, revision))? {
                let sealed = renewed
                    .seal(name, part.expose_secret())
                    .map_err(StoreError::NotSealed)?;
                self.records.put_part(part_number(kind), &sealed)?;
            }
        }
        for (name, row) in named {
            if let Some(sealed) = self
                .records
                .record(row)?
                .and_then(|old| self.again(&renewed, name, &old))
            {
                self.records.replace_record(row, &sealed?)?;
            }
        }
        self.records.remove_wrapped_keys()?;
        (self.key, self.was_sealed_again) = (renewed, true);
        self.admit(keys)?;
        // Readers of this moment get a head that opens.
        let json = serde_json::to_vec(&self.head).map_err(StoreError::json("the store's head"))?;
        let sealed = self.key.seal(HEAD, &json).map_err(StoreError::NotSealed)?;
        self.records.put_part(part_number(RecordKind::Head), &sealed)
    }

    /// A record under another key; nothing where it does not open.
    fn again(&self, renewed: &StoreKey, name: RecordName, sealed: &[u8]) -> Option<Result<Vec<u8>>> {
        let plaintext = self.key.open(name, sealed).ok()?;
        Some(
            renewed
                .seal(name, plaintext.expose_secret())
                .map_err(StoreError::NotSealed),
        )
    }

    /// Whether everything is under a new key since the store was opened to write to it.
    pub(crate) fn was_sealed_again(&self) -> bool {
        self.was_sealed_again
    }

    /// The records that the index names, and their rows.
    ///
    /// Records that the index does not name are left out of a renewal: nothing opens them afterwards, and the next sync
    /// removes their rows.
    fn named_records(&self) -> Result<Vec<(RecordName, u64)>> {
        let (index, mut named) = (self.index()?, Vec::new());
        for entry in Entries::new(index.expose_secret(), None) {
            let entry = entry.map_err(|_| self.malformed_index())?;
            let slots = [
                (RecordKind::Site, entry.trusted),
                (RecordKind::Site, entry.candidate),
                (RecordKind::Findings, entry.findings),
            ];
            named.extend(slots.into_iter().filter_map(|(kind, slot)| {
                let Slot { row, revision } = slot?;
                let name = RecordName {
                    kind,
                    number: entry.id,
                    revision,
                };
                Some((name, row))
            }));
        }
        Ok(named)
    }

    /// Finds single sites, and opens little of the index for them.
    pub(crate) fn lookup(&self) -> Result<Lookup<'_>> {
        let PartRevisions { index, details, .. } = self.head.parts;
        let index = self.open_part(RecordKind::Index, index)?;
        let details = self.open_part(RecordKind::Details, details)?;
        Lookup::new(self, index, details)
    }

    /// The bytes of the index, for [`Entries`].
    ///
    /// About 34 bytes a site. It suffices to find a site by its name and to read it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when it is missing, or not the one that the head names.
    pub fn index(&self) -> Result<SecretBytes> {
        self.part(RecordKind::Index, self.head.parts.index)
    }

    /// The bytes of the details, for [`Entries`].
    ///
    /// About 80 bytes a site: addresses, origins and times of change.
    ///
    /// # Errors
    ///
    /// As for [`Self::index`].
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

    /// A part of an earlier revision that was put back does not open: the revision is in its context.
    fn part(&self, kind: RecordKind, revision: u64) -> Result<SecretBytes> {
        self.open_part(kind, revision)?.whole()
    }

    /// The same, of which nothing is opened yet.
    fn open_part(&self, kind: RecordKind, revision: u64) -> Result<Part<'_>> {
        let name = RecordName {
            kind,
            number: 0,
            revision,
        };
        let sealed = self.records.part(part_number(kind))?;
        Part::open(sealed, &self.key, name, self.records.path())
    }

    /// Whether a list is there already, byte for byte.
    ///
    /// One that does not open counts as different, so that a sync writes it anew.
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
    ///
    /// `kind` is [`RecordKind::Users`]; every other kind gives the groups.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when the list is missing or changed. The head says whether it is there at all.
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

    /// What a person chose for sites.
    pub(crate) fn choices(&self) -> Result<Choices> {
        match self.head.parts.choices {
            0 => Ok(Choices::default()),
            revision => {
                let part = self.part(RecordKind::Choices, revision)?;
                parse(Some(part), self.malformed_index())
            }
        }
    }

    /// Replaces that, and commits it.
    pub(crate) fn choose(&mut self, choices: &Choices) -> Result<()> {
        let json = serde_json::to_vec(choices).map_err(StoreError::json("what was chosen"))?;
        self.put_part(RecordKind::Choices, &json)?;
        let mut head = self.head.clone();
        head.parts.choices = self.next_revision();
        self.commit(head)
    }

    /// Replaces a part. It counts from the commit of a head that names its revision.
    ///
    /// A part that no head names is overwritten by the next one, and never read.
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
    ///
    /// `None` when the row is not there, or does not hold this site as of the slot's revision.
    ///
    /// # Errors
    ///
    /// What the records say, such as [`StoreError::Io`]; damage of this one record is no error.
    pub fn site_json(&self, id: u64, slot: Slot) -> Result<Option<SecretBytes>> {
        self.record(RecordKind::Site, id, slot)
    }

    /// As [`Self::site_json`], read. A record that is missing or changed is an error that names the site.
    ///
    /// # Errors
    ///
    /// [`StoreError::DamagedSite`], and what the records say.
    pub fn site(&self, id: u64, slot: Slot) -> Result<Site> {
        let json = self.site_json(id, slot)?;
        parse(json, DamagedRecord).map_err(|_| StoreError::DamagedSite(id))
    }

    /// What was found at a site.
    ///
    /// Most standings imply them ([`Standing::implied`]), and no record is read then.
    ///
    /// # Errors
    ///
    /// [`StoreError::DamagedSite`] when the record is missing or changed, or when the entry names none and needs one:
    /// without its findings a site must not be used.
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
    ///
    /// The row is the database's next free number, not the site's id: ids are the vendor's, and a copied file would
    /// show which accounts a person has.
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

    /// Removes several.
    pub(crate) fn remove_all<'a>(&self, rows: impl IntoIterator<Item = &'a u64>) -> Result<()> {
        rows.into_iter().try_for_each(|row| self.remove(*row))
    }

    /// Ends the revision that is being written. `head` says which parts are current; its revision is set here.
    ///
    /// The head is sealed last and within the same transaction. On an error nothing of the revision counts, and
    /// `self.head` is still the one that was read.
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

/// The head. There is one error, whatever is wrong with it.
fn opened_head(records: &dyn Records, key: &StoreKey) -> Result<Head> {
    let sealed = records.part(part_number(RecordKind::Head))?;
    let opened = Part::open(sealed, key, HEAD, records.path()).and_then(|part| part.whole());
    parse(
        unless_damaged(opened)?,
        StoreError::damaged(records.path(), Damage::Head),
    )
}

/// Nothing of a part that is missing or does not open.
fn unless_damaged(part: Result<SecretBytes>) -> Result<Option<SecretBytes>> {
    match part {
        Err(StoreError::Damaged {
            source: Damage::Part(_),
            ..
        }) => Ok(None),
        part => part.map(Some),
    }
}

/// The wraps of the store's key, which are of one kind.
///
/// A second wrap beside a personal one is refused: somebody who may write to the file and shares a vault key with its
/// owner could have added it, and would open every later revision
/// (`a_personal_store_names_no_key_and_has_one_wrap_only`).
fn wrapped_keys(records: &dyn Records) -> Result<Vec<WrappedStoreKey>> {
    let wrapped = records.wrapped_keys()?;
    let personal = wrapped.iter().filter(|wrapped| wrapped.key_id.is_none()).count();
    match personal == 0 || wrapped.len() == 1 {
        true => Ok(wrapped),
        false => Err(StoreError::damaged(records.path(), Damage::Keys)),
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
        RecordKind::Choices => 7,
        // The others are records.
        _ => 0,
    }
}
