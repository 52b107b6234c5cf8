//! The vault keys in a keyring, each with what a person needs to know about it.
//!
//! A key is active or retired. Active keys seal and open, and one of them is the default for what is sealed anew;
//! retired ones only open what was sealed before. To rotate is to add a key that replaces another and to retire that.
//! Keys that replace one another are a line (docs/spec/keyring.md#lines-of-keys).

mod entry;
mod error;

use std::sync::Arc;

use crate::error::RandomError;
use crate::key::{KeyId, KeySet, VaultKey};

pub use entry::{KeyEntry, KeyOrigin, KeyState, NewKey};
pub use error::{AddKeyError, FindKeyError, KeyStateError, RotateKeyError};

/// The most vault keys in a keyring.
pub const MAX_KEYS: usize = 1024;
/// Bytes of a key's label at most, as UTF-8.
pub const MAX_LABEL_LEN: usize = 128;
const FIRST_LABEL: &str = "vault";

/// The vault keys of a keyring: at least one, no two the same, and always one active key that is the default
/// for what is sealed anew.
///
/// In the order in which they were added, which is by age. A key that replaces one of the others comes after it, so
/// that no line is a circle.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::SecretText;
/// use zkvault_core::kdf::KdfParams;
/// use zkvault_core::key::VaultKey;
/// use zkvault_core::keyring::{AddKeyError, KeyOrigin, KeyState, KeyStateError, Keyring, NewKey};
///
/// # let passphrase = SecretText::from(String::from("clamp juror onyx"));
/// let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 1_700_000_000)?;
/// let keys = keyring.keys_mut();
/// assert_eq!(keys.default_label(), "vault");
///
/// // A key that was imported to read old values does not seal the new ones.
/// let imported = Arc::new(VaultKey::from_slice(&[7; 32])?);
/// let details = NewKey {
///     label: "work", origin: KeyOrigin::Imported, created: 1_700_000_000, vendor_id: None, replaces: None,
/// };
/// keys.add(Arc::clone(&imported), details)?;
/// assert_eq!(keys.default_label(), "vault");
/// let again = keys.add(imported, NewKey { label: "again", ..details });
/// assert_eq!(again, Err(AddKeyError::KeyPresent { label: "work".to_owned() }));
///
/// // Rotating the default makes the new key the default, and retires the old one.
/// keys.rotate("vault", "vault-2", 1_700_086_400)?;
/// assert_eq!((keys.default_label(), keys.find("vault")?.state()), ("vault-2", KeyState::Retired));
/// assert_eq!(keys.find("vault-2")?.replaces(), Some(keys.find("vault")?.key().fingerprint()));
/// assert_eq!(keys.set_default("vault"), Err(KeyStateError::Retired));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
            retired: None,
            replaces: None,
            vendor_id: None,
            is_followed: false,
        };
        Ok(Self {
            entries: vec![entry],
            default: 0,
        })
    }

    /// The same keys in another keyring.
    pub(super) fn copy(&self) -> Self {
        Self {
            entries: self.entries.iter().map(KeyEntry::copy).collect(),
            default: self.default,
        }
    }

    /// No keys: only while a keyring is read, which ends with [`Self::complete`].
    pub(super) fn incomplete() -> Self {
        Self {
            entries: Vec::new(),
            default: 0,
        }
    }

    /// Keys that somebody sent, which need no active one among them: only to be [merged](Self::merged).
    pub(super) fn unchecked(entries: Vec<KeyEntry>) -> Self {
        Self { entries, default: 0 }
    }

    /// Ends the reading of a keyring; `None` when `default` is no active key.
    pub(super) fn complete(mut self, default: usize) -> Option<Self> {
        self.default = default;
        let active = self.entries.get(default)?.retired.is_none();
        active.then_some(self)
    }

    /// Whether every key that replaces one of these keys comes after it: then no line of keys is a circle.
    pub(super) fn are_in_order(&self) -> bool {
        let at = |fingerprint| {
            self.entries
                .iter()
                .position(|entry| entry.key.fingerprint() == fingerprint)
        };
        let mut entries = self.entries.iter().enumerate();
        entries.all(|(place, entry)| entry.replaces.and_then(at).is_none_or(|replaced| replaced < place))
    }

    /// Keys in an order of their own; `None` when `default` is no active key, or a key comes before one that it replaces.
    pub(super) fn from_entries(entries: Vec<KeyEntry>, default: usize) -> Option<Self> {
        let keys = Self { entries, default: 0 }.complete(default)?;
        keys.are_in_order().then_some(keys)
    }

    pub(super) fn default_entry(&self) -> Option<&KeyEntry> {
        self.entries.get(self.default)
    }

    pub(super) fn default_position(&self) -> usize {
        self.default
    }

    /// Every key, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &KeyEntry> + ExactSizeIterator {
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
        self.default_entry().map_or("", KeyEntry::label)
    }

    /// All keys, to open values with: the default first, then the other active ones, then the retired ones, each the
    /// newest first.
    ///
    /// Layouts of the vendor's values are not in it: [`KeySet::set_vendor_layouts`] takes those of the account.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let mut set = KeySet::new();
        let others = || {
            self.entries
                .iter()
                .enumerate()
                .rev()
                .filter(|(at, _)| *at != self.default)
        };
        let active = others().filter(|(_, entry)| entry.retired.is_none());
        let retired = others().filter(|(_, entry)| entry.retired.is_some());
        let default = self.default_entry().into_iter();
        for entry in default.chain(active.chain(retired).map(|(_, entry)| entry)) {
            set.add_member(entry.member());
        }
        set
    }

    /// The key that a person names by its label, its id or the vendor's number for it.
    ///
    /// A label comes first, so that no id can take its place; a label is never 8 hexadecimal digits.
    ///
    /// # Errors
    /// [`FindKeyError::NotFound`], and [`FindKeyError::Ambiguous`] when an id or a vendor's number fits several keys.
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
    /// * [`AddKeyError::KeyPresent`] and [`AddKeyError::KeyRetired`] when the keyring has the key, with its label
    ///   there. A retired key stays retired until [`reinstate`](Self::reinstate).
    /// * [`AddKeyError::Label`] and [`AddKeyError::LabelTaken`] for the label, which is checked after the key.
    /// * [`AddKeyError::ReplacesItself`], and [`AddKeyError::Full`] when there are 1,024 keys.
    pub fn add(&mut self, key: Arc<VaultKey>, details: NewKey<'_>) -> Result<(), AddKeyError> {
        self.push(key, details, None)
    }

    pub(super) fn push(
        &mut self,
        key: Arc<VaultKey>,
        details: NewKey<'_>,
        retired: Option<u64>,
    ) -> Result<(), AddKeyError> {
        let NewKey {
            label,
            origin,
            created,
            vendor_id,
            replaces,
        } = details;
        self.check_absent(&key)?;
        self.check_label(label)?;
        if replaces == Some(key.fingerprint()) {
            return Err(AddKeyError::ReplacesItself);
        }
        if self.entries.len() >= MAX_KEYS {
            return Err(AddKeyError::Full);
        }
        self.entries.push(KeyEntry {
            key,
            label: label.to_owned(),
            origin,
            created,
            retired,
            replaces,
            vendor_id,
            is_followed: false,
        });
        Ok(())
    }

    fn check_absent(&self, key: &Arc<VaultKey>) -> Result<(), AddKeyError> {
        let Some(present) = self.entries.iter().find(|entry| entry.key == *key) else {
            return Ok(());
        };
        let label = present.label.clone();
        Err(match present.retired {
            Some(_) => AddKeyError::KeyRetired { label },
            None => AddKeyError::KeyPresent { label },
        })
    }

    /// Whether a key may have this label, if it is free.
    pub(super) fn is_label(label: &str) -> bool {
        let length = (1..=MAX_LABEL_LEN).contains(&label.len());
        length && !label.trim().is_empty() && !label.chars().any(char::is_control) && label.parse::<KeyId>().is_err()
    }

    fn check_label(&self, label: &str) -> Result<(), AddKeyError> {
        if !Self::is_label(label) {
            return Err(AddKeyError::Label);
        }
        if self.entries.iter().any(|entry| entry.label == label) {
            return Err(AddKeyError::LabelTaken);
        }
        Ok(())
    }

    /// Generates a key that replaces the one called `old`, which is retired. If that was the default, the new key is.
    /// What was sealed under the old key still opens. `now` is in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// [`RotateKeyError::Old`] when no key has that label or it is retired already, and [`RotateKeyError::New`] when
    /// the new key cannot be added. Nothing has changed then.
    pub fn rotate(&mut self, old: &str, label: &str, now: u64) -> Result<(), RotateKeyError> {
        let (position, entry) = self.labelled(old)?;
        if entry.retired.is_some() {
            return Err(KeyStateError::Retired.into());
        }
        let details = NewKey {
            label,
            origin: KeyOrigin::Generated,
            created: now,
            vendor_id: None,
            replaces: Some(entry.key.fingerprint()),
        };
        self.add(Arc::new(VaultKey::generate().map_err(AddKeyError::from)?), details)?;
        if position == self.default {
            self.default = self.entries.len() - 1;
        }
        if let Some(old) = self.entries.get_mut(position) {
            old.retired = Some(now);
        }
        Ok(())
    }

    /// Makes an active key the default.
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label, or it is retired.
    pub fn set_default(&mut self, label: &str) -> Result<(), KeyStateError> {
        let (position, entry) = self.labelled(label)?;
        if entry.retired.is_some() {
            return Err(KeyStateError::Retired);
        }
        self.default = position;
        Ok(())
    }

    /// Retires a key: it opens old values and seals no more. It stays in the keyring, so that the same key is known
    /// when it comes again. To retire the default, choose another default first, or [rotate](Self::rotate). `now` is
    /// in seconds since 1970 (UTC); a key that is retired already keeps its time.
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label, or it is the default.
    pub fn retire(&mut self, label: &str, now: u64) -> Result<(), KeyStateError> {
        let default = self.default;
        let (position, entry) = self.labelled(label)?;
        if position == default {
            return Err(KeyStateError::IsDefault);
        }
        entry.retired.get_or_insert(now);
        Ok(())
    }

    /// Makes a retired key active again. An active one stays so.
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label.
    pub fn reinstate(&mut self, label: &str) -> Result<(), KeyStateError> {
        let (_, entry) = self.labelled(label)?;
        entry.retired = None;
        Ok(())
    }

    /// Follows a key, or does so no more: whether what replaces a value of the vendor's layouts under it is accepted without
    /// a question. A key that replaces it is not followed by that.
    ///
    /// # Errors
    /// [`KeyStateError`] when no key has that label.
    pub fn follow(&mut self, label: &str, follow: bool) -> Result<(), KeyStateError> {
        let (_, entry) = self.labelled(label)?;
        entry.is_followed = follow;
        Ok(())
    }

    fn labelled(&mut self, label: &str) -> Result<(usize, &mut KeyEntry), KeyStateError> {
        let mut entries = self.entries.iter_mut().enumerate();
        entries
            .find(|(_, entry)| entry.label == label)
            .ok_or(KeyStateError::NotFound)
    }
}
