//! The API credentials in a keyring: a few named secrets.

use std::collections::BTreeMap;

use crate::secret::SecretText;

/// The most credentials in a keyring.
pub const MAX_CREDENTIALS: usize = 32;
/// Bytes of a credential at most, as UTF-8: 8 KiB.
pub const MAX_CREDENTIAL_LEN: usize = 8 * 1024;
const MAX_NAME_LEN: usize = 128;

/// Secrets by name: API tokens and client secrets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Credentials(BTreeMap<String, SecretText>);

impl Credentials {
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
    /// [`CredentialError`]; nothing has changed then.
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
