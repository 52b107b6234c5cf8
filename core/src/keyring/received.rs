//! Keys that somebody sent: what they would change in a keyring, to be seen before it is done
//! (docs/spec/activation.md#receiving).
//!
//! An activation is authentic and still only its sender's word: a sender who can retire a key stops its use, and a
//! key that replaces another is believed in its place (threat model, Z23). So it is planned first, a person sees
//! [`ReceivedChange`]s, and only what adds keys needs no question.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::SecretText;
//! use zkvault_core::activation::{ActivationKey, ActivationPayload};
//! use zkvault_core::kdf::KdfParams;
//! use zkvault_core::key::VaultKey;
//! use zkvault_core::keyring::{Keyring, ReceivedChange};
//!
//! # let passphrase = SecretText::from(String::from("clamp juror onyx"));
//! # let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 1_700_000_000)?;
//! let mut key = ActivationKey::new(Arc::new(VaultKey::generate()?), "team".to_owned());
//! key.becomes_default = true;
//! let payload = ActivationPayload::new(vec![key], 1_700_000_000, 1_700_003_600)?;
//!
//! let reception = keyring.plan_reception(&payload, 1_700_000_060)?;
//! assert_eq!(reception.changes()[1], ReceivedChange::Default { label: "team".to_owned() });
//! assert!(reception.needs_consent());
//! assert_eq!(keyring.keys().len(), 1, "nothing has changed yet");
//! assert_eq!(keyring.receive(reception), ["team"]);
//! assert_eq!(keyring.keys().default_label(), "team");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use super::keys::{KeyEntry, KeyOrigin, Keys, MAX_KEYS};
use super::merge::MergeError;
use super::{KeyState, Keyring};
use crate::activation::{ActivationKey, ActivationPayload};
use crate::key::KeyFingerprint;

/// One thing that received keys change. Keys are named by the labels that they will have.
///
/// What the sender says and the keyring contradicts is among them only where a person should know it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceivedChange {
    /// A key is added.
    Added {
        /// Its label, which is not the sender's where that was taken or unusable.
        label: String,
        /// Whether it comes as a retired key.
        is_retired: bool,
    },
    /// A key of the keyring is retired.
    Retired {
        /// Its label.
        label: String,
    },
    /// A key takes the place of one of the keyring: what comes under it is believed like what is under that one.
    Replaces {
        /// Its label.
        label: String,
        /// The label of the other.
        replaced: String,
    },
    /// A key seals from then on.
    Default {
        /// Its label.
        label: String,
    },
    /// The sender says that a key is active, and it was retired here: it stays so.
    StaysRetired {
        /// Its label.
        label: String,
    },
}

impl ReceivedChange {
    /// Whether a person has to agree: it is about keys that they have, or about what they seal with.
    #[must_use]
    pub const fn needs_consent(&self) -> bool {
        matches!(
            self,
            Self::Retired { .. } | Self::Replaces { .. } | Self::Default { .. }
        )
    }
}

/// What received keys make of a keyring.
///
/// It holds the keys as they would be, of the keyring that it was planned with.
#[derive(Debug)]
pub struct Reception {
    keys: Keys,
    received: Vec<KeyFingerprint>,
    changes: Vec<ReceivedChange>,
}

impl Reception {
    /// What changes, in the order of the keys that were sent.
    #[must_use]
    pub fn changes(&self) -> &[ReceivedChange] {
        &self.changes
    }

    /// Whether a person has to agree.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        self.changes.iter().any(ReceivedChange::needs_consent)
    }
}

