//! The keys that name and open what is in a repository.

use std::path::PathBuf;
use std::sync::Arc;

use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::KeyState;
use zkvault_core::repository::{RepositoryPath, blob_name};

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{key_source, keychain, keyring_file};

/// Keys at hand, the one that seals first.
pub(crate) struct RepositoryKeys {
    keys: Vec<Arc<VaultKey>>,
}

impl RepositoryKeys {
    /// Those of key files where some were given, else those of the keyring.
    pub(crate) fn for_opening(files: &[PathBuf], context: &Context<'_>) -> Result<Self> {
        let files = key_source::selected(files);
        if !files.is_empty() {
            let keys = files.iter().map(|file| key_source::read(file)).collect::<Result<_>>()?;
            return Ok(Self { keys });
        }
        let keyring = keyring_file::unlock(context)?;
        let default = Arc::clone(keychain::find(&keyring, None)?.key());
        let others = keyring.keys().iter().map(|entry| Arc::clone(entry.key()));
        let others = others.filter(|key| key.id() != default.id()).collect::<Vec<_>>();
        let keys = std::iter::once(default).chain(others).collect();
        Ok(Self { keys })
    }

    /// The one that seals: a key file, or the keyring's key of that name, or its default key.
    pub(crate) fn for_sealing(files: &[PathBuf], name: Option<&str>, context: &Context<'_>) -> Result<Self> {
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
        Ok(Self { keys: vec![key] })
    }

    /// The key that seals.
    pub(crate) fn sealing(&self) -> Option<&Arc<VaultKey>> {
        self.keys.first()
    }

    pub(crate) fn set(&self) -> KeySet {
        let mut set = KeySet::new();
        self.keys.iter().for_each(|key| set.add(Arc::clone(key), None));
        set
    }

    /// The blobs that a file may be in: one for every key.
    pub(crate) fn blob_names(&self, path: &RepositoryPath) -> impl Iterator<Item = String> {
        self.keys.iter().map(move |key| blob_name(key, path))
    }
}
