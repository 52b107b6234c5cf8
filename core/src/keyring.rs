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
//! let (label, origin, created) = ("work", KeyOrigin::Imported, 1_700_000_000);
//! let details = NewKey { label, origin, created, vendor_id: None, replaces: None };
//! keyring.keys_mut().add(Arc::new(VaultKey::generate()?), details)?;
//!
//! let file: Vec<u8> = keyring.to_bytes()?;
//! let again = Keyring::unlock(&file, &passphrase)?;
//! assert_eq!(again.keys().find("work")?.id(), keyring.keys().find("work")?.id());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```json
//! {"format":"zkvault.keyring","version":2,
//!  "kdf":{"name":"argon2id","memory_kib":65536,"iterations":3,"lanes":4,"salt":"<base64, 16 bytes>"},
//!  "sealed":"<base64>"}
//! ```
//!
//! `sealed` is a Cobblestone-256 message under the unlock key, in a context that has every field of `kdf`. A wrong
//! passphrase and a changed file are one error. What is in it, and who uses it:
//!
//! | part | limit | |
//! |---|---|---|
//! | [`Keyring::identity`] | 1 | receives activations and files |
//! | [`PersonalKeys`] | 16 | the store, pins, records of a device, backups: one person's own |
//! | [`Keys`] | 1,024 | vault keys, each with a label, an origin and a state |
//! | [`Credentials`] | 32 of 8 KiB | API tokens and client secrets |
//! | [`Accounts`] | 64 | the accounts that have chains of backups |
//! | [`VendorLayouts`] | 64 accounts, 4 each | how the vendor's values are sealed |
//!
//! A key is never removed: it is retired, and its entry stays so that the same key is known when it comes again.
//! Every save raises the serial, by which two copies say which is newer; [`Keyring::merge`] unites them (threat
//! model, Z56). Writing the file atomically and locking it is the caller's.

mod accounts;
mod contents;
mod credentials;
mod keys;
mod layouts;
mod merge;
mod personal;
mod received;
mod sealed;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::account::AccountName;
use crate::cobblestone;
use crate::error::{RandomError, SealError};
use crate::identity::Identity;
use crate::kdf::{Kdf, KdfError, KdfParams};
use crate::secret::SecretText;

pub use crate::kdf::{UnlockKey, UnlockKeyId};
pub use accounts::{Accounts, AccountsFull, MAX_ACCOUNTS};
pub use credentials::{CredentialError, Credentials, MAX_CREDENTIAL_LEN, MAX_CREDENTIALS};
pub use keys::{
    AddKeyError, FindKeyError, KeyEntry, KeyOrigin, KeyState, KeyStateError, Keys, MAX_KEYS, MAX_LABEL_LEN, NewKey,
    RotateKeyError,
};
pub use layouts::{
    AccountLayouts, ChangeLayoutError, MAX_ACCOUNT_LAYOUTS, MAX_LAYOUT_ACCOUNTS, NotSealing, StoreLayoutError, Stored,
    StoredLayout, VendorLayouts,
};
pub use merge::{LineConflict, MergeError};
pub use personal::{MAX_PERSONAL_KEYS, PersonalKeys, RenewError};
pub use received::{ReceivedChange, Reception};
pub use sealed::{MAX_KEYRING_LEN, ReadKeyringError, SealedKeyring, UnlockKeyringError};

/// The highest serial: the greatest integer that every JSON reader keeps exactly.
const MAX_SERIAL: u64 = (1 << 53) - 1;

/// An unlocked keyring: the identity, the personal and the vault keys, and the API credentials.
///
/// Every secret in it is wiped when it is dropped. The passphrase is not kept: saving needs the unlock key alone.
pub struct Keyring {
    /// How it is saved next, which is not how it was opened where that was with less than today's default.
    kdf: Kdf,
    unlock_key: UnlockKey,
    /// Whether the file that it was opened from is protected by less than today's default.
    is_weak: bool,
    /// Whether it is weak and was opened to be read: then there is no key to save it under.
    is_read_only: bool,
    contents: Contents,
}

