//! Who opens backups: a keyring, which on a fresh machine comes along with one.
//!
//! On a fresh machine the keyring is in the backups themselves. The passphrase that opened one is kept in [`Access`]
//! for as long as it lives, because the backup that is chosen in the end may have a different copy of the keyring, from
//! a different day, which is the one to restore ([`Access::with_keyring_of`]).

use std::sync::Arc;

use zkvault_core::SecretText;
use zkvault_core::backup::{BackupHeader, Chains};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::Keyring;

use super::Result;
use super::error::{BackupError, Missing};

/// A keyring with the chains that it has.
#[derive(Debug)]
pub struct Access {
    /// The keyring.
    pub keyring: Keyring,
    /// Its chains.
    pub chains: Chains,
    /// The keys that open values: those of the keyring, and others that were added.
    pub keys: KeySet,
    added: Vec<Arc<VaultKey>>,
    /// Of a keyring that came along: its passphrase, which is wiped, and its file, which is sealed.
    came_along: Option<(SecretText, Vec<u8>)>,
}

impl Access {
    /// Everything that a keyring opens.
    #[must_use]
    pub fn of_keyring(keyring: Keyring) -> Self {
        Self {
            chains: Chains::of_keyring(&keyring),
            keys: keyring.keys().key_set(),
            keyring,
            added: Vec::new(),
            came_along: None,
        }
    }

    /// What the keyring opens that came along with a backup.
    #[must_use]
    pub fn came_along(keyring: Keyring, passphrase: &SecretText, file: &[u8]) -> Self {
        let passphrase = SecretText::from(passphrase.expose_secret().to_owned());
        Self {
            came_along: Some((passphrase, file.to_vec())),
            ..Self::of_keyring(keyring)
        }
    }

    /// These keys open values as well.
    #[must_use]
    pub fn with_keys(mut self, keys: &[Arc<VaultKey>]) -> Self {
        for key in keys {
            self.keys.add(Arc::clone(key), None);
            self.added.push(Arc::clone(key));
        }
        self
    }

    /// The keyring that came along with the backup that was chosen, where that is not the one that is open.
    ///
    /// Takes the time of a passphrase if the copies differ. An access of a keyring that was here already is returned as
    /// it is.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when the passphrase does not fit that one.
    pub fn with_keyring_of(self, header: &BackupHeader) -> Result<Self> {
        let (Some(file), Some((passphrase, opened))) = (header.keyring(), &self.came_along) else {
            return Ok(self);
        };
        if file == opened {
            return Ok(self);
        }
        let keyring = Keyring::unlock(file, passphrase);
        let keyring = keyring.map_err(|error| BackupError::missing(error, Missing::EarlierPassphrase))?;
        Ok(Self::came_along(keyring, passphrase, file).with_keys(&self.added))
    }
}
