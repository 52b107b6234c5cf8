//! Which stores this profile is known to have: remembered outside the store, so that one that is deleted or put
//! back to an earlier state is missed (docs/spec/store.md).
//!
//! The memory is a file beside the keyring, and a credential in the keyring where that is open anyway.
//!
//! A store cannot say that it is old. So each commit is noted elsewhere: the account, the store's identifier, the
//! revision and the time. [`KnownStores::check`] compares an open store with both memories, and [`KnownStores::knows`]
//! keeps an account whose store is gone from counting as a first use, at which everything would be trusted again
//! (threat model, Z42; `an_account_whose_store_is_gone_is_not_trusted_again`).
//!
//! ```
//! use zkvault::store::{Head, KnownStores};
//! # use std::sync::Arc;
//! # use zkvault::core::key::VaultKey;
//! # use zkvault::store::{Store, StoreKeys, StoreLock};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (store, memory) = (folder.path().join("store.db"), folder.path().join("known-stores.json"));
//! # let keys = StoreKeys::of_keys(vec![Arc::new(VaultKey::generate()?)]);
//! # let lock = StoreLock::take(&store)?;
//! # let id = Store::create(&store, "acme.example", &keys, &lock)?.id();
//! let head = |revision| Head { revision, ..Head::new("acme.example") };
//!
//! let mut known = KnownStores::read(&memory, None)?;
//! assert_eq!(known.missing().code(), "not-synced");
//! known.remember(id, &head(7), &memory, &lock)?;
//!
//! let known = KnownStores::read(&memory, None)?;
//! assert!(known.knows("acme.example"));
//! assert!(known.check(id, &head(8)).is_ok(), "killed between its commit and the memory");
//! assert_eq!(known.check(id, &head(6)).map_err(|error| error.code()), Err("store-stale"));
//! # Ok(())
//! # }
//! ```
//!
//! The two memories have different rules, because a keyring is copied between machines and a profile is not: the file
//! has one store an account, the newest; the keyring has each store of each machine. Both keep the last 16 and at most
//! 8 KiB. Somebody who puts back the store and both memories is not noticed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zkvault_core::SecretText;
use zkvault_core::keyring::Keyring;
use zkvault_core::store::StoreId;

use super::error::{MemoryFault, Staleness};
use super::{Head, Store, StoreError, StoreLock};
use crate::fs::{self, FileAction, FileError, create_private_folder};

type Result<T, E = StoreError> = std::result::Result<T, E>;

const FORMAT: &str = "zkvault.known-stores";
const VERSION: u64 = 1;
/// The name of the credential.
const CREDENTIAL: &str = "known-stores";
/// Stores that a memory keeps, the last ones: a keyring may be shared by several machines.
const MAX_STORES: usize = 16;
/// Bytes of a memory at most: what a credential may have.
const MAX_LEN: u64 = zkvault_core::keyring::MAX_CREDENTIAL_LEN as u64;

/// A store as it was when it was last written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownStore {
    /// The host of the account.
    pub host: String,
    /// The store's identifier, as 32 hexadecimal digits.
    store: String,
    /// The revision that was committed.
    revision: u64,
    /// When the service was asked, in seconds since 1970.
    pub synced: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    stores: Vec<KnownStore>,
}

/// What is remembered, by this machine and by a keyring that may have been elsewhere.
#[derive(Debug, Default)]
pub struct KnownStores {
    /// From the file of this machine: one store an account, the last one written at the end.
    here: Vec<KnownStore>,
    /// From the keyring, whose other machines may have written there.
    keyring: Vec<KnownStore>,
}

impl KnownStores {
    /// Reads the file at `path`, if there is one, and the keyring, if one is open.
    ///
    /// # Errors
    ///
    /// [`StoreError::Memory`] when one of them cannot be read: that is not the same as none.
    ///
    /// A file that is missing is an empty memory: on a new machine there is none. Somebody who deletes it together with
    /// the store is noticed by the keyring's memory alone.
    pub fn read(path: &Path, keyring: Option<&Keyring>) -> Result<Self> {
        let credential = keyring.and_then(|keyring| keyring.credentials().get(CREDENTIAL));
        Ok(Self {
            here: read_file(path)?,
            keyring: match credential {
                Some(text) => parse(text.expose_secret()).map_err(unreadable("the keyring's memory".to_owned()))?,
                None => Vec::new(),
            },
        })
    }

    /// The store of this machine that was written last.
    #[must_use]
    pub fn last(&self) -> Option<&KnownStore> {
        self.here.last()
    }

