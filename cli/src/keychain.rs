//! The keys at hand, which come from key files.

use std::path::PathBuf;
use std::sync::Arc;

use zkvault_core::{KeyId, KeySet, VaultKey};

use crate::args::Sealing;
use crate::error::{CliError, Exit, Result};
use crate::key_source;

/// The key that seals, and the number under which the vendor knows it.
pub(crate) struct SealingKey {
    pub(crate) key: Arc<VaultKey>,
    pub(crate) vendor_id: KeyId,
}

/// Every key that may open something.
pub(crate) fn for_opening(files: &[PathBuf]) -> Result<KeySet> {
    let files = key_source::selected(files);
    if files.is_empty() {
        return Err(no_key());
    }
    let mut keys = KeySet::new();
    for file in files {
        keys.add(key_source::read(&file)?, None);
    }
    Ok(keys)
}

/// The one key that seals.
pub(crate) fn for_sealing(sealing: &Sealing) -> Result<SealingKey> {
    let file = key_source::selected(sealing.key_file.as_slice()).pop();
    let key = key_source::read(&file.ok_or_else(no_key)?)?;
    let vendor_id = sealing.key_id.unwrap_or_else(|| key.id());
    Ok(SealingKey { key, vendor_id })
}

fn no_key() -> CliError {
    CliError::new(Exit::InputNeeded, "no-key", "no key was given").hint("give a key file with --key-file")
}
