//! The personal keys in a keyring: for what is one person's own, and never sealed for anybody else.
//!
//! After a renewal the former keys stay, because stores, records and backups of before are under them. They open,
//! list and prune; nothing is sealed under them. What is derived from a personal key is in [`crate::personal`].

use std::sync::Arc;

use crate::error::RandomError;
use crate::personal::PersonalKey;

/// The most personal keys in a keyring.
pub const MAX_PERSONAL_KEYS: usize = 16;

/// One to 16 personal keys, no two the same, the newest first. The first is in use; the others open what they made.
///
/// Shared by `Arc` with chains, stores and clones. There is no way to remove one.
#[derive(Debug, Clone)]
pub struct PersonalKeys(Vec<Arc<PersonalKey>>);

impl PersonalKeys {
    pub(super) fn generate() -> Result<Self, RandomError> {
        Ok(Self(vec![Arc::new(PersonalKey::generate()?)]))
    }

    /// `None` when there is none, there are too many, or two are the same.
    pub(super) fn new(keys: Vec<Arc<PersonalKey>>) -> Option<Self> {
        let distinct = keys
            .iter()
            .enumerate()
            .all(|(at, key)| keys.iter().skip(at + 1).all(|other| other != key));
        let number = (1..=MAX_PERSONAL_KEYS).contains(&keys.len());
        (number && distinct).then_some(Self(keys))
    }

    /// Every key, the newest first: that one is in use.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<PersonalKey>> {
        self.0.iter()
    }

    /// Adds a key behind the others, unless it is there: it opens what it made.
    ///
    /// It never becomes the one in use: that is [`Keyring::renew_personal_key`](super::Keyring::renew_personal_key)'s
    /// alone.
    ///
    /// # Errors
    /// [`RenewError::Full`] when there are 16 others.
    pub fn add_former(&mut self, key: PersonalKey) -> Result<(), RenewError> {
        if self.0.iter().any(|present| **present == key) {
            return Ok(());
        }
        if self.0.len() >= MAX_PERSONAL_KEYS {
            return Err(RenewError::Full);
        }
        self.0.push(Arc::new(key));
        Ok(())
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
        self.0.insert(0, Arc::new(PersonalKey::generate()?));
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
