//! The keyring: everything secret that a person keeps, in one small file under their passphrase
//! (docs/spec/keyring.md).
//!
//! A [`SealedKeyring`] is the file, a [`Keyring`] is what is in it. Saving an unlocked keyring seals it under
//! the same unlock key with a fresh salt, so it costs no second Argon2id.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::SecretText;
//! use zkvault_core::kdf::KdfParams;
//! use zkvault_core::key::VaultKey;
//! use zkvault_core::keyring::{KeyOrigin, Keyring, NewKey};
//!
//! let passphrase = SecretText::from(String::from("clamp juror onyx radiator"));
//! // As cheap as is allowed; `KdfParams::default()` is for people.
//! let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 1_700_000_000)?;
//! let details = NewKey { label: "work", origin: KeyOrigin::Imported, created: 1_700_000_000, vendor_id: None };
//! keyring.keys_mut().add(Arc::new(VaultKey::generate()?), details)?;
//!
//! let file: Vec<u8> = keyring.to_bytes()?;
//! let again = Keyring::unlock(&file, &passphrase)?;
//! assert_eq!(again.keys().find("work")?.id(), keyring.keys().find("work")?.id());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod contents;
mod credentials;
mod keys;
mod sealed;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::cobblestone;
use crate::error::{RandomError, SealError};
use crate::identity::Identity;
use crate::kdf::{Kdf, KdfError, KdfParams, UnlockKey};
use crate::secret::SecretText;

pub use credentials::{CredentialError, Credentials, MAX_CREDENTIAL_LEN, MAX_CREDENTIALS};
pub use keys::{
    AddKeyError, FindKeyError, KeyEntry, KeyOrigin, KeyState, KeyStateError, Keys, MAX_KEYS, MAX_LABEL_LEN, NewKey,
};
pub use sealed::{MAX_KEYRING_LEN, ReadKeyringError, SealedKeyring, UnlockKeyringError};

/// An unlocked keyring: the identity, the vault keys and the API credentials.
pub struct Keyring {
    kdf: Kdf,
    unlock_key: UnlockKey,
    contents: Contents,
}

/// What is sealed in the file.
struct Contents {
    identity: Identity,
    keys: Keys,
    credentials: Credentials,
}

impl Keyring {
    /// A new keyring with a new identity and one new vault key, which is called `vault`. `now` is in seconds
    /// since 1970 (UTC).
    ///
    /// # Errors
    /// [`PassphraseError`] when the parameters are too weak or out of limits, the passphrase is empty or too
    /// long, or the system has no memory or no random bytes to give.
    pub fn create(passphrase: &SecretText, params: KdfParams, now: u64) -> Result<Self, PassphraseError> {
        let (kdf, unlock_key) = new_unlock_key(passphrase, params)?;
        let contents = Contents {
            identity: Identity::generate()?,
            keys: Keys::generate(now)?,
            credentials: Credentials::default(),
        };
        Ok(Self {
            kdf,
            unlock_key,
            contents,
        })
    }

    /// Opens a keyring file with its passphrase. The same as [`SealedKeyring::parse`] and
    /// [`SealedKeyring::unlock`].
    ///
    /// # Errors
    /// [`UnlockKeyringError`], which tells a file that cannot be read from a passphrase that does not fit.
    pub fn unlock(bytes: &[u8], passphrase: &SecretText) -> Result<Self, UnlockKeyringError> {
        SealedKeyring::parse(bytes)?.unlock(passphrase)
    }

    /// The bytes of the keyring file, sealed anew under the same passphrase.
    ///
    /// # Errors
    /// [`SealError`] when the system has no random bytes for the salt.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealError> {
        let plaintext = contents::write(&self.contents)?;
        let context = sealed::context(&self.kdf);
        let message = cobblestone::seal(self.unlock_key.input_key(), &context, &plaintext)?;
        sealed::write(&self.kdf, &message)
    }

    /// Puts the keyring under another passphrase, or the same with other parameters; a fresh salt is drawn
    /// either way. On an error nothing has changed.
    ///
    /// # Errors
    /// [`PassphraseError`], as for [`Self::create`].
    pub fn change_passphrase(&mut self, passphrase: &SecretText, params: KdfParams) -> Result<(), PassphraseError> {
        (self.kdf, self.unlock_key) = new_unlock_key(passphrase, params)?;
        Ok(())
    }

    /// What the passphrase costs to try.
    #[must_use]
    pub fn params(&self) -> KdfParams {
        self.kdf.params
    }

    /// The identity of the person.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.contents.identity
    }

    /// The vault keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.contents.keys
    }

    /// The vault keys, to be changed.
    pub fn keys_mut(&mut self) -> &mut Keys {
        &mut self.contents.keys
    }

    /// The API credentials.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.contents.credentials
    }

    /// The API credentials, to be changed.
    pub fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.contents.credentials
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kdf,
            unlock_key: _,
            contents:
                Contents {
                    identity,
                    keys,
                    credentials,
                },
        } = self;
        f.debug_struct("Keyring")
            .field("kdf", kdf)
            .field("identity", identity)
            .field("keys", keys)
            .field("credentials", credentials)
            .finish_non_exhaustive()
    }
}

fn new_unlock_key(passphrase: &SecretText, params: KdfParams) -> Result<(Kdf, UnlockKey), PassphraseError> {
    params.require_strong()?;
    let kdf = Kdf::generate(params)?;
    let unlock_key = kdf.derive(passphrase)?;
    Ok((kdf, unlock_key))
}

/// A keyring was not put under a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// The parameters or the passphrase are not acceptable, or the memory is missing.
    #[error(transparent)]
    Kdf(#[from] KdfError),
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}
