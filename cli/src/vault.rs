//! The local store with the available keys, for commands that read it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zkvault::core::SecretBytes;
use zkvault::core::key::{KeySet, VaultKey};
use zkvault::keyring_file::OpenKeyring;
use zkvault::store::{Entries, Entry, KnownStores, Store, StoreError, StoreLock};
use zkvault::time;

use crate::clock;
use crate::context::Context;
use crate::error::Result;
use crate::{key_source, keychain, keyring_file, layouts};

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
    details: SecretBytes,
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
    open: impl FnOnce(&Path, &KeySet) -> std::result::Result<Option<Store>, StoreError>,
) -> Result<Vault> {
    let profile = context.profile()?;
    let (path, memory) = (profile.store_path()?, profile.known_stores_path());
    let nothing = |known: &KnownStores| Err(not_synced(known).into());
    if !path.exists() {
        // Before anybody is asked for a passphrase.
        return nothing(&KnownStores::read(&memory, None)?);
    }
    let (mut keys, known, keyring) = match key_source::selected(files).as_slice() {
        [] => {
            let open = keyring_file::open(context)?;
            let keyring = open.keyring();
            let keys = keychain::store_keys(keyring)?;
            (keys, KnownStores::read(&memory, Some(keyring))?, Some(open))
        }
        files => (
            keychain::store_keys_of_files(files)?,
            KnownStores::read(&memory, None)?,
            None,
        ),
    };
    keys.opening
        .set_vendor_layouts(layouts::selected(None, context.output)?);
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

fn not_synced(known: &KnownStores) -> StoreError {
    match known.last() {
        None => StoreError::NotSynced,
        Some(_) => StoreError::Gone,
    }
}

impl Vault {
    /// The sites with all that is listed of them.
    pub(crate) fn index(&self) -> Result<Index> {
        Ok(Index {
            index: self.store.index()?,
            details: self.store.details()?,
        })
    }

    /// The sites of an index, without those that are gone.
    pub(crate) fn entries<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = Result<Entry<'a>>> {
        let details = Some(index.details.expose_secret());
        let entries = Entries::new(index.index.expose_secret(), details);
        let entries = entries.map(|entry| Ok(entry.map_err(|_| self.store.malformed_index())?));
        entries.filter(|entry| !matches!(entry, Ok(entry) if entry.is_gone()))
    }

    /// Remembers the store outside itself, after it was written.
    pub(crate) fn remember(&mut self, context: &Context<'_>) -> Result<()> {
        let memory = context.profile()?.known_stores_path();
        Ok(self.known.remember(self.store.id(), self.store.head(), &memory)?)
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
