//! One vault key of a keyring, with what a person needs to know about it.
//!
//! Everything but the key is for people: nothing is sealed or opened because of a label, an origin or a time.

use std::fmt;
use std::sync::Arc;

use crate::key::{KeyFingerprint, KeyId, KeyMember, VaultKey};

/// Where a vault key came from.
///
/// A key that was derived from a master password is no stronger than that, which a person should know.
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
    ///
    /// ```
    /// use zkvault_core::key::VaultKey;
    /// use zkvault_core::keyring::KeyOrigin;
    ///
    /// let key = VaultKey::from_slice(&[1; 32])?;
    /// assert_eq!(KeyOrigin::VendorDerived.label_for(&key), "vendor-derived-878694ff");
    /// # Ok::<(), zkvault_core::KeyLengthError>(())
    /// ```
    #[must_use]
    pub fn label_for(self, key: &VaultKey) -> String {
        format!("{self}-{}", key.id())
    }

    pub(in crate::keyring) fn from_name(name: &str) -> Option<Self> {
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

    pub(in crate::keyring) fn from_name(name: &str) -> Option<Self> {
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
    /// The key in whose place it is used, where there is one.
    pub replaces: Option<KeyFingerprint>,
}

/// A vault key in a keyring.
///
/// Only [`Keys`](super::Keys) makes and changes one. The key is wiped when its last holder drops it.
#[derive(Debug)]
pub struct KeyEntry {
    pub(in crate::keyring) key: Arc<VaultKey>,
    pub(in crate::keyring) label: String,
    pub(in crate::keyring) origin: KeyOrigin,
    pub(in crate::keyring) created: u64,
    /// When it was retired.
    pub(in crate::keyring) retired: Option<u64>,
    pub(in crate::keyring) replaces: Option<KeyFingerprint>,
    pub(in crate::keyring) vendor_id: Option<KeyId>,
    pub(in crate::keyring) is_followed: bool,
}

impl KeyEntry {
    /// The same entry in another keyring; the key itself is shared.
    pub(in crate::keyring) fn copy(&self) -> Self {
        Self {
            key: Arc::clone(&self.key),
            label: self.label.clone(),
            ..*self
        }
    }

    /// The key as a [`KeySet`](crate::key::KeySet) has it.
    #[must_use]
    pub fn member(&self) -> KeyMember {
        KeyMember {
            key: Arc::clone(&self.key),
            vendor_id: self.vendor_id,
            is_retired: self.retired.is_some(),
            replaces: self.replaces,
            is_followed: self.is_followed,
        }
    }

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
    ///
    /// By the clock of the device that added it, which may have been wrong: keys are ordered by their places and not
    /// by this.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.created
    }

    /// Whether it may still seal.
    ///
    /// Retired exactly when there is a time of retirement.
    #[must_use]
    pub fn state(&self) -> KeyState {
        match self.retired {
            None => KeyState::Active,
            Some(_) => KeyState::Retired,
        }
    }

    /// When it was retired, in seconds since 1970 (UTC); `None` of an active key.
    #[must_use]
    pub fn retired(&self) -> Option<u64> {
        self.retired
    }

    /// The key in whose place it is used, which may be one that is not in the keyring.
    #[must_use]
    pub fn replaces(&self) -> Option<KeyFingerprint> {
        self.replaces
    }

    /// Whether a person follows it: what replaces a value of the vendor's layouts under it is accepted without a question.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.is_followed
    }

    /// The vendor's number for the key, where it is known.
    #[must_use]
    pub fn vendor_id(&self) -> Option<KeyId> {
        self.vendor_id
    }
}