/// What is sealed in the file.
struct Contents {
    serial: u64,
    identity: Identity,
    personal: PersonalKeys,
    accounts: Accounts,
    keys: Keys,
    credentials: Credentials,
    layouts: VendorLayouts,
}

impl Contents {
    fn copy(&self) -> Self {
        Self {
            serial: self.serial,
            identity: self.identity.copy(),
            personal: self.personal.clone(),
            accounts: self.accounts.clone(),
            keys: self.keys.copy(),
            credentials: self.credentials.copy(),
            layouts: self.layouts.clone(),
        }
    }
}

impl Keyring {
    /// A new keyring with a new identity, one new personal key, and one new vault key, which is called `vault`. `now` is
    /// in seconds since 1970 (UTC).
    ///
    /// Nothing is written: [`Self::to_bytes`] gives the first file, with the serial 1.
    ///
    /// # Errors
    /// * [`PassphraseError::Kdf`] with [`KdfError::TooWeak`] or [`KdfError::OutOfLimits`] for the parameters, with
    ///   [`KdfError::EmptyPassphrase`] or [`KdfError::LongPassphrase`] for the passphrase, and with
    ///   [`KdfError::Memory`] when the system has not so much. Whether the passphrase is hard to guess is asked of
    ///   [`crate::passphrase`].
    /// * [`PassphraseError::Random`] without random bytes.
    pub fn create(passphrase: &SecretText, params: KdfParams, now: u64) -> Result<Self, PassphraseError> {
        let (kdf, unlock_key) = new_unlock_key(passphrase, params)?;
        let contents = Contents {
            serial: 0,
            identity: Identity::generate()?,
            personal: PersonalKeys::generate()?,
            accounts: Accounts::default(),
            keys: Keys::generate(now)?,
            credentials: Credentials::default(),
            layouts: VendorLayouts::default(),
        };
        Ok(Self {
            kdf,
            unlock_key,
            is_weak: params.is_below_default(),
            is_read_only: false,
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

    /// A second keyring with the same contents, to be saved under the same passphrase: for a change that takes the
    /// place of what was before only when all of it succeeded.
    ///
    /// The keys are shared; other secrets are copied, and wiped with the copy. Save one of the two: both would get
    /// the same serial.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            kdf: self.kdf,
            unlock_key: self.unlock_key.copy(),
            is_weak: self.is_weak,
            is_read_only: self.is_read_only,
            contents: self.contents.copy(),
        }
    }

    /// The bytes of the keyring file, sealed anew under the same passphrase, with a serial that is higher by one. A
    /// keyring that was opened with weaker KDF parameters than [today's default](KdfParams::default) gets at least
    /// those.
    ///
    /// # Errors
    /// [`SaveKeyringError::ReadOnly`] when it was opened to be read and is weak, [`SaveKeyringError::Serial`] after
    /// 2⁵³ − 1 saves, and [`SaveKeyringError::Seal`] without random bytes. What was written before is still the
    /// keyring then.
    pub fn to_bytes(&mut self) -> Result<Vec<u8>, SaveKeyringError> {
        if self.is_read_only {
            return Err(SaveKeyringError::ReadOnly);
        }
        if self.contents.serial >= MAX_SERIAL {
            return Err(SaveKeyringError::Serial);
        }
        self.contents.serial += 1;
        let plaintext = contents::write(&self.contents)?;
        let context = sealed::context(&self.kdf);
        let message = cobblestone::seal(&self.unlock_key.input_key(), &context, plaintext.expose_secret())?;
        let written = sealed::write(&self.kdf, &message)?;
        self.is_weak = self.kdf.params.is_below_default();
        Ok(written)
    }

    /// Puts the keyring under another passphrase, or the same with other parameters; a fresh salt is drawn
    /// either way. Parameters below [today's default](KdfParams::default) are raised to it. On an error nothing has
    /// changed.
    ///
    /// The old passphrase opens the copies that were made before, in backups and on other devices: the keys in them
    /// are the same.
    ///
    /// # Errors
    /// [`PassphraseError`], as for [`Self::create`].
    pub fn change_passphrase(&mut self, passphrase: &SecretText, params: KdfParams) -> Result<(), PassphraseError> {
        (self.kdf, self.unlock_key) = new_unlock_key(passphrase, params.at_least_default())?;
        (self.is_weak, self.is_read_only) = (false, false);
        Ok(())
    }

    /// Makes a new personal key. The ones before stay, to open what they made.
    ///
    /// For when somebody may have had a copy of the keyring and its passphrase. Stores, pins and backups are under
    /// the new key from their next writing on.
    ///
    /// # Errors
    /// [`RenewError`]; nothing has changed then.
    pub fn renew_personal_key(&mut self) -> Result<(), RenewError> {
        self.contents.personal.renew()
    }

    /// Makes a new identity in place of the old one, which is wiped: what was sealed for it opens no more.
    ///
    /// # Errors
    /// [`RandomError`]; nothing has changed then.
    pub fn renew_identity(&mut self) -> Result<(), RandomError> {
        self.contents.identity = Identity::generate()?;
        Ok(())
    }

    /// How often the keyring was saved, over all its copies: of two copies the one with the higher serial is newer.
    ///
    /// 0 before the first save. It is sealed with the rest, so that nobody without the passphrase makes an old copy
    /// look new.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.contents.serial
    }

