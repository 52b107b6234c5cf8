//! Keys that come with an activation.

use super::*;
use crate::activation::{ActivationKey, ActivationPayload};

fn sent(byte: u8, label: &str) -> ActivationKey {
    ActivationKey::new(key(byte), label.to_owned())
}

/// Key 1, which is retired, and key 2, which replaces it and becomes the default.
fn rotated() -> Vec<ActivationKey> {
    let old = ActivationKey {
        is_retired: true,
        ..sent(1, "team")
    };
    let new = ActivationKey {
        becomes_default: true,
        replaces: Some(key(1).fingerprint()),
        ..sent(2, "team-2")
    };
    vec![old, new]
}

fn plan(keyring: &Keyring, keys: Vec<ActivationKey>) -> Result<Reception, MergeError> {
    keyring.plan_reception(&ActivationPayload::new(keys, 1, 2).unwrap(), 9)
}

/// What changes, and the labels of the received keys.
fn receive(keyring: &mut Keyring, keys: Vec<ActivationKey>) -> (Vec<ReceivedChange>, Vec<String>) {
    let reception = plan(keyring, keys).unwrap();
    let changes = reception.changes().to_vec();
    let labels = keyring.receive(reception);
    // What comes out is a keyring that can be saved and read.
    let written = keyring.to_bytes().unwrap();
    assert!(unlock(&written).is_ok() || keyring.keys().len() > 1);
    (changes, labels)
}

#[test]
fn new_keys_need_no_consent_and_get_a_label_whatever_they_came_with() {
    let mut keyring = cheap();
    let made_up = |byte| KeyOrigin::Activation.label_for(&key(byte));
    let keys = vec![sent(1, "one"), sent(2, "vault"), sent(3, "d87f7e0c"), sent(4, "one")];
    assert!(!plan(&keyring, keys).unwrap().needs_consent());
    let keys = vec![sent(1, "one"), sent(2, "vault"), sent(3, "d87f7e0c"), sent(4, "one")];
    let (changes, labels) = receive(&mut keyring, keys);
    let expected = ["one".to_owned(), made_up(2), made_up(3), made_up(4)];
    assert_eq!(labels, expected);
    let added = |label: String| ReceivedChange::Added {
        label,
        is_retired: false,
    };
    assert_eq!(changes, expected.map(added));
    assert_eq!(keyring.keys().default_label(), "vault");
    // The same once more changes nothing, and the label stays.
    let (changes, labels) = receive(&mut keyring, vec![sent(1, "other")]);
    assert_eq!((changes, labels), (vec![], vec!["one".to_owned()]));
}

#[test]
fn a_rotation_of_a_key_that_is_here_is_shown() {
    let mut keyring = cheap();
    receive(&mut keyring, vec![sent(1, "ours")]);
    keyring.keys_mut().set_default("ours").unwrap();
    let reception = plan(&keyring, rotated()).unwrap();
    assert!(reception.needs_consent());
    let label = "team-2".to_owned();
    let expected = [
        ReceivedChange::Retired {
            label: "ours".to_owned(),
        },
        ReceivedChange::Added {
            label: label.clone(),
            is_retired: false,
        },
        ReceivedChange::Replaces {
            label: label.clone(),
            replaced: "ours".to_owned(),
        },
        ReceivedChange::Default { label },
    ];
    assert_eq!(reception.changes(), expected);
    assert_eq!(keyring.keys().default_label(), "ours", "nothing was done yet");
    keyring.receive(reception);
    let keys = keyring.keys();
    assert_eq!(keys.default_label(), "team-2");
    assert_eq!(keys.find("ours").unwrap().retired(), Some(9));
    assert!(keys.key_set().follows(key(2).fingerprint(), key(1).fingerprint()));
}

#[test]
fn whatever_changes_the_keys_that_are_here_needs_consent_by_itself() {
    let mut keyring = cheap();
    receive(&mut keyring, vec![sent(1, "ours")]);
    let retired = ActivationKey {
        is_retired: true,
        ..sent(1, "ours")
    };
    let replacing = ActivationKey {
        replaces: Some(key(1).fingerprint()),
        ..sent(2, "theirs")
    };
    let default = ActivationKey {
        becomes_default: true,
        ..sent(2, "theirs")
    };
    for only in [retired, replacing, default] {
        let reception = plan(&keyring, vec![only]).unwrap();
        assert!(reception.needs_consent(), "{:?}", reception.changes());
    }
}

#[test]
fn a_key_that_was_retired_here_stays_so_and_becomes_no_default() {
    let mut keyring = cheap();
    receive(&mut keyring, vec![sent(1, "one")]);
    keyring.keys_mut().retire("one", 5).unwrap();
    let wanted = ActivationKey {
        becomes_default: true,
        ..sent(1, "one")
    };
    let (changes, _) = receive(&mut keyring, vec![wanted]);
    let label = "one".to_owned();
    assert_eq!(changes, [ReceivedChange::StaysRetired { label }]);
    assert_eq!(keyring.keys().find("one").unwrap().retired(), Some(5));
    assert_eq!(keyring.keys().default_label(), "vault");
}

#[test]
fn a_line_that_is_known_stays_as_it_is() {
    let mut keyring = cheap();
    receive(&mut keyring, rotated());
    let other = ActivationKey {
        replaces: Some(key(7).fingerprint()),
        ..sent(2, "x")
    };
    let (changes, _) = receive(&mut keyring, vec![sent(7, "seven"), other]);
    assert!(!changes.iter().any(ReceivedChange::needs_consent), "{changes:?}");
    let replaced = keyring.keys().find("team-2").unwrap().replaces();
    assert_eq!(replaced, Some(key(1).fingerprint()));
}

/// The order of a keyring is its own: a key that was here before the one it replaces comes after it.
#[test]
fn a_line_is_put_in_order() {
    let mut keyring = cheap();
    receive(&mut keyring, vec![sent(2, "two")]);
    let (changes, _) = receive(&mut keyring, rotated());
    assert!(changes.contains(&ReceivedChange::Default {
        label: "two".to_owned()
    }));
    assert!(keyring.keys().are_in_order());
    assert!(
        keyring
            .keys()
            .key_set()
            .follows(key(2).fingerprint(), key(1).fingerprint())
    );
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut keyring = cheap();
    for number in 2..=MAX_KEYS as u64 {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let key = Arc::new(VaultKey::from_slice(&bytes).unwrap());
        keyring.keys_mut().add(key, imported(&format!("key {number}"))).unwrap();
    }
    assert_eq!(plan(&keyring, vec![sent(1, "one")]).unwrap_err(), MergeError::Full);
    let mut keyring = cheap();
    let own = Arc::clone(keyring.keys().find("vault").unwrap().key());
    let retired = ActivationKey {
        is_retired: true,
        ..ActivationKey::new(own, "vault".to_owned())
    };
    assert_eq!(plan(&keyring, vec![retired]).unwrap_err(), MergeError::NoActiveKey);
    assert_eq!(keyring.keys_mut().default_label(), "vault");
}
