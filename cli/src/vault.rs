//! The local store with the keys at hand, for commands that read it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zkvault::time;
use zkvault_core::SecretBytes;
use zkvault_core::key::{KeySet, VaultKey};

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keychain::StoreKeys;
use crate::keyring_file::OpenKeyring;
use crate::store::{Entries, Entry, KnownStores, Store, StoreLock};
use crate::{clock, key_source};

/// Lists say how old the data is from this age on, in seconds: a day.
const OLD: u64 = 24 * 3600;

/// An open store, and the keys that open it and its values.
pub(crate) struct Vault {
    pub(crate) store: Store,
    pub(crate) keys: KeySet,
    /// The keys of this person's own.
    pub(crate) own_keys: Vec<Arc<VaultKey>>,
    /// The keyring, if that had to be opened.
    pub(crate) keyring: Option<OpenKeyring>,
    known: KnownStores,
}

/// The opened index of a store.
pub(crate) struct Index {
    index: SecretBytes,
    details: Option<SecretBytes>,
}

/// Opens the profile's store with the key files that were given, else with the keyring.
pub(crate) fn open(files: &[PathBuf], context: &Context<'_>) -> Result<Vault> {
    open_by(files, context, Store::open)
}

/// As [`open`], to change it.
pub(crate) fn open_to_write(files: &[PathBuf], context: &Context<'_>, lock: &StoreLock) -> Result<Vault> {
    open_by(files, context, |path, keys| Store::open_to_write(path, keys, lock))
}

fn open_by(
    files: &[PathBuf],
    context: &Context<'_>,
    open: impl FnOnce(&Path, &KeySet) -> Result<Option<Store>>,
) -> Result<Vault> {
    let profile = context.profile()?;
    let (path, memory) = (profile.store_path()?, profile.known_stores_path());
    let nothing = |known: &KnownStores| Err(not_synced(known));
    if !path.exists() {
        // Before anybody is asked for a passphrase.
        return nothing(&KnownStores::read(&memory, None)?);
    }
    let (keys, known, keyring) = match key_source::selected(files).as_slice() {
        [] => {
            let open = OpenKeyring::unlock(context)?;
            let keyring = open.keyring();
            let keys = StoreKeys::from_keyring(keyring)?;
            (keys, KnownStores::read(&memory, Some(keyring))?, Some(open))
        }
        files => (StoreKeys::from_files(files)?, KnownStores::read(&memory, None)?, None),
    };
    let Some(store) = open(&path, &keys.opening)? else {
        return nothing(&known);
    };
    known.check(store.id(), store.head())?;
    Ok(Vault {
        store,
        keys: keys.opening,
        own_keys: keys.sealing,
        keyring,
        known,
    })
}

fn not_synced(known: &KnownStores) -> CliError {
    match known.last() {
        None => CliError::new(Exit::NotFound, "not-synced", "nothing was synced yet")
            .hint("zkv sync fetches what the account has"),
        Some(_) => CliError::new(Exit::NotFound, "not-synced", "the local store of this profile is gone")
            .hint("put it back; or zkv sync, after which every site is to be accepted anew"),
    }
}

impl Vault {
    /// The sites with all that is listed of them.
    pub(crate) fn index(&self) -> Result<Index> {
        Ok(Index {
            index: self.store.index()?,
            details: Some(self.store.details()?),
        })
    }

    /// The sites with their names only, which is faster.
    pub(crate) fn names(&self) -> Result<Index> {
        Ok(Index {
            index: self.store.index()?,
            details: None,
        })
    }

    /// The sites of an index, without those that are gone.
    pub(crate) fn entries<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = Result<Entry<'a>>> {
        let details = index.details.as_ref().map(SecretBytes::expose_secret);
        let entries = Entries::new(index.index.expose_secret(), details);
        let entries = entries.map(|entry| entry.map_err(|_| self.store.malformed_index()));
        entries.filter(|entry| !matches!(entry, Ok(entry) if entry.is_gone()))
    }

    /// Remembers the store outside itself, after it was written.
    pub(crate) fn remember(&mut self, context: &Context<'_>) -> Result<()> {
        let memory = context.profile()?.known_stores_path();
        self.known.remember(self.store.id(), self.store.head(), &memory)
    }

    /// Tells how old the data is, if that is more than a day.
    pub(crate) fn note_age(&self, context: &Context<'_>) -> Result<()> {
        let age = time::now()?.saturating_sub(self.store.head().synced);
        if age >= OLD {
            context
                .output
                .note(&format!("synced {}; zkv sync brings it up to date", clock::ago(age)));
        }
        Ok(())
    }
}
