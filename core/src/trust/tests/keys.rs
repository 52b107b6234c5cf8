//! What follows from the key that opens a value (docs/spec/trust.md#keys).

use super::*;
use crate::key::{KeyFingerprint, KeyMember};

/// A key of a set: its byte, whether it is retired, and the key that it replaces.
type Member = (u8, bool, Option<u8>);

fn set(members: &[Member]) -> KeySet {
    let mut keys = KeySet::new();
    for (byte, is_retired, replaces) in members {
        keys.add_member(KeyMember {
            key: key(*byte),
            vendor_id: None,
            is_retired: *is_retired,
            replaces: replaces.map(print),
            is_followed: false,
        });
    }
    keys
}

fn print(byte: u8) -> KeyFingerprint {
    key(byte).fingerprint()
}

/// A site with one input; no value is none.
fn one(value: Option<&str>) -> Value {
    let input = json!({"type": "password", "name": "pass", "value": value.unwrap_or_default()});
    json!({"id": 1, "name": "Site", "updated": 5, "login": {"Url": "https://a.example", "inputs": [input]}})
}

fn vendor_by(byte: u8, text: &str) -> String {
    seal_vendor(&key(byte), key(byte).id(), text).unwrap()
}

fn bound_for(byte: u8, text: &str) -> String {
    bound_by(byte, 1, "password", "pass", text)
}

/// A site that was pinned with `keys`, whatever was found at it then.
fn pinned_by(before: &Value, keys: &KeySet) -> PinSet {
    let mut pins = PinSet::new();
    pins.accept(&site(before), keys).unwrap();
    pins
}

/// What is found when `after` comes in the place of `before`, which is kept.
fn found(before: &Value, pinned_with: &KeySet, after: &Value, keys: &KeySet) -> Vec<Finding> {
    let pins = pinned_by(before, pinned_with);
    let trusted = || Some(site(before));
    let sighting = Sighting {
        trusted: &trusted,
        ..Sighting::default()
    };
    let mut assessor = Assessor::new(Account::Pinned(&pins), keys);
    assessor.add(&site(after), sighting);
    assessor.finish().sites()[0].findings().to_vec()
}

fn retired(byte: u8, seen: FirstSeen) -> Finding {
    let key = print(byte);
    Finding::RetiredKey { input: 0, key, seen }
}

fn changed(pinned: u8, now: u8) -> Finding {
    let [pinned, now] = [pinned, now].map(print);
    Finding::KeyChanged { input: 0, pinned, now }
}

const REPLACED: Finding = Finding::ValueReplaced { input: 0 };

/// Every rule, for a value in the vendor's layout and for a bound one, with the same text and with a different one. The pinned
/// value is under key 1.
#[test]
fn the_table_of_keys() {
    let later = FirstSeen::Later;
    let table: [(&str, &[Member], u8, Option<Finding>); 8] = [
        ("the same key", &[(1, false, None)], 1, None),
        (
            "the same key, retired since",
            &[(1, true, None), (2, false, Some(1))],
            1,
            Some(retired(1, later)),
        ),
        (
            "a key that replaces it",
            &[(1, true, None), (2, false, Some(1))],
            2,
            None,
        ),
        (
            "a key that follows it by way of a third",
            &[(1, true, None), (2, true, Some(1)), (3, false, Some(2))],
            3,
            None,
        ),
        (
            "the key in the middle, retired",
            &[(1, true, None), (2, true, Some(1)), (3, false, Some(2))],
            2,
            Some(retired(2, later)),
        ),
        (
            "a key that has nothing to do with it",
            &[(1, false, None), (2, false, None)],
            2,
            Some(changed(1, 2)),
        ),
        (
            "the key that it replaced",
            &[(1, false, Some(2)), (2, false, None)],
            2,
            Some(changed(1, 2)),
        ),
        (
            "a key of another line, retired",
            &[(1, false, None), (2, true, None)],
            2,
            Some(retired(2, later)),
        ),
    ];
    let before = set(&[(1, false, None)]);
    for (name, members, now, expected) in table {
        for text in ["same", "another"] {
            let keys = set(members);
            let vendor = found(
                &one(Some(&vendor_by(1, "same"))),
                &before,
                &one(Some(&vendor_by(now, text))),
                &keys,
            );
            let replaced = (text == "another").then_some(REPLACED);
            let rule: Vec<_> = expected.clone().or(replaced).into_iter().collect();
            assert_eq!(vendor, rule, "{name}, vendor, {text}");
            let bound = found(
                &one(Some(&bound_for(1, "same"))),
                &before,
                &one(Some(&bound_for(now, text))),
                &keys,
            );
            let rule: Vec<_> = expected.clone().into_iter().collect();
            assert_eq!(bound, rule, "{name}, bound, {text}");
        }
    }
}

#[test]
fn z45_a_former_member_seals_a_value_under_the_retired_key() {
    let keys = set(&[(2, false, Some(1)), (1, true, None)]);
    let before = one(Some(&bound_for(2, "ours")));
    let forged = one(Some(&bound_for(1, "theirs")));
    let findings = found(&before, &keys, &forged, &keys);
    assert_eq!(findings, [retired(1, FirstSeen::Later)]);
    assert_eq!(findings[0].verdict(), Verdict::Tampered);
}