    /// The error for a store that is not there: one that was never made, or one that is gone.
    ///
    /// [`StoreError::NotSynced`] or [`StoreError::Gone`]. By the file alone: what the keyring knows may be the store of
    /// a different machine.
    #[must_use]
    pub fn missing(&self) -> StoreError {
        match self.here.is_empty() {
            true => StoreError::NotSynced,
            false => StoreError::Gone,
        }
    }

    /// Whether the account was ever synced.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        self.here.iter().chain(&self.keyring).any(|known| known.host == host)
    }

    /// Refuses a store that is not the one that was written last, or that is as it was before that.
    ///
    /// A store of an account that neither memory has is accepted. One that is ahead of them is too: its process was
    /// killed after the commit, or wrote without this keyring.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`].
    pub fn check(&self, id: StoreId, head: &Head) -> Result<()> {
        let id = id.to_string();
        let of_account = |known: &&KnownStore| known.host == head.host;
        let here: Vec<_> = self.here.iter().filter(of_account).collect();
        let elsewhere: Vec<_> = self.keyring.iter().filter(of_account).collect();
        // A keyring knows the stores of other machines as well; this machine has one an account.
        let expected = if here.is_empty() { &elsewhere } else { &here };
        if !expected.is_empty() && !expected.iter().any(|known| known.store == id) {
            return Err(StoreError::Stale(Staleness::Other));
        }
        let mut same = here.iter().chain(&elsewhere).filter(|known| known.store == id);
        match same.any(|known| known.revision > head.revision) {
            true => Err(StoreError::Stale(Staleness::Earlier)),
            false => Ok(()),
        }
    }

    /// Remembers a store that was just written, in the file.
    ///
    /// The file is read again and replaced as a whole, after the commit of the store and under the lock of its writer:
    /// in between nobody else commits, so that the last one remembered is the last one committed. The folder is created
    /// where it is missing.
    ///
    /// # Errors
    ///
    /// [`StoreError::File`], and [`StoreError::Memory`] when the file cannot be read any more.
    pub fn remember(&mut self, id: StoreId, head: &Head, path: &Path, _lock: &StoreLock) -> Result<()> {
        let known = KnownStore::new(id, head);
        self.here = read_file(path)?;
        self.here.retain(|other| other.host != known.host);
        push(&mut self.here, known);
        if let Some(folder) = path.parent() {
            create_private_folder(folder)?;
        }
        Ok(fs::write(path, to_json(&self.here)?.as_bytes(), fs::Existing::Replace)?)
    }

    /// Remembers a store before its first commit, as it will be committed, in place of one that the account had.
    ///
    /// A process that is killed in between leaves a memory of a store that is not there, which is found missing. The
    /// other way round it would leave a store that nobody remembers: a wrong one, where stores of the account are known.
    pub(crate) fn announce(store: &Store, head: &Head, path: &Path, lock: &StoreLock) -> Result<()> {
        let head = Head {
            revision: store.next_revision(),
            ..head.clone()
        };
        Self::read(path, None)?.remember(store.id(), &head, path, lock)
    }

    /// As [`Self::remember`], in a keyring that is saved afterwards: for a sync that has the keyring open anyway.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotRemembered`] when the keyring is full.
    pub fn remember_in(&mut self, id: StoreId, head: &Head, keyring: &mut Keyring) -> Result<()> {
        let known = KnownStore::new(id, head);
        self.keyring
            .retain(|other| (&other.host, &other.store) != (&known.host, &known.store));
        push(&mut self.keyring, known);
        let text = SecretText::from(to_json(&self.keyring)?);
        let set = keyring.credentials_mut().set(CREDENTIAL, text);
        set.map_err(|error| StoreError::NotRemembered(error.into()))
    }
}

impl KnownStore {
    fn new(id: StoreId, head: &Head) -> Self {
        Self {
            host: head.host.clone(),
            store: id.to_string(),
            revision: head.revision,
            synced: head.synced,
        }
    }
}

/// Appends the last one, and drops the oldest above the limit.
fn push(stores: &mut Vec<KnownStore>, known: KnownStore) {
    stores.push(known);
    let excess = stores.len().saturating_sub(MAX_STORES);
    stores.drain(..excess);
}

fn to_json(stores: &[KnownStore]) -> Result<String> {
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        stores: stores.to_vec(),
    };
    serde_json::to_string(&document).map_err(StoreError::json("the memory of the known stores"))
}

fn read_file(path: &Path) -> Result<Vec<KnownStore>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened.map_err(|error| FileError::system(FileAction::Open, path, error))?,
    };
    let mut text = String::new();
    let read = file.take(MAX_LEN + 1).read_to_string(&mut text);
    read.map_err(|error| FileError::system(FileAction::Read, path, error))?;
    parse(&text).map_err(unreadable(path.display().to_string()))
}