impl Keyring {
    /// What the keys of an activation would change here; `now` is in seconds since 1970 (UTC). Nothing changes yet.
    ///
    /// Keys are united as those of [two copies](Self::merge) are: a key that either side retired is retired, and a label
    /// that is taken stays with the key that has it. What a key of the keyring replaces stays as it is.
    ///
    /// # Errors
    /// [`MergeError::Full`] above 1,024 keys, [`MergeError::NoActiveKey`], and [`MergeError::Label`] when neither the
    /// sender's label nor the one made from origin and id is free.
    pub fn plan_reception(&self, payload: &ActivationPayload, now: u64) -> Result<Reception, MergeError> {
        let before = self.keys();
        let sent = Keys::of_sender(payload.keys(), now);
        let more = payload
            .keys()
            .iter()
            .filter(|sent| before.entry(sent.key.fingerprint()).is_none());
        if before.len() + more.count() > MAX_KEYS {
            return Err(MergeError::Full);
        }
        let mut keys = Keys::merged(before, &sent, |conflict| conflict.newer)?;
        let wanted = payload.keys().iter().find(|sent| sent.becomes_default);
        if let Some(entry) = wanted.and_then(|sent| keys.entry(sent.key.fingerprint())) {
            let label = entry.label().to_owned();
            // One that was retired here does not become the default.
            let _ = keys.set_default(&label);
        }
        Ok(Reception {
            changes: changes(before, &keys, payload.keys()),
            received: payload.keys().iter().map(|sent| sent.key.fingerprint()).collect(),
            keys,
        })
    }

    /// Does what was planned with this keyring. Returns the labels of the received keys.
    ///
    /// The keyring must not have been changed in between: what was planned takes the place of its keys.
    pub fn receive(&mut self, reception: Reception) -> Vec<String> {
        *self.keys_mut() = reception.keys;
        let entries = reception.received.iter().filter_map(|key| self.keys().entry(*key));
        entries.map(|entry| entry.label().to_owned()).collect()
    }
}

impl Keys {
    pub(super) fn entry(&self, key: KeyFingerprint) -> Option<&KeyEntry> {
        self.iter().find(|entry| entry.key().fingerprint() == key)
    }

    /// The keys of an activation, as if they were those of a keyring: under labels that can be used.
    fn of_sender(keys: &[ActivationKey], now: u64) -> Self {
        let entries = keys.iter().map(|sent| KeyEntry {
            key: Arc::clone(&sent.key),
            label: match Self::is_label(&sent.label) {
                true => sent.label.clone(),
                false => KeyOrigin::Activation.label_for(&sent.key),
            },
            origin: KeyOrigin::Activation,
            created: now,
            retired: sent.is_retired.then_some(now),
            replaces: sent.replaces,
            vendor_id: None,
            is_followed: false,
        });
        Self::unchecked(entries.collect())
    }
}

fn changes(before: &Keys, after: &Keys, sent: &[ActivationKey]) -> Vec<ReceivedChange> {
    let mut changes = Vec::new();
    for key in sent {
        let fingerprint = key.key.fingerprint();
        let (was, Some(is)) = (before.entry(fingerprint), after.entry(fingerprint)) else {
            continue;
        };
        let label = is.label().to_owned();
        let is_retired = is.state() == KeyState::Retired;
        match was.map(KeyEntry::state) {
            None => changes.push(ReceivedChange::Added {
                label: label.clone(),
                is_retired,
            }),
            Some(KeyState::Active) if is_retired => changes.push(ReceivedChange::Retired { label: label.clone() }),
            Some(KeyState::Retired) if !key.is_retired => {
                changes.push(ReceivedChange::StaysRetired { label: label.clone() });
            }
            Some(_) => {}
        }
        let replaced = is
            .replaces()
            .filter(|_| was.and_then(KeyEntry::replaces) != is.replaces());
        if let Some(replaced) = replaced.and_then(|replaced| before.entry(replaced)) {
            let replaced = replaced.label().to_owned();
            changes.push(ReceivedChange::Replaces { label, replaced });
        }
    }
    let default = |keys: &Keys| keys.default_entry().map(|entry| entry.key().fingerprint());
    if default(before) != default(after) {
        let label = after.default_label().to_owned();
        changes.push(ReceivedChange::Default { label });
    }
    changes
}