#[test]
fn z47_an_unseen_vendor_ciphertext_in_an_existing_site() {
    let keys = set(&[(1, false, None)]);
    let moved = one(Some(&vendor_by(1, "of another site")));
    for before in [
        Some(vendor_by(1, "ours")),
        None,
        Some(vendor_by(9, "unopened")),
        Some("no envelope".to_owned()),
    ] {
        let before = one(before.as_deref());
        assert_eq!(found(&before, &keys, &moved, &keys), [REPLACED], "{before}");
    }
}

/// Without the trusted copy nothing says that the text is the same.
#[test]
fn a_text_that_cannot_be_compared_is_another_one() {
    let keys = set(&[(1, false, None)]);
    let before = one(Some(&vendor_by(1, "same")));
    let pins = pinned_by(&before, &keys);
    let after = site(&one(Some(&vendor_by(1, "same"))));
    let findings = assess(Account::Pinned(&pins), [after], &keys).sites()[0]
        .findings()
        .to_vec();
    assert_eq!(findings, [REPLACED]);
}

/// The same text does not make another key the right one.
#[test]
fn an_equal_text_waives_no_change_of_key() {
    let keys = set(&[(1, false, None), (2, false, None)]);
    let (before, after) = (one(Some(&vendor_by(1, "same"))), one(Some(&vendor_by(2, "same"))));
    assert_eq!(
        found(&before, &set(&[(1, false, None)]), &after, &keys),
        [changed(1, 2)]
    );
}

#[test]
fn a_site_under_a_retired_key_is_readable_when_there_is_nothing_to_compare_it_with() {
    let keys = set(&[(2, false, Some(1)), (1, true, None)]);
    let old = site(&one(Some(&bound_for(1, "old"))));
    for (account, seen) in [
        (Account::FirstUse, FirstSeen::FirstUse),
        (Account::Unanchored, FirstSeen::Unanchored),
    ] {
        let mut assessment = assess(account, [&old], &keys);
        let verdict = &assessment.sites()[0];
        assert_eq!(verdict.findings(), [retired(1, seen), Finding::New(seen)]);
        assert_eq!(verdict.verdict(), Verdict::MetadataChanged);
        assert_eq!(verdict.permission(Use::Read), Permission::Warned);
        assert_eq!(verdict.permission(Use::Run), Permission::Refused);
        assert!(
            assessment.advance(&mut PinSet::new()).is_empty(),
            "it is not pinned by itself"
        );
    }
    let pins = PinSet::new();
    let later = assess(Account::Pinned(&pins), [&old], &keys);
    assert_eq!(later.sites()[0].verdict(), Verdict::Tampered, "a site that comes later");
    assert_eq!(later.sites()[0].permission(Use::Read), Permission::Refused);
}

/// The same site does not become worse because it waits.
#[test]
fn a_site_that_waits_was_first_seen_when_it_came() {
    let keys = set(&[(2, false, Some(1)), (1, true, None)]);
    let (pins, old) = (PinSet::new(), site(&one(Some(&bound_for(1, "old")))));
    let mut assessor = Assessor::new(Account::Pinned(&pins), &keys);
    let first = Some(FirstSeen::Unanchored);
    assessor.add(
        &old,
        Sighting {
            first,
            ..Sighting::default()
        },
    );
    let assessment = assessor.finish();
    let expected = [retired(1, FirstSeen::Unanchored), Finding::New(FirstSeen::Unanchored)];
    assert_eq!(assessment.sites()[0].findings(), expected);
}

#[test]
fn what_was_pinned_unopened_takes_the_key_that_opens_it() {
    let value = one(Some(&vendor_by(1, "x")));
    let mut pins = pinned_by(&value, &KeySet::new());
    assert_eq!(pins.get(1).unwrap().inputs()[0].key(), None);
    let active = set(&[(1, false, None)]);
    let mut assessment = assess(Account::Pinned(&pins), [site(&value)], &active);
    assert_eq!(assessment.worst(), Verdict::Ok);
    assessment.advance(&mut pins);
    assert_eq!(pins.get(1).unwrap().inputs()[0].key(), Some(print(1)));

    let retired_now = set(&[(1, true, None)]);
    let pins = pinned_by(&value, &KeySet::new());
    let findings = assess(Account::Pinned(&pins), [site(&value)], &retired_now).sites()[0]
        .findings()
        .to_vec();
    assert_eq!(findings, [retired(1, FirstSeen::Unanchored)]);
    let pins = pinned_by(&value, &retired_now);
    let worst = assess(Account::Pinned(&pins), [site(&value)], &retired_now).worst();
    assert_eq!(worst, Verdict::Ok, "accepted under it");
}

/// A ciphertext without a commitment may open under two keys: the one that is expected is tried first.
#[test]
fn the_keys_of_the_line_are_tried_first() {
    let keys = set(&[
        (9, false, None),
        (3, false, Some(2)),
        (1, true, None),
        (2, true, Some(1)),
    ]);
    let order = |byte| {
        let line = keys.line_of(print(byte));
        let ids = line.prepared_for(key(0).id()).map(|(key, _)| key.expose_secret()[0]);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(order(1), [1, 3, 2]);
    assert_eq!(order(2), [2, 3]);
    assert_eq!(order(3), [3]);
    assert_eq!(order(8), [0; 0]);
    let circle = set(&[(1, false, Some(2)), (2, false, Some(1))]);
    assert!(circle.follows(print(1), print(2)) && !circle.follows(print(3), print(1)));
}