    /// The personal keys.
    #[must_use]
    pub fn personal_keys(&self) -> &PersonalKeys {
        &self.contents.personal
    }

    /// The personal keys, to be added to.
    pub fn personal_keys_mut(&mut self) -> &mut PersonalKeys {
        &mut self.contents.personal
    }

    /// The accounts that have chains of backups.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.contents.accounts
    }

    /// The accounts that have chains of backups, to be added to.
    pub fn accounts_mut(&mut self) -> &mut Accounts {
        &mut self.contents.accounts
    }

    /// Whether the passphrase of the file that it was opened from costs less to try than [today's
    /// default](KdfParams::default). The next save changes that.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// What the passphrase costs to try, once it is saved.
    #[must_use]
    pub fn params(&self) -> KdfParams {
        self.kdf.params
    }

    /// The key that opens the file as it is saved next: for an agent, which keeps it so that the passphrase is not typed
    /// again. Of a keyring that is not [weak](Self::is_weak) it opens the file as it is, too.
    #[must_use]
    pub fn unlock_key(&self) -> &UnlockKey {
        &self.unlock_key
    }

    /// The name of [that key](Self::unlock_key).
    #[must_use]
    pub fn unlock_key_id(&self) -> UnlockKeyId {
        self.kdf.unlock_key_id()
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

    /// The layouts of the vendor's values, by account.
    #[must_use]
    pub fn vendor_layouts(&self) -> &VendorLayouts {
        &self.contents.layouts
    }

    /// The account of LogMeOnce that the credentials are of, by their `logmeonce.url`, if there is one.
    ///
    /// `None` also for an address that names no account.
    #[must_use]
    pub fn account(&self) -> Option<AccountName> {
        let url = self.credentials().get("logmeonce.url")?.expose_secret();
        let (_scheme, name) = url.split_once("://")?;
        AccountName::parse(name).ok()
    }

    /// The layouts of the vendor's values, to be changed.
    pub fn vendor_layouts_mut(&mut self) -> &mut VendorLayouts {
        &mut self.contents.layouts
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kdf,
            unlock_key: _,
            is_weak: _,
            is_read_only: _,
            contents:
                Contents {
                    serial,
                    identity,
                    personal,
                    accounts,
                    keys,
                    credentials,
                    layouts,
                },
        } = self;
        f.debug_struct("Keyring")
            .field("kdf", kdf)
            .field("serial", serial)
            .field("identity", identity)
            .field("personal", personal)
            .field("accounts", accounts)
            .field("keys", keys)
            .field("credentials", credentials)
            .field("layouts", layouts)
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

/// A keyring was not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SaveKeyringError {
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It is protected by less than today's default, and was opened to be read alone.
    #[error("the keyring was opened to be read")]
    ReadOnly,
    /// It was saved as often as serials count.
    #[error("the keyring was saved {MAX_SERIAL} times, and can be saved no more")]
    Serial,
}
