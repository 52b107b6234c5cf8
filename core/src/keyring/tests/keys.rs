//! The vault keys of a keyring.

use super::*;

#[test]
fn keys_and_labels_are_added_once() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    keys.add(key(1), imported("one")).unwrap();
    let label = "one".to_owned();
    assert_eq!(
        keys.add(key(1), imported("two")),
        Err(AddKeyError::KeyPresent { label })
    );
    assert_eq!(keys.add(key(2), imported("one")), Err(AddKeyError::LabelTaken));
    let long = "x".repeat(MAX_LABEL_LEN + 1);
    for label in ["", " ", "\u{a0}\t", "a\nb", "\u{9b}", "D87F7E0C", &long] {
        assert_eq!(keys.add(key(2), imported(label)), Err(AddKeyError::Label), "{label:?}");
    }
    assert_eq!(keys.len(), 2);
    assert_eq!(keys.default_label(), "vault");
}

#[test]
fn keys_are_found_by_label_id_and_vendor_number() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    let number = key(2).id();
    keys.add(
        key(1),
        NewKey {
            vendor_id: Some(number),
            ..imported("one")
        },
    )
    .unwrap();
    let find = |keys: &Keys, name: &str| keys.find(name).map(|entry| entry.label().to_owned());
    assert_eq!(find(keys, "one"), Ok("one".to_owned()));
    assert_eq!(find(keys, "878694ff"), Ok("one".to_owned()));
    assert_eq!(find(keys, &number.to_string()), Ok("one".to_owned()));
    assert_eq!(find(keys, "two"), Err(FindKeyError::NotFound));
    assert_eq!(find(keys, "00000000"), Err(FindKeyError::NotFound));
    keys.add(key(2), imported("two")).unwrap();
    assert_eq!(
        find(keys, &number.to_string()),
        Err(FindKeyError::Ambiguous { keys: 2 })
    );
    assert_eq!(find(keys, "two"), Ok("two".to_owned()));
}

#[test]
fn the_default_is_always_one_active_key() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    assert_eq!(keys.retire("vault", 5), Err(KeyStateError::IsDefault));
    keys.rotate("vault", "second", 2).unwrap();
    assert_eq!(keys.default_label(), "second");
    assert_eq!(keys.find("vault").unwrap().state(), KeyState::Retired);
    assert_eq!(keys.set_default("vault"), Err(KeyStateError::Retired));
    assert_eq!(keys.set_default("third"), Err(KeyStateError::NotFound));
    keys.add(key(3), imported("third")).unwrap();
    assert_eq!(keys.default_label(), "second");
    keys.set_default("third").unwrap();
    keys.retire("second", 5).unwrap();
    assert_eq!(keys.retire("third", 5), Err(KeyStateError::IsDefault));
    assert_eq!(keys.rotate("third", "second", 3), Err(AddKeyError::LabelTaken.into()));
    assert_eq!(keys.default_label(), "third");
    assert_eq!(keys.find("third").unwrap().state(), KeyState::Active);
}

#[test]
fn the_key_set_has_every_key_and_the_default_first() {
    let mut keyring = cheap();
    let number = KeyId::from_bytes([1, 2, 3, 4]);
    for byte in 1..4 {
        let vendor_id = (byte == 1).then_some(number);
        let label = byte.to_string();
        keyring
            .keys_mut()
            .add(
                key(byte),
                NewKey {
                    vendor_id,
                    ..imported(&label)
                },
            )
            .unwrap();
    }
    keyring.keys_mut().set_default("2").unwrap();
    keyring.keys_mut().retire("vault", 5).unwrap();
    let set = keyring.keys().key_set();
    assert_eq!(set.len(), 4);
    let order = |id| {
        set.prepared_for(id)
            .map(|(key, _)| key.expose_secret()[0])
            .take(3)
            .collect::<Vec<_>>()
    };
    assert_eq!(order(KeyId::from_bytes([0; 4])), [2, 3, 1]);
    assert_eq!(order(number), [1, 2, 3]);
}

