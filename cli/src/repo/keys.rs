//! The keys that name and open what is in a repository.

use std::path::PathBuf;
use std::sync::Arc;

use zkvault::repository::RepositoryKeys;
use zkvault_core::keyring::KeyState;

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{key_source, keychain, keyring_file};

/// Those of key files where some were given, else those of the keyring.
pub(crate) fn for_opening(files: &[PathBuf], context: &Context<'_>) -> Result<RepositoryKeys> {
    let files = key_source::selected(files);
    if !files.is_empty() {
        let keys = files.iter().map(|file| key_source::read(file)).collect::<Result<_>>()?;
        return Ok(RepositoryKeys::new(keys));
    }
    let keyring = keyring_file::unlock(context)?;
    let default = keychain::find(&keyring, None)?.key();
    Ok(RepositoryKeys::opening(default, &keyring))
}

/// The one that seals: a key file, or the keyring's key of that name, or its default key.
pub(crate) fn for_sealing(files: &[PathBuf], name: Option<&str>, context: &Context<'_>) -> Result<RepositoryKeys> {
    let files = match name {
        Some(_) => files.to_vec(),
        None => key_source::selected(files),
    };
    let key = match (files.as_slice(), name) {
        ([file], None) => key_source::read(file)?,
        ([], _) => {
            let keyring = keyring_file::unlock(context)?;
            let entry = keychain::find(&keyring, name)?;
            if entry.state() == KeyState::Retired {
                return Err(CliError::new(
                    Exit::Other,
                    "retired",
                    format!("the key {:?} is retired", entry.label()),
                )
                .cause("a retired key opens what it sealed, and seals nothing more"));
            }
            Arc::clone(entry.key())
        }
        _ => {
            return Err(CliError::usage(
                "one key encrypts: give one --key-file, or --key, and not both",
            ));
        }
    };
    Ok(RepositoryKeys::new(vec![key]))
}
