//! A keyring: how it is made and opened, and what is done with more than its keys.

use std::sync::Arc;

use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::backup::Chains;
use zkvault_core::kdf::KdfParams;
use zkvault_core::key::VaultKey;
use zkvault_core::keyring::Keyring;
use zkvault_core::repository::RepositoryKeys;
use zkvault_core::trust::{PinSet, PinsKey, PinsKeys};

use super::{Source, Vault, no_keyring};
use crate::error::{Error, Result};
use crate::secret::secret_text;

#[wasm_bindgen]
impl Vault {
    /// A new keyring under a passphrase in UTF-8. What is not given of Argon2id's cost is as core has it. `now` is in
    /// seconds since 1970 (UTC).
    ///
    /// # Errors
    /// `not-text`, `passphrase`, `kdf-too-weak`, `kdf-limits`, `memory`, or `random`.
    pub fn create(
        passphrase: Vec<u8>,
        memory_kib: Option<u32>,
        iterations: Option<u32>,
        lanes: Option<u32>,
        now: u64,
    ) -> std::result::Result<Self, Error> {
        let (passphrase, usual) = (secret_text(passphrase)?, KdfParams::default());
        let params = KdfParams::new(
            memory_kib.unwrap_or(usual.memory_kib()),
            iterations.unwrap_or(usual.iterations()),
            lanes.unwrap_or(usual.lanes()),
        )?;
        let keyring = Keyring::create(&passphrase, params, now)?;
        Ok(Self::new(Source::Keyring(Box::new(keyring))))
    }

    /// The vault of a keyring file.
    ///
    /// # Errors
    /// `wrong-passphrase`, `keyring`, and as for [`Self::create`].
    pub fn unlock(keyring: &[u8], passphrase: Vec<u8>) -> std::result::Result<Self, Error> {
        let keyring = Keyring::unlock(keyring, &secret_text(passphrase)?)?;
        Ok(Self::new(Source::Keyring(Box::new(keyring))))
    }

    /// Puts the keyring under a different passphrase, in UTF-8, at today's cost of Argon2id. `to_keyring` gives its file.
    ///
    /// # Errors
    /// `no-keyring`, and as for [`Self::create`]; nothing has changed then.
    #[wasm_bindgen(js_name = changePassphrase)]
    pub fn change_passphrase(&mut self, passphrase: Vec<u8>) -> std::result::Result<(), Error> {
        let passphrase = secret_text(passphrase)?;
        Ok(self
            .keyring_mut()?
            .change_passphrase(&passphrase, KdfParams::default())?)
    }

    /// The bytes of the keyring file, sealed anew, with a higher serial. One that was opened with a weaker KDF than
    /// today's default costs as much as that from now on.
    ///
    /// # Errors
    /// `no-keyring`, `memory`, `serial`, or `random`.
    #[wasm_bindgen(js_name = toKeyring)]
    pub fn to_keyring(&mut self) -> std::result::Result<Vec<u8>, Error> {
        Ok(self.keyring_mut()?.to_bytes()?)
    }
}

impl Vault {
    /// The keys of a repository: this one first, which is the default one or was chosen to seal.
    pub(crate) fn repository_keys(&self, first: &Arc<VaultKey>) -> RepositoryKeys {
        match &self.source {
            Source::Loose(keys) => RepositoryKeys::new(keys.clone()),
            Source::Keyring(keyring) => RepositoryKeys::opening(first, keyring),
        }
    }

    /// What may have sealed pins.
    pub(crate) fn pins_keys(&self) -> PinsKeys<'_> {
        match &self.source {
            Source::Keyring(keyring) => PinsKeys::Personal(keyring.personal_keys()),
            Source::Loose(_) => PinsKeys::VaultKeys(&self.keys),
        }
    }

    pub(crate) fn seal_pins(&self, pins: &PinSet, account: &AccountName, revision: u64) -> Result<Vec<u8>> {
        let personal = match &self.source {
            Source::Keyring(keyring) => keyring.personal_keys().iter().next(),
            Source::Loose(_) => None,
        };
        Ok(match personal {
            Some(key) => pins.seal(PinsKey::Personal(key), account, revision)?,
            None => pins.seal(PinsKey::VaultKey(&*self.default_key()?), account, revision)?,
        })
    }

    /// The chains of backups: of one account, or of all that the keyring names.
    pub(crate) fn chains(&self, account: Option<&AccountName>) -> Result<Chains> {
        let keyring = self.keyring()?;
        Ok(match account {
            Some(account) => Chains::of_account(keyring, account),
            None => Chains::of_keyring(keyring),
        })
    }

    /// The keyring names this account among those that have chains of backups.
    pub(crate) fn name_account(&mut self, account: &AccountName) -> Result<()> {
        Ok(self.keyring_mut()?.accounts_mut().add(account.clone())?)
    }

    /// The keyring's file, sealed anew, with its serial.
    pub(crate) fn keyring_and_serial(&mut self) -> Result<(Vec<u8>, u64)> {
        let keyring = self.keyring_mut()?;
        let file = keyring.to_bytes()?;
        Ok((file, keyring.serial()))
    }

    pub(crate) fn keyring(&self) -> Result<&Keyring> {
        match &self.source {
            Source::Keyring(keyring) => Ok(keyring),
            Source::Loose(_) => Err(no_keyring()),
        }
    }

    pub(super) fn keyring_mut(&mut self) -> Result<&mut Keyring> {
        match &mut self.source {
            Source::Keyring(keyring) => Ok(keyring),
            Source::Loose(_) => Err(no_keyring()),
        }
    }
}
