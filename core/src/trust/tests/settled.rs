//! Sites at which nothing is left to compare: [`Pin::is_settled`] must say so of none at which anything could be found.

use proptest::prelude::*;

use super::*;
use crate::key::KeyMember;

/// What an input holds.
#[derive(Debug, Clone, Copy)]
enum Held {
    Nothing,
    Plaintext,
    /// In the vendor's layout, under a key.
    Vendor(u8),
    Bound(u8),
    /// A bound value of another site.
    Foreign,
}

fn held() -> impl Strategy<Value = Held> {
    prop_oneof![
        1 => Just(Held::Nothing),
        1 => Just(Held::Plaintext),
        3 => (1_u8..4).prop_map(Held::Vendor),
        4 => (1_u8..4).prop_map(Held::Bound),
        1 => Just(Held::Foreign),
    ]
}

fn site_of(inputs: &[Held], is_keyed: bool) -> Value {
    let value = |held: Held| match held {
        Held::Nothing => json!(""),
        Held::Plaintext => json!("hunter2"),
        Held::Vendor(by) => seal_vendor(&key(by), key(by).id(), "alice").unwrap().into(),
        Held::Bound(by) => bound_by(by, 7, "text", "a", "alice").into(),
        Held::Foreign => bound(8, "text", "a", "alice").into(),
    };
    let inputs: Vec<Value> = inputs
        .iter()
        .map(|held| json!({"name": "a", "type": "text", "value": value(*held)}))
        .collect();
    let mut site = if is_keyed { keyed_site(7) } else { vendor_site(7) };
    site["login"]["inputs"] = inputs.into();
    site
}

/// Those of three keys that a person has, and which of them are retired.
fn some_keys(have: [bool; 3], retired: [bool; 3]) -> KeySet {
    let mut keys = KeySet::new();
    for ((byte, is_there), is_retired) in (1..).zip(have).zip(retired) {
        if is_there {
            keys.add_member(KeyMember {
                key: key(byte),
                vendor_id: None,
                is_retired,
                replaces: None,
                is_followed: false,
            });
        }
    }
    keys
}

proptest! {
    #[test]
    fn a_settled_site_is_one_at_which_nothing_is_found(
        inputs in prop::collection::vec(held(), 0..3),
        before in prop::collection::vec(held(), 0..3),
        marks in any::<[bool; 4]>(),
        (had, have, retired) in any::<([bool; 3], [bool; 3], [bool; 3])>(),
        noise in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let [is_keyed, follow, gone, was_changed] = marks;
        let site = site(&site_of(&inputs, is_keyed));
        let mut pins = PinSet::new();
        if was_changed {
            pins.accept(&super::site(&site_of(&before, is_keyed)), &some_keys(had, [false; 3])).unwrap();
        }
        pins.accept(&site, &some_keys(had, [false; 3])).unwrap();
        pins.follow(7, follow).unwrap();
        if gone {
            pins.accept_missing(7).unwrap();
        }
        let mut history = pins.get(7).unwrap().history();
        if let Some((place, byte)) = noise {
            let place = place.index(history.len());
            history[place] = byte % 8;
        }
        if Pin::is_settled(&site, &history) {
            let pin = Pin::restore(&site, &history).unwrap();
            let pins: PinSet = [pin].into_iter().collect();
            let found = assess(Account::Pinned(&pins), [&site], &some_keys(have, retired));
            prop_assert_eq!(found.sites()[0].findings(), &[][..]);
            prop_assert_eq!({ found }.advance(&mut pins.clone()), [0; 0]);
        }
    }
}

#[test]
fn most_sites_are_settled_and_those_that_could_change_are_not() {
    let settled = |json: &Value, keys: &KeySet| {
        let (mut pins, site) = (PinSet::new(), site(json));
        pins.accept(&site, keys).unwrap();
        Pin::is_settled(&site, &pins.get(7).unwrap().history())
    };
    assert!(settled(&vendor_site(7), &keys()) && settled(&bound_site(7), &keys()));
    assert!(
        settled(&site_of(&[Held::Nothing, Held::Foreign], false), &keys()),
        "it was accepted as it is"
    );
    assert!(!settled(&keyed_site(7), &keys()), "its key may not open any more");
    assert!(!settled(&vendor_site(7), &KeySet::new()), "a key may come");
    let mut pins = pinned(&[vendor_site(7)]);
    let is_settled = |pins: &PinSet, json: &Value| Pin::is_settled(&site(json), &pins.get(7).unwrap().history());
    pins.follow(7, true).unwrap();
    assert!(is_settled(&pins, &vendor_site(7)), "with earlier values or without");
    let changed = bound_site(7);
    advance(&mut pins, std::slice::from_ref(&changed));
    assert!(is_settled(&pins, &changed));
    let mut twice = pins.get(7).unwrap().history();
    twice.extend_from_within(twice.len() - 32..);
    assert!(
        !Pin::is_settled(&site(&changed), &twice),
        "no pin has an earlier value twice"
    );
    pins.accept_missing(7).unwrap();
    assert!(!is_settled(&pins, &changed), "it is back");
}