#[test]
fn rotation_ties_the_new_key_to_the_one_it_replaces() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    keys.add(key(1), imported("shared")).unwrap();
    keys.rotate("shared", "shared-2", 7).unwrap();
    assert_eq!(
        keys.default_label(),
        "vault",
        "another key than the default was rotated"
    );
    let find = |keys: &Keys, label: &str| {
        let entry = keys.find(label).unwrap();
        (entry.retired(), entry.replaces(), entry.key().fingerprint())
    };
    let (old, new) = (find(keys, "shared"), find(keys, "shared-2"));
    assert_eq!((old.0, new.0, new.1), (Some(7), None, Some(old.2)));
    keys.rotate("vault", "vault-2", 8).unwrap();
    assert_eq!(keys.default_label(), "vault-2");
    let retired = Err(RotateKeyError::Old(KeyStateError::Retired));
    assert_eq!(keys.rotate("shared", "shared-3", 9), retired);
    assert_eq!(keys.rotate("other", "x", 9), Err(KeyStateError::NotFound.into()));
    assert_eq!(keys.len(), 4);
}

/// The entry of a retired key is its tombstone.
#[test]
fn a_retired_key_stays_retired_until_it_is_reinstated() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    keys.add(key(1), imported("one")).unwrap();
    keys.retire("one", 5).unwrap();
    keys.retire("one", 9).unwrap();
    let label = "one".to_owned();
    assert_eq!(
        keys.add(key(1), imported("again")),
        Err(AddKeyError::KeyRetired { label })
    );
    assert_eq!(keys.find("one").unwrap().retired(), Some(5), "the first time counts");
    assert_eq!(keys.set_default("one"), Err(KeyStateError::Retired));
    keys.reinstate("one").unwrap();
    assert_eq!(keys.find("one").unwrap().state(), KeyState::Active);
    assert_eq!(keys.reinstate("two"), Err(KeyStateError::NotFound));
}

#[test]
fn no_key_replaces_itself() {
    let replaces = Some(key(1).fingerprint());
    let details = NewKey {
        replaces,
        ..imported("one")
    };
    let mut keyring = cheap();
    assert_eq!(
        keyring.keys_mut().add(key(1), details),
        Err(AddKeyError::ReplacesItself)
    );
    keyring.keys_mut().add(key(2), details).unwrap();
    assert_eq!(
        keyring.keys().find("one").unwrap().replaces(),
        replaces,
        "a key that is not there"
    );
}

#[test]
fn a_key_is_followed_until_it_is_not_and_what_replaces_it_is_not_followed() {
    let mut keyring = cheap();
    keyring.keys_mut().add(key(1), imported("one")).unwrap();
    assert_eq!(keyring.keys_mut().follow("two", true), Err(KeyStateError::NotFound));
    keyring.keys_mut().follow("one", true).unwrap();
    let followed = |keyring: &Keyring| -> Vec<bool> { keyring.keys().iter().map(KeyEntry::is_followed).collect() };
    assert_eq!(followed(&keyring), [false, true]);
    assert!(keyring.keys().key_set().is_followed(key(1).fingerprint()));
    let json = super::super::contents::write(&keyring.contents).unwrap();
    let json = json.expose_secret();
    assert_eq!(String::from_utf8_lossy(json).matches(r#""follow":true"#).count(), 1);
    let read = super::super::contents::read(&crate::SecretBytes::from(json.to_vec())).unwrap();
    assert!(read.keys.find("one").unwrap().is_followed());
    let denied = String::from_utf8_lossy(json).replace(r#""follow":true"#, r#""follow":false"#);
    assert!(super::super::contents::read(&crate::SecretBytes::from(denied.into_bytes())).is_err());
    keyring.keys_mut().rotate("one", "two", 5).unwrap();
    assert_eq!(followed(&keyring), [false, true, false]);
    keyring.keys_mut().follow("one", false).unwrap();
    assert_eq!(followed(&keyring), [false; 3]);
}
