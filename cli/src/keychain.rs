//! The available keys: from key files if some were given, otherwise from the keyring.

use std::path::PathBuf;
use std::sync::Arc;

use zkvault::store::StoreKeys;
use zkvault::vendor::opening_keys;
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::keyring::{FindKeyError, KeyEntry, KeyState, Keyring};
use zkvault_core::vendor::Layout;

use crate::args::{LayoutChoice, Sealing};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{key_source, keyring_file, layouts};

/// The key that seals, and the number under which the vendor knows it.
pub(crate) struct SealingKey {
    pub(crate) key: Arc<VaultKey>,
    pub(crate) vendor_id: KeyId,
    /// The vendor's layout; `None` seals bound values.
    pub(crate) layout: Option<Layout>,
    /// What opens the keys that sites have of their own, in that layout.
    pub(crate) ladder: KeySet,
}

/// The keys of the local store, from key files.
pub(crate) fn store_keys_of_files(files: &[PathBuf]) -> Result<StoreKeys> {
    let keys = files.iter().map(|file| key_source::read(file)).collect::<Result<_>>()?;
    Ok(StoreKeys::of_keys(keys))
}

/// Every key that may open something, and the layouts that were chosen for vendor values.
pub(crate) fn for_opening(files: &[PathBuf], chosen: Option<&PathBuf>, context: &Context<'_>) -> Result<KeySet> {
    let mut keys = match key_source::selected(files).as_slice() {
        [] => opening_keys(&keyring_file::unlock(context)?),
        files => {
            let mut keys = KeySet::new();
            add_files(&mut keys, files)?;
            keys
        }
    };
    layouts::choose(&mut keys, chosen, context.output)?;
    Ok(keys)
}

/// Adds the keys of key files.
pub(crate) fn add_files(keys: &mut KeySet, files: &[PathBuf]) -> Result<()> {
    for file in files {
        keys.add(key_source::read(file)?, None);
    }
    Ok(())
}

/// The one key that seals.
pub(crate) fn for_sealing(sealing: &Sealing, context: &Context<'_>) -> Result<SealingKey> {
    if sealing.key_id.is_some() && sealing.layout == LayoutChoice::Bound {
        return Err(CliError::usage("--key-id is for --layout vendor")
            .cause("a bound value holds the id that is made from its key"));
    }
    let file = match sealing.key {
        Some(_) => None,
        None => key_source::selected(sealing.key_file.as_slice()).pop(),
    };
    let keyring = match &file {
        Some(_) => None,
        None => Some(keyring_file::unlock(context)?),
    };
    let layout = match sealing.layout {
        LayoutChoice::Bound => None,
        LayoutChoice::Vendor => Some(layouts::to_seal(sealing, keyring.as_ref(), context.output)?),
    };
    let (key, known_id) = match (&file, &keyring) {
        (Some(file), _) => (key_source::read(file)?, None),
        (None, Some(keyring)) => from_keyring(keyring, sealing.key.as_deref())?,
        (None, None) => return Err(CliError::usage("no key was given")),
    };
    let vendor_id = sealing.key_id.or(known_id).unwrap_or_else(|| key.id());
    let mut ladder = keyring.as_ref().map(opening_keys).unwrap_or_default();
    if keyring.is_none() {
        ladder.add(Arc::clone(&key), None);
    }
    ladder.set_vendor_layouts(layout.iter().cloned().collect());
    Ok(SealingKey {
        key,
        vendor_id,
        layout,
        ladder,
    })
}

/// The keyring's key of that name, or its default key, with the vendor's number for it.
fn from_keyring(keyring: &Keyring, name: Option<&str>) -> Result<(Arc<VaultKey>, Option<KeyId>)> {
    let entry = find_to_seal(keyring, name)?;
    Ok((Arc::clone(entry.key()), entry.vendor_id()))
}

/// As [`find`], for a key that seals: one that is retired does not.
pub(crate) fn find_to_seal<'a>(keyring: &'a Keyring, name: Option<&str>) -> Result<&'a KeyEntry> {
    let entry = find(keyring, name)?;
    if entry.state() == KeyState::Retired {
        return Err(CliError::new(
            Exit::Other,
            "retired",
            format!("the key {:?} is retired", entry.label()),
        )
        .cause("a retired key opens what it sealed, and seals nothing more"));
    }
    Ok(entry)
}

/// The key of that name or id, or the default key.
pub(crate) fn find<'a>(keyring: &'a Keyring, name: Option<&str>) -> Result<&'a KeyEntry> {
    let keys = keyring.keys();
    let name = name.unwrap_or_else(|| keys.default_label());
    keys.find(name).map_err(|error| not_one_key(name, error))
}

fn not_one_key(name: &str, error: FindKeyError) -> CliError {
    let (exit, code) = match error {
        FindKeyError::Ambiguous { .. } => (Exit::Ambiguous, "ambiguous-key"),
        _ => (Exit::NotFound, "no-such-key"),
    };
    CliError::new(exit, code, format!("{name:?} is not one key of the keyring"))
        .cause(error)
        .hint("zkv key list shows them")
}
