//! The API credentials in a keyring: a few named secrets.
//!
//! Their names are the program's: `zkv` keeps `logmeonce.url`, `logmeonce.secret` and so on, and in `known-backups`
//! what other devices should know. Nothing here knows what they mean but
//! [`Keyring::account`](super::Keyring::account), which reads the account's name from the first.

use std::collections::BTreeMap;

use crate::secret::SecretText;

/// The most credentials in a keyring.
pub const MAX_CREDENTIALS: usize = 32;
/// Bytes of a credential at most, as UTF-8: 8 KiB.
pub const MAX_CREDENTIAL_LEN: usize = 8 * 1024;
const MAX_NAME_LEN: usize = 128;

/// Secrets by name: API tokens and client secrets.
///
/// The secrets are wiped when they are replaced, removed or dropped.
///
/// ```
/// # use zkvault_core::kdf::KdfParams;
/// # use zkvault_core::keyring::Keyring;
/// use zkvault_core::SecretText;
/// use zkvault_core::keyring::CredentialError;
///
/// # let passphrase = SecretText::from(String::from("clamp juror onyx"));
/// # let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
/// let secret = |text: &str| SecretText::from(text.to_owned());
/// keyring.credentials_mut().set("logmeonce.url", secret("https://acme.logmeonce.com"))?;
/// assert_eq!(keyring.account().map(|account| account.to_string()).as_deref(), Some("acme.logmeonce.com"));
/// let long = keyring.credentials_mut().set("token", secret(&"x".repeat(8193)));
/// assert_eq!(long, Err(CredentialError::TooLong { bytes: 8193 }));
/// assert!(!format!("{keyring:?}").contains("https://"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Credentials(BTreeMap<String, SecretText>);

impl Credentials {
    /// The same in another keyring.
    pub(super) fn copy(&self) -> Self {
        let copied = |(name, secret): (&String, &SecretText)| {
            let secret = SecretText::from(secret.expose_secret().to_owned());
            (name.clone(), secret)
        };
        Self(self.0.iter().map(copied).collect())
    }

    /// The credential with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretText> {
        self.0.get(name)
    }

    /// Every credential with its name, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &SecretText)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Sets a credential, in place of the one that had the name. A name is 1 to 128 bytes without control
    /// characters.
    ///
    /// # Errors
    /// [`CredentialError::TooLong`] above 8 KiB, [`CredentialError::Name`] for a name that is empty, too long or has
    /// control characters, and [`CredentialError::Full`] when there are 32 others. Nothing has changed then.
    pub fn set(&mut self, name: &str, secret: SecretText) -> Result<(), CredentialError> {
        let bytes = secret.expose_secret().len();
        if bytes > MAX_CREDENTIAL_LEN {
            return Err(CredentialError::TooLong { bytes });
        }
        if !(1..=MAX_NAME_LEN).contains(&name.len()) || name.chars().any(char::is_control) {
            return Err(CredentialError::Name);
        }
        if self.0.len() >= MAX_CREDENTIALS && !self.0.contains_key(name) {
            return Err(CredentialError::Full);
        }
        self.0.insert(name.to_owned(), secret);
        Ok(())
    }

    /// Takes a credential out; `None` when there was none.
    pub fn remove(&mut self, name: &str) -> Option<SecretText> {
        self.0.remove(name)
    }
}

/// A credential was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The name is empty, too long or has control characters in it.
    #[error("a credential's name is 1 to {MAX_NAME_LEN} bytes without control characters")]
    Name,
    /// The secret is too long.
    #[error("a credential of {bytes} bytes: at most {MAX_CREDENTIAL_LEN} are kept")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// The keyring is full.
    #[error("the keyring has {MAX_CREDENTIALS} credentials, and takes no more")]
    Full,
}
