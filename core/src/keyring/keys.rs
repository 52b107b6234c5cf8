//! The vault keys in a keyring, each with what a person needs to know about it.

use std::fmt;
use std::sync::Arc;

use crate::error::RandomError;
use crate::key::{KeyId, KeySet, VaultKey};

/// The most vault keys in a keyring.
pub const MAX_KEYS: usize = 1024;
/// Bytes of a key's label at most, as UTF-8.
pub const MAX_LABEL_LEN: usize = 128;
const FIRST_LABEL: &str = "vault";

/// Where a vault key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyOrigin {
    /// Generated in this keyring.
    Generated,
    /// Imported from a file or another program.
    Imported,
    /// Derived from the vendor's user name and master password.
    VendorDerived,
    /// Received with a user activation.
    Activation,
}

impl KeyOrigin {
    const ALL: [Self; 4] = [Self::Generated, Self::Imported, Self::VendorDerived, Self::Activation];

    /// The origin's name in the keyring and in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Imported => "imported",
            Self::VendorDerived => "vendor-derived",
            Self::Activation => "activation",
        }
    }

    /// The label of a key that comes without one, such as `imported-453f40fe`.
    #[must_use]
    pub fn label_for(self, key: &VaultKey) -> String {
        format!("{self}-{}", key.id())
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether a vault key may still seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// The key seals and opens.
    Active,
    /// The key only opens what was sealed under it.
    Retired,
}

impl KeyState {
    const ALL: [Self; 2] = [Self::Active, Self::Retired];

    /// The state's name in the keyring and in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is to be remembered about a key that is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewKey<'a> {
    /// A name for people, unique in the keyring: 1 to 128 bytes, no control characters, not 8 hexadecimal
    /// digits (they would be taken for a key id).
    pub label: &'a str,
    /// Where the key came from.
    pub origin: KeyOrigin,
    /// When it was added, in seconds since 1970 (UTC).
    pub created: u64,
    /// The vendor's number for the key, where it is known.
    pub vendor_id: Option<KeyId>,
}

/// A vault key in a keyring.
#[derive(Debug)]
pub struct KeyEntry {
    key: Arc<VaultKey>,
    label: String,
    origin: KeyOrigin,
    created: u64,
    state: KeyState,
    vendor_id: Option<KeyId>,
}

impl KeyEntry {
    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &Arc<VaultKey> {
        &self.key
    }

    /// The identifier that zkvault derives from the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.key.id()
    }

    /// The name for people, unique in the keyring.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where the key came from.
    #[must_use]
    pub fn origin(&self) -> KeyOrigin {
        self.origin
    }

    /// When it was added, in seconds since 1970 (UTC).
    #[must_use]
    pub fn created(&self) -> u64 {
        self.created
    }

    /// Whether it may still seal.
    #[must_use]
    pub fn state(&self) -> KeyState {
        self.state
    }

    /// The vendor's number for the key, where it is known.
    #[must_use]
    pub fn vendor_id(&self) -> Option<KeyId> {
        self.vendor_id
    }
}

/// The vault keys of a keyring: at least one, no two the same, and always one active key that is the default
/// for what is sealed anew.
#[derive(Debug)]
pub struct Keys {
    entries: Vec<KeyEntry>,
    default: usize,
}

impl Keys {
    pub(super) fn generate(now: u64) -> Result<Self, RandomError> {
        let entry = KeyEntry {
            key: Arc::new(VaultKey::generate()?),
            label: FIRST_LABEL.to_owned(),
            origin: KeyOrigin::Generated,
            created: now,
            state: KeyState::Active,
            vendor_id: None,
        };
        Ok(Self {
            entries: vec![entry],
            default: 0,
        })
    }

    /// No keys: only while a keyring is read, which ends with [`Self::complete`].
    pub(super) fn incomplete() -> Self {
        Self {
            entries: Vec::new(),
            default: 0,
        }
    }

    /// Ends the reading of a keyring; `None` when `default` is no active key.
    pub(super) fn complete(mut self, default: usize) -> Option<Self> {
        self.default = default;
        let active = self.entries.get(default)?.state == KeyState::Active;
        active.then_some(self)
    }

    pub(super) fn default_position(&self) -> usize {
        self.default
    }

