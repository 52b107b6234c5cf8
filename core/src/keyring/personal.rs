//! The personal keys in a keyring: for what is one person's own, and never sealed for anybody else.

use crate::error::RandomError;
use crate::secret::SecretArray;

/// Bytes of a personal key.
pub(super) const PERSONAL_KEY_LEN: usize = 32;
/// The most personal keys in a keyring.
pub const MAX_PERSONAL_KEYS: usize = 16;

/// A key that only its person has. Compared in constant time.
#[derive(Debug, PartialEq, Eq)]
pub struct PersonalKey(SecretArray<PERSONAL_KEY_LEN>);

impl PersonalKey {
    pub(super) fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self)
    }

    /// `None` when there are not exactly 32 bytes.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        SecretArray::from_slice(bytes).ok().map(Self)
    }

    pub(super) fn expose_secret(&self) -> &[u8; PERSONAL_KEY_LEN] {
        self.0.expose()
    }
}

/// One to 16 personal keys, no two the same, the newest first. The first is in use; the others open what they made.
#[derive(Debug)]
pub struct PersonalKeys(Vec<PersonalKey>);

impl PersonalKeys {
    pub(super) fn generate() -> Result<Self, RandomError> {
        Ok(Self(vec![PersonalKey::generate()?]))
    }

    /// `None` when there is none, there are too many, or two are the same.
    pub(super) fn new(keys: Vec<PersonalKey>) -> Option<Self> {
        let distinct = keys
            .iter()
            .enumerate()
            .all(|(at, key)| keys.iter().skip(at + 1).all(|other| other != key));
        let number = (1..=MAX_PERSONAL_KEYS).contains(&keys.len());
        (number && distinct).then_some(Self(keys))
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &PersonalKey> {
        self.0.iter()
    }

    /// How many there are: never none.
    #[expect(clippy::len_without_is_empty, reason = "there is always a key")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts a new key in front of the others, which stay.
    ///
    /// # Errors
    /// [`RenewError`] when there are 16 keys, or no random bytes.
    pub(super) fn renew(&mut self) -> Result<(), RenewError> {
        if self.0.len() >= MAX_PERSONAL_KEYS {
            return Err(RenewError::Full);
        }
        self.0.insert(0, PersonalKey::generate()?);
        Ok(())
    }

    /// Whether those that only `other` has fit in as well.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let more = other.0.iter().filter(|key| !self.0.contains(key)).count();
        self.0.len() + more <= MAX_PERSONAL_KEYS
    }

    /// Puts those that only `other` has behind these. The caller has asked whether they [fit](Self::fits).
    pub(super) fn append(&mut self, other: Self) {
        for key in other.0 {
            if !self.0.contains(&key) {
                self.0.push(key);
            }
        }
    }
}

/// No new personal key was made. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenewError {
    /// The keyring is full.
    #[error("the keyring has {MAX_PERSONAL_KEYS} personal keys, and takes no more")]
    Full,
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}
