//! The local store with the available keys, for commands that read it.

use std::path::PathBuf;

use zkvault::keyring_file::OpenKeyring;
use zkvault::store::{KnownStores, StoreError, StoreLock};
use zkvault::time;
use zkvault::vault::{Contents, Vault as Opened};

use crate::clock;
use crate::context::Context;
use crate::error::Result;
use crate::{key_source, keyring_file, layouts};

/// Lists say how old the data is from this age on, in seconds: a day.
const OLD: u64 = 24 * 3600;

/// A vault, and what its store holds.
pub(crate) struct Vault {
    vault: Opened,
    pub(crate) contents: Contents,
    /// The keyring, if that had to be opened.
    pub(crate) keyring: Option<OpenKeyring>,
}

/// Opens the profile's store with the key files that were given, else with the keyring.
pub(crate) fn open(files: &[PathBuf], context: &Context<'_>) -> Result<Vault> {
    open_by(files, context, Opened::contents)
}

/// As [`open`], to change it.
pub(crate) fn open_to_write(files: &[PathBuf], context: &Context<'_>, lock: &StoreLock) -> Result<Vault> {
    open_by(files, context, |vault| vault.contents_to_change(lock))
}

fn open_by(
    files: &[PathBuf],
    context: &Context<'_>,
    contents: impl FnOnce(&Opened) -> std::result::Result<Contents, StoreError>,
) -> Result<Vault> {
    let paths = context.profile()?.files()?;
    if !paths.store_path().exists() {
        // Before anybody is asked for a passphrase.
        return Err(KnownStores::read(&paths.known_stores_path(), None)?.missing().into());
    }
    let (mut vault, keyring) = unlock(files, context)?;
    layouts::from_settings(&mut vault.keys_mut().opening, context.output)?;
    Ok(Vault {
        contents: contents(&vault)?,
        vault,
        keyring,
    })
}

/// The vault with its keys. The store need not be there.
pub(crate) fn unlock(files: &[PathBuf], context: &Context<'_>) -> Result<(Opened, Option<OpenKeyring>)> {
    let paths = context.profile()?.files()?;
    match key_source::selected(files).as_slice() {
        [] => {
            let keyring = keyring_file::open(context)?;
            Ok((Opened::open(paths, keyring.keyring())?, Some(keyring)))
        }
        files => {
            let keys = files.iter().map(|file| key_source::read(file)).collect::<Result<_>>()?;
            Ok((Opened::with_keys(paths, keys)?, None))
        }
    }
}

impl Vault {
    /// Remembers the store outside itself, after it was written.
    pub(crate) fn remember(&mut self, lock: &StoreLock) -> Result<()> {
        Ok(self.vault.remember(&self.contents.store, lock)?)
    }

    /// Tells how old the data is, if that is more than a day.
    pub(crate) fn note_age(&self, context: &Context<'_>) -> Result<()> {
        let age = time::now()?.saturating_sub(self.contents.store.head().synced);
        if age >= OLD {
            context
                .output
                .note(&format!("synced {}; zkv sync brings it up to date", clock::ago(age)));
        }
        Ok(())
    }
}