    /// Every key, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &KeyEntry> {
        self.entries.iter()
    }

    /// How many keys there are: never none.
    #[expect(clippy::len_without_is_empty, reason = "there is always a key")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The label of the key that seals what is sealed anew.
    #[must_use]
    pub fn default_label(&self) -> &str {
        self.entries.get(self.default).map_or("", KeyEntry::label)
    }

    /// All keys, to open values with: the default first, then the others, newest first.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let mut set = KeySet::new();
        let others = self
            .entries
            .iter()
            .enumerate()
            .rev()
            .filter(|(at, _)| *at != self.default);
        for entry in self
            .entries
            .get(self.default)
            .into_iter()
            .chain(others.map(|(_, entry)| entry))
        {
            set.add(Arc::clone(&entry.key), entry.vendor_id);
        }
        set
    }

    /// The key that a person names by its label, its id or the vendor's number for it.
    ///
    /// # Errors
    /// [`FindKeyError`] when there is none, or an id fits several.
    pub fn find(&self, name: &str) -> Result<&KeyEntry, FindKeyError> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.label == name) {
            return Ok(entry);
        }
        let id: KeyId = name.parse().map_err(|_| FindKeyError::NotFound)?;
        let fits = |entry: &&KeyEntry| entry.id() == id || entry.vendor_id == Some(id);
        let mut found = self.entries.iter().filter(fits);
        match (found.next(), found.count()) {
            (None, _) => Err(FindKeyError::NotFound),
            (Some(entry), 0) => Ok(entry),
            (Some(_), others) => Err(FindKeyError::Ambiguous { keys: others + 1 }),
        }
    }

    /// Adds an active key. The default stays the default: a key that was imported to read old values does not
    /// silently seal the new ones.
    ///
    /// # Errors
    /// [`AddKeyError`] when the key or its label is there already, the label is not usable, or the keyring is
    /// full.
    pub fn add(&mut self, key: Arc<VaultKey>, details: NewKey<'_>) -> Result<(), AddKeyError> {
        self.push(key, details, KeyState::Active)
    }

    /// Adds a key whose label somebody else chose: one that is taken or unusable gives way to
    /// [`KeyOrigin::label_for`]. A key that is there already stays as it is. Returns the label that it has now.
    ///
    /// # Errors
    /// [`AddKeyError`] when the keyring is full, or both labels are taken.
    pub fn add_received(&mut self, key: Arc<VaultKey>, details: NewKey<'_>) -> Result<String, AddKeyError> {
        let made_up = details.origin.label_for(&key);
        match self.add(Arc::clone(&key), details) {
            Ok(()) => Ok(details.label.to_owned()),
            Err(AddKeyError::KeyPresent { label }) => Ok(label),
            Err(AddKeyError::Label | AddKeyError::LabelTaken) => {
                let label = &made_up;
                match self.add(key, NewKey { label, ..details }) {
                    Err(AddKeyError::KeyPresent { label }) => Ok(label),
                    added => added.map(|()| made_up),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn push(&mut self, key: Arc<VaultKey>, details: NewKey<'_>, state: KeyState) -> Result<(), AddKeyError> {
        let NewKey {
            label,
            origin,
            created,
            vendor_id,
        } = details;
        self.check_label(label)?;
        if let Some(present) = self.entries.iter().find(|entry| entry.key == key) {
            let label = present.label.clone();
            return Err(AddKeyError::KeyPresent { label });
        }
        if self.entries.len() >= MAX_KEYS {
            return Err(AddKeyError::Full);
        }
        self.entries.push(KeyEntry {
            key,
            label: label.to_owned(),
            origin,
            created,
            state,
            vendor_id,
        });
        Ok(())
    }

    fn check_label(&self, label: &str) -> Result<(), AddKeyError> {
        let length = (1..=MAX_LABEL_LEN).contains(&label.len());
        if !length || label.trim().is_empty() || label.chars().any(char::is_control) || label.parse::<KeyId>().is_ok() {
            return Err(AddKeyError::Label);
        }
        if self.entries.iter().any(|entry| entry.label == label) {
            return Err(AddKeyError::LabelTaken);
        }
        Ok(())
    }

    /// Generates a key that becomes the default, and retires the one that was. What was sealed under the old
    /// key still opens, until the caller has sealed it anew.
    ///
    /// # Errors
    /// [`AddKeyError`]; nothing has changed then.
    pub fn rotate(&mut self, label: &str, now: u64) -> Result<(), AddKeyError> {
        let details = NewKey {
            label,
            origin: KeyOrigin::Generated,
            created: now,
            vendor_id: None,
        };
        self.add(Arc::new(VaultKey::generate()?), details)?;
        if let Some(old) = self.entries.get_mut(self.default) {
            old.state = KeyState::Retired;
        }
        self.default = self.entries.len() - 1;
        Ok(())
    }

    /// Makes an active key the default.
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label, or it is retired.
    pub fn set_default(&mut self, label: &str) -> Result<(), KeyStateError> {
        let (position, entry) = self.labelled(label)?;
        if entry.state == KeyState::Retired {
            return Err(KeyStateError::Retired);
        }
        self.default = position;
        Ok(())
    }

    /// Retires a key: it opens old values and seals no more. To retire the default, choose another default
    /// first, or [rotate](Self::rotate).
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label, or it is the default.
    pub fn retire(&mut self, label: &str) -> Result<(), KeyStateError> {
        let default = self.default;
        let (position, entry) = self.labelled(label)?;
        if position == default {
            return Err(KeyStateError::IsDefault);
        }
        entry.state = KeyState::Retired;
        Ok(())
    }

    fn labelled(&mut self, label: &str) -> Result<(usize, &mut KeyEntry), KeyStateError> {
        let mut entries = self.entries.iter_mut().enumerate();
        entries
            .find(|(_, entry)| entry.label == label)
            .ok_or(KeyStateError::NotFound)
    }
}

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
