//! Who opens backups: keys, a keyring, or on a fresh machine the passphrase with the keyring that came along with a
//! backup.

use zkvault_core::SecretText;
use zkvault_core::backup::BackupStart;
use zkvault_core::key::KeySet;
use zkvault_core::keyring::{Keyring, SealedKeyring, UnlockKeyringError};

use super::Result;
use super::error::{BackupError, Missing};
use crate::transfer::Reason;

/// Keyrings that a passphrase is tried on: it takes a second and much memory each time.
const MAX_TRIES: usize = 8;

/// The available keys.
#[derive(Debug)]
pub struct Access {
    /// The keys.
    pub keys: KeySet,
    /// The keyring that they are of; `None` of keys without one.
    pub keyring: Option<Keyring>,
    /// Of a keyring that came along: its passphrase and its file.
    came_along: Option<(SecretText, Vec<u8>)>,
}

/// The keyrings that came along with backups, the likeliest first.
#[derive(Debug)]
pub struct Keyrings<'a>(Vec<(SealedKeyring, &'a [u8])>);

impl<'a> Keyrings<'a> {
    /// Those of the backups with these starts.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when there is none.
    pub fn of(starts: impl IntoIterator<Item = &'a BackupStart>) -> Result<Self> {
        let mut sealed: Vec<(SealedKeyring, &[u8])> = Vec::new();
        for file in starts.into_iter().filter_map(BackupStart::keyring) {
            let Ok(keyring) = SealedKeyring::parse(file) else {
                continue;
            };
            // A passphrase that does not open one does not open another that is under the same key.
            if !sealed.iter().any(|(known, _)| known.has_same_passphrase(&keyring)) {
                sealed.push((keyring, file));
            }
        }
        match sealed.is_empty() {
            true => Err(BackupError::missing("no keyring came along with it", Missing::Key)),
            false => Ok(Self(sealed)),
        }
    }

    /// Opens the first one that the passphrase fits.
    ///
    /// # Errors
    ///
    /// [`BackupError::WrongPassphrase`], or [`BackupError::NotOpened`] when a keyring that it fits is malformed.
    pub fn unlock(&self, passphrase: &SecretText) -> Result<Access> {
        for (keyring, file) in self.0.iter().take(MAX_TRIES) {
            match keyring.unlock(passphrase) {
                Ok(keyring) => {
                    let passphrase = passphrase.expose_secret().to_owned().into();
                    return Ok(Access::came_along(keyring, passphrase, file));
                }
                Err(UnlockKeyringError::Decrypt) => {}
                Err(error) => return Err(BackupError::not_opened(error)),
            }
        }
        let cause = "the passphrase is wrong, or the keyrings were changed";
        Err(BackupError::WrongPassphrase(Reason::new(cause)))
    }
}

impl Access {
    /// The keyring that came along with the backup that was chosen, where that is not the one that is open.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when the passphrase does not fit that one.
    pub fn with_keyring_of(self, start: &BackupStart) -> Result<Self> {
        let (Some(file), Some((passphrase, opened))) = (start.keyring(), &self.came_along) else {
            return Ok(self);
        };
        if file == opened {
            return Ok(self);
        }
        let keyring = Keyring::unlock(file, passphrase);
        let keyring = keyring.map_err(|error| BackupError::missing(error, Missing::EarlierPassphrase))?;
        let passphrase = passphrase.expose_secret().to_owned().into();
        Ok(Self::came_along(keyring, passphrase, file))
    }

    /// These keys, and the keyring that they are of, if any.
    #[must_use]
    pub const fn new(keys: KeySet, keyring: Option<Keyring>) -> Self {
        Self {
            keys,
            keyring,
            came_along: None,
        }
    }

    /// Every key of a keyring.
    #[must_use]
    pub fn of_keyring(keyring: Keyring) -> Self {
        Self::new(keyring.keys().key_set(), Some(keyring))
    }

    fn came_along(keyring: Keyring, passphrase: SecretText, file: &[u8]) -> Self {
        Self {
            came_along: Some((passphrase, file.to_vec())),
            ..Self::of_keyring(keyring)
        }
    }
}
