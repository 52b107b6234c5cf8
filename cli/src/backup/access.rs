//! Who opens backups: key files, the keyring of the profile, or on a fresh machine the passphrase with the keyring that
//! came along with a backup.

use std::path::PathBuf;

use zkvault_core::SecretText;
use zkvault_core::backup::BackupStart;
use zkvault_core::key::KeySet;
use zkvault_core::keyring::{Keyring, SealedKeyring, UnlockKeyringError};

use super::bundle::not_opened;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keychain;
use crate::vault::Vault;
use crate::{key_source, keyring_file};
use zkvault::keyring_file::OpenKeyring;

/// Keyrings that a passphrase is tried on: it takes a second and much memory each time.
const MAX_TRIES: usize = 8;

/// The available keys.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) keys: KeySet,
    /// None with key files.
    pub(crate) keyring: Option<Keyring>,
    /// Of a keyring that came along: its passphrase and its file.
    came_along: Option<(SecretText, Vec<u8>)>,
}

impl Access {
    /// Key files that were given, or the profile's keyring; nothing where there is neither.
    pub(crate) fn local(files: &[PathBuf], context: &Context<'_>) -> Result<Option<Self>> {
        let files = key_source::selected(files);
        if !files.is_empty() {
            return Ok(Some(Self::of_keys(keychain::store_keys_of_files(&files)?.opening)));
        }
        match context.profile()?.keyring_path().exists() {
            true => Ok(Some(Self::of_keyring(keyring_file::unlock(context)?, None))),
            false => Ok(None),
        }
    }

    /// The passphrase opens a keyring that came along with one of these backups, the likeliest first.
    pub(crate) fn fresh<'a>(starts: impl Iterator<Item = &'a BackupStart>, context: &Context<'_>) -> Result<Self> {
        let mut sealed: Vec<(SealedKeyring, &[u8])> = Vec::new();
        for file in starts.filter_map(BackupStart::keyring) {
            let Ok(keyring) = SealedKeyring::parse(file) else {
                continue;
            };
            // A passphrase that does not open one does not open another that is under the same key.
            if !sealed.iter().any(|(known, _)| known.has_same_passphrase(&keyring)) {
                sealed.push((keyring, file));
            }
        }
        if sealed.is_empty() {
            return Err(
                not_opened("no keyring came along with it").hint("give the key that it was made with by --key-file")
            );
        }
        let passphrase = context.passphrase()?;
        for (keyring, file) in sealed.iter().take(MAX_TRIES) {
            match keyring.unlock(&passphrase) {
                Ok(keyring) => {
                    let passphrase = passphrase.expose_secret().to_owned().into();
                    return Ok(Self::of_keyring(keyring, Some((passphrase, file.to_vec()))));
                }
                Err(UnlockKeyringError::Decrypt) => {}
                Err(error) => return Err(not_opened(error)),
            }
        }
        Err(
            CliError::new(Exit::Integrity, "wrong-passphrase", "no keyring in the backups opened")
                .cause("the passphrase is wrong, or the keyrings were changed"),
        )
    }

    /// The keyring that came along with the backup that was chosen, where that is not the one that is open.
    pub(crate) fn with_keyring_of(self, start: &BackupStart) -> Result<Self> {
        let (Some(file), Some((passphrase, opened))) = (start.keyring(), &self.came_along) else {
            return Ok(self);
        };
        if file == opened {
            return Ok(self);
        }
        let keyring = Keyring::unlock(file, passphrase).map_err(|error| {
            not_opened(error).hint("its keyring may be under an earlier passphrase: another revision may have this one")
        })?;
        let passphrase = passphrase.expose_secret().to_owned().into();
        Ok(Self::of_keyring(keyring, Some((passphrase, file.to_vec()))))
    }

    /// What a store was opened with.
    pub(crate) fn of_vault(vault: Vault) -> Self {
        Self {
            keys: vault.keys,
            keyring: vault.keyring.map(OpenKeyring::into_keyring),
            came_along: None,
        }
    }

    /// Keys without a keyring.
    pub(crate) fn of_keys(keys: KeySet) -> Self {
        Self {
            keys,
            keyring: None,
            came_along: None,
        }
    }

    fn of_keyring(keyring: Keyring, came_along: Option<(SecretText, Vec<u8>)>) -> Self {
        Self {
            keys: keyring.keys().key_set(),
            keyring: Some(keyring),
            came_along,
        }
    }
}
