//! Why a key was not added, not found, or not changed.

use super::{MAX_KEYS, MAX_LABEL_LEN};
use crate::error::RandomError;

/// A key was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddKeyError {
    /// The label is blank, too long, looks like a key id or has control characters in it.
    #[error(
        "a label is 1 to {MAX_LABEL_LEN} bytes without control characters, not blank, and not 8 hexadecimal digits"
    )]
    Label,
    /// Another key has the label.
    #[error("there is a key with this label already")]
    LabelTaken,
    /// The keyring has the key.
    #[error("the keyring has this key already, as {label:?}")]
    KeyPresent {
        /// The label it has there.
        label: String,
    },
    /// The keyring has the key, and it is retired: adding it again does not make it active.
    #[error("the keyring has this key already, as {label:?}, and it is retired")]
    KeyRetired {
        /// The label it has there.
        label: String,
    },
    /// The key would replace itself.
    #[error("a key cannot replace itself")]
    ReplacesItself,
    /// The keyring is full.
    #[error("the keyring has {MAX_KEYS} keys, and takes no more")]
    Full,
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A name does not name one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindKeyError {
    /// No key has that label or id.
    #[error("no key has that label or id")]
    NotFound,
    /// The id fits several keys: only their labels tell them apart.
    #[error("{keys} keys have that id: use a label")]
    Ambiguous {
        /// How many.
        keys: usize,
    },
}

/// The state of a key was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStateError {
    /// No key has that label.
    #[error("no key has that label")]
    NotFound,
    /// A retired key cannot be the default.
    #[error("the key is retired")]
    Retired,
    /// The default cannot be retired.
    #[error("the key is the default for new values: choose another default first")]
    IsDefault,
}

/// A key was not rotated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RotateKeyError {
    /// The key that should be replaced is retired, or is not there.
    #[error(transparent)]
    Old(#[from] KeyStateError),
    /// The new key was not added.
    #[error(transparent)]
    New(#[from] AddKeyError),
}
