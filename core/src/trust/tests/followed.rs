//! Sites and keys that a person follows: what replaces a value there is accepted, and everything else is found as before.

use super::*;
use crate::key::KeyMember;
use crate::vendor::catalog;

fn set(members: &[(u8, bool)], follows: Option<u8>) -> KeySet {
    let mut keys = KeySet::new();
    for (byte, is_retired) in members {
        keys.add_member(KeyMember {
            key: key(*byte),
            vendor_id: None,
            is_retired: *is_retired,
            replaces: None,
            is_followed: follows == Some(*byte),
        });
    }
    keys
}

fn vendor_by(byte: u8, text: &str) -> String {
    seal_vendor(&key(byte), key(byte).id(), text).unwrap()
}

fn with_value(value: &str) -> Value {
    let mut site = vendor_site(1);
    set_value(&mut site, 1, value);
    site
}

fn pins_of(before: &Value, keys: &KeySet) -> PinSet {
    let mut pins = PinSet::new();
    pins.accept(&site(before), keys).unwrap();
    pins
}

fn found(pins: &PinSet, after: &Value, keys: &KeySet) -> Vec<Finding> {
    assess(Account::Pinned(pins), [site(after)], keys).sites()[0]
        .findings()
        .to_vec()
}

const REPLACED: Finding = Finding::ValueReplaced { input: 1 };

#[test]
fn a_site_is_followed_until_it_is_not_and_no_other_site_is() {
    let before = vendor_site(1);
    let mut pins = pinned(&[before.clone(), vendor_site(2)]);
    let mut after = [with_value(&vendor("new")), vendor_site(2)];
    set_value(&mut after[1], 1, vendor("new"));
    assert_eq!(verdicts(&pins, &after), [Verdict::ValueReplaced; 2]);
    assert_eq!(pins.follow(9, true), Err(AcceptError::UnknownSite(9)));
    pins.follow(1, true).unwrap();
    assert_eq!(verdicts(&pins, &after), [Verdict::Ok, Verdict::ValueReplaced]);
    // The pin moves by itself, remembers what it replaced, and is followed from then on as well.
    assert_eq!(look(&pins, &after).advance(&mut pins), [1]);
    let pin = pins.get(1).unwrap();
    assert!(pin.is_followed() && !pins.get(2).unwrap().is_followed());
    assert_eq!(verdicts(&pins, &[with_value(&vendor("newer"))])[0], Verdict::Ok);
    assert_eq!(verdicts(&pins, &[before])[0], Verdict::RolledBack, "an earlier value");
    // It is kept wherever a pin is, and a person's acceptance changes nothing about it.
    assert_eq!(PinSet::from_json(&pins.to_json().unwrap()).as_ref(), Ok(&pins));
    assert_eq!(Pin::restore(&site(&after[0]), &pin.history()).as_ref(), Ok(pin));
    assert!(Pin::history_is_followed(&pin.history()));
    pins.accept(&site(&after[0]), &keys()).unwrap();
    assert!(pins.get(1).unwrap().is_followed());
    pins.follow(1, false).unwrap();
    assert!(!Pin::history_is_followed(&pins.get(1).unwrap().history()));
    assert_eq!(
        verdicts(&pins, &[with_value(&vendor("newest"))])[0],
        Verdict::ValueReplaced
    );
    assert!(!pins.to_json().unwrap().contains("follow"));
}

#[test]
fn a_key_is_followed_at_every_site_and_no_other_key_is() {
    let members = [(1, false), (2, false)];
    let plain = set(&members, None);
    for byte in [1, 2] {
        let before = with_value(&vendor_by(byte, "old"));
        let mut after = before.clone();
        set_value(&mut after, 1, vendor_by(byte, "new"));
        let pins = pins_of(&before, &plain);
        assert_eq!(found(&pins, &after, &plain), [REPLACED]);
        let expected = if byte == 1 { vec![] } else { vec![REPLACED] };
        assert_eq!(found(&pins, &after, &set(&members, Some(1))), expected);
    }
}

/// Of nothing but the text.
#[test]
fn what_is_followed_may_have_no_other_address_key_or_layout() {
    let members = [(1, false), (2, false), (3, true)];
    let keys = set(&members, Some(1));
    let before = with_value(&vendor_by(1, "old"));
    let mut pins = pins_of(&before, &keys);
    pins.follow(1, true).unwrap();
    let verdict = |after: &Value| {
        let assessment = assess(Account::Pinned(&pins), [site(after)], &keys);
        assessment.sites()[0].verdict()
    };
    assert_eq!(verdict(&with_value(&vendor_by(1, "new"))), Verdict::Ok);
    let mut moved = with_value(&vendor_by(1, "new"));
    moved["login"]["Url"] = "https://evil.example/".into();
    assert_eq!(verdict(&moved), Verdict::MetadataChanged);
    assert_eq!(verdict(&with_value(&vendor_by(2, "new"))), Verdict::MetadataChanged);
    assert_eq!(verdict(&with_value(&vendor_by(3, "new"))), Verdict::Tampered);
    assert_eq!(verdict(&with_value(&vendor_by(9, "new"))), Verdict::Tampered);
    let mut swapped = before.clone();
    let name = value(&before, 0).clone();
    set_value(&mut swapped, 1, name);
    assert_eq!(verdict(&swapped), Verdict::Tampered);
}

/// There anybody can change the text, not only who has the key.
#[test]
fn a_layout_that_does_not_authenticate_is_never_followed() {
    let bare = catalog::find("vendor-cbc").unwrap();
    let mut keys = set(&[(1, false)], Some(1));
    keys.set_vendor_layouts(vec![bare.clone()]);
    let of = |text: &str| bare.seal(&key(1), [1; 4], text).unwrap();
    let mut before = with_value(&of("old"));
    set_value(&mut before, 0, of("alice"));
    let mut pins = pins_of(&before, &keys);
    pins.follow(1, true).unwrap();
    let mut after = before;
    set_value(&mut after, 1, of("new"));
    assert_eq!(found(&pins, &after, &keys), [REPLACED]);
}
