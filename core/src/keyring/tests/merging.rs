//! Two copies of one keyring.

use super::*;

/// Two copies that were the same, the second of which was saved once more.
fn copies() -> (Keyring, Keyring) {
    let mut one = cheap();
    one.keys_mut().add(key(1), imported("one")).unwrap();
    one.contents.serial = 1;
    let other = unlock(&one.to_bytes().unwrap()).unwrap();
    one.contents.serial = 1;
    (one, other)
}

fn newer(_: &LineConflict<'_>) -> crate::key::KeyFingerprint {
    panic!("nothing is in conflict")
}

fn labels(keyring: &Keyring) -> Vec<(String, Option<u64>)> {
    let keys = keyring.keys().iter();
    keys.map(|entry| (entry.label().to_owned(), entry.retired())).collect()
}

/// Merges both ways; what comes out has the same keys in the same states, whichever copy is this one's.
fn merged(one: Keyring, other: Keyring) -> Keyring {
    let again = |keyring: &Keyring| {
        let plaintext = super::super::contents::write(&keyring.contents)
            .unwrap()
            .expose_secret()
            .to_vec();
        Keyring {
            contents: super::super::contents::read(&plaintext.into()).unwrap(),
            ..cheap()
        }
    };
    let (mut left, mut right) = (again(&one), again(&other));
    left.merge(other, newer).unwrap();
    right.merge(one, newer).unwrap();
    assert_eq!(description(&left), description(&right));
    left
}

#[test]
fn keys_of_both_are_there_and_retired_wins_with_the_earlier_time() {
    let (mut one, mut other) = copies();
    one.keys_mut().add(key(2), imported("only here")).unwrap();
    other.keys_mut().add(key(3), imported("only there")).unwrap();
    one.keys_mut().retire("one", 5).unwrap();
    other.keys_mut().retire("one", 3).unwrap();
    one.keys_mut().retire("only here", 4).unwrap();
    let merged = merged(one, other);
    let expected = [
        ("vault", None),
        ("one", Some(3)),
        ("only there", None),
        ("only here", Some(4)),
    ];
    assert_eq!(
        labels(&merged),
        expected.map(|(label, retired)| (label.to_owned(), retired))
    );
}

#[test]
fn a_copy_without_the_retirement_does_not_undo_it() {
    let (one, mut other) = copies();
    other.keys_mut().retire("one", 5).unwrap();
    assert_eq!(merged(one, other).keys().find("one").unwrap().retired(), Some(5));
    let (mut one, other) = copies();
    one.keys_mut().retire("one", 5).unwrap();
    assert_eq!(merged(one, other).keys().find("one").unwrap().retired(), Some(5));
}

#[test]
fn identity_credentials_and_default_are_those_of_the_higher_serial() {
    let (mut one, mut other) = copies();
    one.renew_identity().unwrap();
    one.credentials_mut().set("a", text("old")).unwrap();
    other.credentials_mut().set("b", text("new")).unwrap();
    other.keys_mut().set_default("one").unwrap();
    let identity = other.identity().public();
    let serial = other.serial();
    let mut merged = merged(one, other);
    assert_eq!(merged.identity().public(), identity);
    assert_eq!(merged.keys().default_label(), "one");
    let names: Vec<_> = merged.credentials().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b"]);
    assert_eq!(merged.serial(), serial);
    merged.to_bytes().unwrap();
    assert_eq!(merged.serial(), serial + 1);
}

#[test]
fn a_default_that_the_other_copy_retired_gives_way() {
    let (mut one, other) = copies();
    one.keys_mut().rotate("vault", "vault-2", 9).unwrap();
    let merged = merged(one, other);
    assert_eq!(merged.keys().default_label(), "vault-2");
    let new = merged.keys().find("vault-2").unwrap();
    assert_eq!(
        new.replaces(),
        Some(merged.keys().find("vault").unwrap().key().fingerprint())
    );
}

#[test]
fn copies_that_retired_each_others_last_key_are_not_merged() {
    let mut one = cheap();
    let mut other = unlock(&one.to_bytes().unwrap()).unwrap();
    for (copy, label) in [(&mut one, "a"), (&mut other, "b")] {
        copy.keys_mut().add(key(label.as_bytes()[0]), imported(label)).unwrap();
        copy.keys_mut().set_default(label).unwrap();
        copy.keys_mut().retire("vault", 5).unwrap();
    }
    one.keys_mut().add(key(b'b'), imported("b")).unwrap();
    one.keys_mut().retire("b", 5).unwrap();
    other.keys_mut().add(key(b'a'), imported("a")).unwrap();
    other.keys_mut().retire("a", 5).unwrap();
    let before = description(&one);
    assert_eq!(one.merge(other, newer), Err(MergeError::NoActiveKey));
    assert_eq!(description(&one), before);
}