/// Reads either memory. What is not exactly as specified is a fault and not an empty memory: else a changed byte would
/// make every account new.
fn parse(text: &str) -> Result<Vec<KnownStore>, MemoryFault> {
    if text.len() as u64 > MAX_LEN {
        return Err(MemoryFault::TooLong);
    }
    let document: Document = serde_json::from_str(text).map_err(|_| MemoryFault::Malformed)?;
    match (document.format.as_str(), document.version) {
        (FORMAT, VERSION) => Ok(document.stores),
        _ => Err(MemoryFault::Version),
    }
}

fn unreadable(memory: String) -> impl FnOnce(MemoryFault) -> StoreError {
    move |source| StoreError::Memory { memory, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(host: &str, revision: u64) -> Head {
        Head {
            revision,
            ..Head::new(host)
        }
    }

    fn id(byte: u8) -> StoreId {
        StoreId::from_bytes([byte; 16])
    }

    #[test]
    fn an_older_or_another_store_is_noticed_and_a_newer_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stores.json");
        let mut known = KnownStores::read(&path, None).unwrap();
        assert!(!known.knows("a.test") && known.last().is_none());
        assert!(known.check(id(1), &head("a.test", 1)).is_ok());
        let lock = StoreLock::take(&folder.path().join("store.db")).unwrap();
        known.remember(id(1), &head("a.test", 5), &path, &lock).unwrap();

        let known = KnownStores::read(&path, None).unwrap();
        assert!(known.knows("a.test") && !known.knows("b.test"));
        for revision in [5, 6] {
            assert!(known.check(id(1), &head("a.test", revision)).is_ok());
        }
        assert_eq!(
            known.check(id(1), &head("a.test", 4)).unwrap_err().code(),
            "store-stale"
        );
        assert_eq!(
            known.check(id(2), &head("a.test", 9)).unwrap_err().code(),
            "store-stale"
        );
        assert!(known.check(id(2), &head("b.test", 1)).is_ok());
    }

    #[test]
    fn what_was_remembered_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stores.json");
        let lock = StoreLock::take(&folder.path().join("store.db")).unwrap();
        let read = || KnownStores::read(&path, None).unwrap();
        let (mut one, mut other) = (read(), read());
        one.remember(id(1), &head("a.test", 5), &path, &lock).unwrap();
        other.remember(id(2), &head("b.test", 1), &path, &lock).unwrap();
        for known in [other, read()] {
            assert_eq!(
                known.check(id(1), &head("a.test", 4)).unwrap_err().code(),
                "store-stale"
            );
            assert_eq!(known.last().map(|store| &*store.host), Some("b.test"));
        }
    }

    #[test]
    fn a_keyring_remembers_what_the_file_does_not() {
        let known = |here: &[(u8, u64)], keyring: &[(u8, u64)]| {
            let stores = |list: &[(u8, u64)]| {
                let list = list
                    .iter()
                    .map(|&(byte, revision)| KnownStore::new(id(byte), &head("a.test", revision)));
                list.collect::<Vec<_>>()
            };
            KnownStores {
                here: stores(here),
                keyring: stores(keyring),
            }
        };
        let check = |known: &KnownStores, byte, revision| known.check(id(byte), &head("a.test", revision)).is_ok();
        // The file was deleted.
        let deleted = known(&[], &[(1, 5), (2, 7)]);
        assert!(deleted.knows("a.test") && check(&deleted, 1, 5) && check(&deleted, 2, 7));
        assert!(!check(&deleted, 1, 4) && !check(&deleted, 3, 9));
        // The file was put back to an earlier state, and the store with it.
        let older = known(&[(1, 3)], &[(1, 5), (2, 7)]);
        assert!(check(&older, 1, 5) && !check(&older, 1, 4) && !check(&older, 2, 7));
    }

    #[test]
    fn a_memory_that_cannot_be_read_is_no_first_use() {
        let folder = tempfile::tempdir().unwrap();
        for bad in [
            "",
            "{}",
            r#"{"format":"zkvault.known-stores","version":2,"stores":[]}"#,
            &"x".repeat(9000),
        ] {
            let path = folder.path().join("stores.json");
            std::fs::write(&path, bad).unwrap();
            assert_eq!(KnownStores::read(&path, None).unwrap_err().code(), "known-stores");
        }
    }

    #[test]
    fn as_many_are_kept_as_fit_a_credential() {
        let mut stores = Vec::new();
        for number in 0..40 {
            push(
                &mut stores,
                KnownStore::new(id(number), &head(&"h".repeat(253), u64::MAX)),
            );
        }
        let json = to_json(&stores).unwrap();
        assert!(json.len() as u64 <= MAX_LEN, "{}", json.len());
        assert_eq!(parse(&json).unwrap().len(), MAX_STORES);
        assert_eq!(stores[15].store, id(39).to_string());
    }
}
