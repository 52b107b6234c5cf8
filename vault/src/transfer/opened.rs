//! Which key opened a file: that tells who can have made it.
//!
//! A file under a vault key was made by somebody who has that key; one that was opened by the identity can be from
//! anyone who knows the public identity, which proves no sender (threat model, Z55). A key that is retired may be in
//! the hands of a former member. So everything that opens a file reports this, and a caller may insist.

use serde::Serialize;
use zkvault_core::file::UnlockedBy;
use zkvault_core::key::KeyMember;
use zkvault_core::keyring::Keyring;
use zkvault_core::repository::RepositoryKey;

/// What opened a file.
///
/// As JSON: `{"type":"vault-key","key_id":"…","label":"…","state":"active"}`, `{"type":"identity"}` or
/// `{"type":"chain"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum OpenedBy {
    /// A vault key.
    VaultKey {
        /// Its identifier.
        key_id: String,
        /// Its label, of a key in a keyring.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// `active` or `retired`.
        state: &'static str,
    },
    /// The identity: anyone who knows the public identity can have made the file.
    Identity,
    /// The key of a chain of backups.
    Chain,
}

impl OpenedBy {
    /// What a file was unlocked with, by the names of a keyring.
    #[must_use]
    pub fn new(by: UnlockedBy, keyring: Option<&Keyring>) -> Self {
        let (fingerprint, id, is_retired) = match by {
            UnlockedBy::VaultKey {
                fingerprint,
                id,
                is_retired,
            } => (fingerprint, id, is_retired),
            UnlockedBy::Identity => return Self::Identity,
            UnlockedBy::Chain => return Self::Chain,
        };
        let mut entries = keyring.iter().flat_map(|keyring| keyring.keys().iter());
        let entry = entries.find(|entry| entry.key().fingerprint() == fingerprint);
        Self::VaultKey {
            key_id: id.to_string(),
            label: entry.map(|entry| entry.label().to_owned()),
            state: state(is_retired),
        }
    }

    /// A key of a repository.
    pub(crate) fn of_repository_key(key: &RepositoryKey) -> Self {
        Self::of_key(key.member(), key.label().map(str::to_owned))
    }

    /// A vault key, by the label that a keyring has for it.
    pub(crate) fn of_key(member: &KeyMember, label: Option<String>) -> Self {
        Self::VaultKey {
            key_id: member.key.id().to_string(),
            label,
            state: state(member.is_retired),
        }
    }

    /// Whether a retired key opened it.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        matches!(self, Self::VaultKey { state, .. } if *state == RETIRED)
    }
}

const RETIRED: &str = zkvault_core::keyring::KeyState::Retired.name();

fn state(is_retired: bool) -> &'static str {
    match is_retired {
        true => RETIRED,
        false => zkvault_core::keyring::KeyState::Active.name(),
    }
}