#[test]
fn personal_keys_of_the_newer_copy_come_first_and_none_is_lost() {
    let (mut one, mut other) = copies();
    one.renew_personal_key().unwrap();
    other.renew_personal_key().unwrap();
    let (ours, theirs) = (description(&one).personal, description(&other).personal);
    let merged = description(&merged(one, other)).personal;
    assert_eq!(merged, [theirs[0], theirs[1], ours[0]]);
}

#[test]
fn accounts_of_both_are_there() {
    let (mut one, mut other) = copies();
    for (copy, name) in [(&mut one, "a.example"), (&mut other, "b.example")] {
        copy.accounts_mut().add(AccountName::parse(name).unwrap()).unwrap();
    }
    assert_eq!(description(&merged(one, other)).accounts, ["b.example", "a.example"]);
}

#[test]
fn more_than_a_keyring_takes_is_refused() {
    let (mut one, mut other) = copies();
    while one.renew_personal_key().is_ok() {}
    other.renew_personal_key().unwrap();
    assert_eq!(one.merge(other, newer), Err(MergeError::Full));
    let (mut one, mut other) = copies();
    for (copy, start) in [(&mut one, 0), (&mut other, 500)] {
        for number in start..start + 600 {
            let key = Arc::new(VaultKey::generate().unwrap());
            copy.keys_mut().add(key, imported(&format!("n{number}"))).unwrap();
        }
    }
    assert_eq!(one.merge(other, newer), Err(MergeError::Full));
}

#[test]
fn two_keys_of_one_label_are_both_kept() {
    let (mut one, mut other) = copies();
    one.keys_mut().add(key(2), imported("same")).unwrap();
    other.keys_mut().add(key(3), imported("same")).unwrap();
    let merged = merged(one, other);
    assert_eq!(merged.keys().find("same").unwrap().key(), &key(3));
    let made_up = KeyOrigin::Imported.label_for(&key(2));
    assert_eq!(merged.keys().find(&made_up).unwrap().key(), &key(2));
}

fn replacing(label: &str, byte: u8) -> NewKey<'_> {
    NewKey {
        replaces: Some(key(byte).fingerprint()),
        ..imported(label)
    }
}

#[test]
fn a_key_that_replaces_one_in_either_copy_does_so_and_comes_after_it() {
    let (mut one, mut other) = copies();
    one.keys_mut().add(key(2), imported("old")).unwrap();
    one.keys_mut().add(key(3), replacing("new", 2)).unwrap();
    other.keys_mut().add(key(3), imported("new")).unwrap();
    let merged = merged(one, other);
    assert_eq!(
        merged.keys().find("new").unwrap().replaces(),
        Some(key(2).fingerprint())
    );
    let order: Vec<_> = labels(&merged).into_iter().map(|(label, _)| label).collect();
    assert_eq!(order, ["vault", "one", "old", "new"]);
}

#[test]
fn two_different_replaced_keys_are_asked_about() {
    for wanted in [7, 8] {
        let (mut one, mut other) = copies();
        one.keys_mut().add(key(2), replacing("new", 7)).unwrap();
        other.keys_mut().add(key(2), replacing("new", 8)).unwrap();
        let mut asked = 0;
        let decide = |conflict: &LineConflict<'_>| {
            asked += 1;
            let [newer, older] = [8, 7].map(|byte| key(byte).fingerprint());
            let label = "new";
            assert_eq!(conflict, &LineConflict { label, newer, older });
            key(wanted).fingerprint()
        };
        one.merge(other, decide).unwrap();
        assert_eq!(asked, 1);
        assert_eq!(
            one.keys().find("new").unwrap().replaces(),
            Some(key(wanted).fingerprint())
        );
    }
}

/// Each copy says that one key replaces the other: a circle would be no line.
#[test]
fn a_circle_is_cut_where_the_older_copy_closes_it() {
    let (mut one, mut other) = copies();
    one.keys_mut().add(key(2), imported("a")).unwrap();
    one.keys_mut().add(key(3), replacing("b", 2)).unwrap();
    other.keys_mut().add(key(3), imported("b")).unwrap();
    other.keys_mut().add(key(2), replacing("a", 3)).unwrap();
    let merged = merged(one, other);
    let replaces = |label: &str| merged.keys().find(label).unwrap().replaces();
    assert_eq!((replaces("a"), replaces("b")), (Some(key(3).fingerprint()), None));
}
