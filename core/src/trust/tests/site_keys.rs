//! Sites that have a key of their own (docs/spec/trust.md#keys-of-sites).

use super::*;
use crate::key::KeyMember;
use crate::value::SealedGroupKey;
use crate::vendor::{Layout, catalog};

const NUMBER: [u8; 4] = [1, 2, 3, 4];

fn layout() -> &'static Layout {
    catalog::find("vendor-gcm-16+pkcs7").unwrap()
}

/// The key of a site, sealed under a key of the keyring.
fn sealed_key(root: u8, site_key: u8) -> String {
    layout().seal_key(&key(root), NUMBER, &key(site_key)).unwrap()
}

fn under(site_key: u8, text: &str) -> String {
    layout().seal(&key(site_key), NUMBER, text).unwrap()
}

/// A site whose values are under its own key.
fn shared(id: u64, sealed: &str, value: &str) -> Value {
    let input = json!({"type": "password", "name": "pass", "value": value});
    json!({"id": id, "name": "Site", "updated": 5, "key": sealed, "login": {"Url": "https://a.example", "inputs": [input]}})
}

fn without_key(mut site: Value) -> Value {
    site.as_object_mut().unwrap().remove("key");
    site
}

fn other_keys() -> Finding {
    Finding::Changed(Change {
        field: Field::SiteKey,
        input: None,
        before: None,
        after: None,
    })
}

#[test]
fn values_under_a_sites_own_key_are_those_of_the_key_at_the_root() {
    let before = shared(1, &sealed_key(1, 50), &under(50, "hunter2"));
    let pins = pinned(std::slice::from_ref(&before));
    let pin = pins.get(1).unwrap();
    assert_eq!(pin.inputs()[0].key(), Some(key(1).fingerprint()));
    assert_eq!(pin.0.key.unwrap().root, Some(key(1).fingerprint()));
    assert_eq!(findings(&pins, std::slice::from_ref(&before)), []);
    // It comes back as JSON, and as the history of the site.
    assert_eq!(PinSet::from_json(&pins.to_json().unwrap()).as_ref(), Ok(&pins));
    assert_eq!(Pin::restore(&site(&before), &pin.history()).as_ref(), Ok(pin));
    assert!(Pin::restore(&site(&without_key(before)), &pin.history()).is_err());
}

#[test]
fn a_site_that_was_pinned_with_a_key_opens_by_it_alone() {
    let sealed = sealed_key(1, 50);
    let before = shared(1, &sealed, &under(50, "hunter2"));
    let pins = pinned(std::slice::from_ref(&before));
    // Anyone who has the keyring's key could seal this.
    let by_root = shared(1, &sealed, &under(1, "hunter2"));
    assert!(has(&findings(&pins, &[by_root]), Tampering::UnknownValue { input: 0 }));
    let without = without_key(before);
    assert!(has(&findings(&pins, &[without]), Tampering::SiteKeyLost));
    let stranger = shared(1, &sealed_key(9, 50), &under(50, "hunter2"));
    assert!(has(&findings(&pins, &[stranger]), Tampering::SiteKeyLost));
    let no_key = shared(1, &under(1, &"a text and no key ".repeat(3)), &under(50, "hunter2"));
    assert!(has(&findings(&pins, &[no_key]), Tampering::SiteKeyLost));
}

#[test]
fn a_different_key_of_a_site_needs_review_and_the_one_before_does_not_return() {
    let first = shared(1, &sealed_key(1, 50), &under(50, "hunter2"));
    let second = shared(1, &sealed_key(1, 51), &under(51, "hunter2"));
    let mut pins = pinned(std::slice::from_ref(&first));
    let found = findings(&pins, std::slice::from_ref(&second));
    assert!(found.contains(&other_keys()), "{found:?}");
    pins.accept(&site(&second), &keys()).unwrap();
    assert_eq!(findings(&pins, std::slice::from_ref(&second)), []);
    let returned = Finding::RolledBack(Rollback::EarlierSiteKey);
    assert!(findings(&pins, &[first]).contains(&returned));
    // A key that came where none was.
    let plain = without_key(shared(2, "", &under(1, "hunter2")));
    let pins = pinned(std::slice::from_ref(&plain));
    let mut keyed = plain;
    keyed["key"] = sealed_key(1, 52).into();
    assert_eq!(findings(&pins, &[keyed]), [other_keys()]);
}

#[test]
fn no_ciphertext_is_a_key_here_and_a_value_or_key_elsewhere() {
    // A password of 32 characters, which opens as a key.
    let password = under(1, &"p".repeat(32));
    let one = without_key(shared(1, "", &password));
    let two = shared(2, &sealed_key(1, 50), &under(50, "hunter2"));
    let pins = pinned(&[one.clone(), two.clone()]);
    let value = Place {
        site_id: 1,
        input: Some(0),
    };
    let mut as_key = two.clone();
    as_key["key"] = password.into();
    let found = look(&pins, &[one.clone(), as_key]).sites()[1].findings().to_vec();
    assert!(has(&found, Tampering::SiteKeyElsewhere { other: value }), "{found:?}");
    // A site's key, served as a value of its own and of another site.
    let key_of_two = Place {
        site_id: 2,
        input: None,
    };
    for number in [0, 1] {
        let mut sites = [one.clone(), two.clone()];
        sites[number]["login"]["inputs"][0]["value"] = two["key"].clone();
        let found = look(&pins, &sites).sites()[number].findings().to_vec();
        let same = Tampering::SameCiphertext {
            input: 0,
            other: key_of_two,
        };
        assert!(has(&found, same), "{number}: {found:?}");
    }
    // Two new sites with one key.
    let three = shared(3, &sealed_key(1, 53), &under(53, "a"));
    let mut four = shared(4, "", &under(53, "b"));
    four["key"] = three["key"].clone();
    let assessment = look(&pins, &[one, two, three, four]);
    let found = assessment.sites()[2].findings();
    assert!(
        has(
            found,
            Tampering::SiteKeyElsewhere {
                other: Place {
                    site_id: 4,
                    input: None
                }
            }
        ),
        "{found:?}"
    );
}

/// A colleague who left has the old key, and could wrap a new site key with it.
#[test]
fn values_under_a_site_key_of_a_retired_root_are_found_out() {
    let mut keys = KeySet::new();
    for (byte, is_retired, replaces) in [(1, true, None), (2, false, Some(1))] {
        keys.add_member(KeyMember {
            key: key(byte),
            vendor_id: None,
            is_retired,
            replaces: replaces.map(|byte| key(byte).fingerprint()),
            is_followed: false,
        });
    }
    let before = shared(1, &sealed_key(2, 50), &under(50, "hunter2"));
    let mut pins = PinSet::new();
    pins.accept(&site(&before), &keys).unwrap();
    let forged = shared(1, &sealed_key(1, 51), &under(51, "evil"));
    let found = assess(Account::Pinned(&pins), [site(&forged)], &keys).sites()[0]
        .findings()
        .to_vec();
    let retired = Finding::RetiredKey {
        input: 0,
        key: key(1).fingerprint(),
        seen: FirstSeen::Later,
    };
    assert!(found.contains(&retired), "{found:?}");
}

#[test]
fn a_layout_that_does_not_authenticate_is_a_form_of_its_own_and_stays_it() {
    let bare = catalog::find("vendor-cbc").unwrap();
    let mut keys = keys();
    keys.set_vendor_layouts(vec![bare.clone(), catalog::find("vendor-gcm").unwrap().clone()]);
    let value = |text: &str| bare.seal(&key(1), NUMBER, text).unwrap();
    let before = without_key(shared(1, "", &value("hunter2")));
    let mut pins = PinSet::new();
    pins.accept(&site(&before), &keys).unwrap();
    let pin = pins.get(1).unwrap();
    assert_eq!(pin.inputs()[0].form(), ValueForm::VendorUnauthenticated);
    assert_eq!(Pin::restore(&site(&before), &pin.history()).as_ref(), Ok(pin));
    let found = |pins: &PinSet, after: &Value| {
        assess(Account::Pinned(pins), [site(after)], &keys).sites()[0]
            .findings()
            .to_vec()
    };
    assert_eq!(found(&pins, &before), []);
    let after = without_key(shared(1, "", &value("changed")));
    assert_eq!(found(&pins, &after), [Finding::ValueReplaced { input: 0 }]);
    // From an authenticated layout to one that is not is a downgrade.
    let sealed = without_key(shared(1, "", &vendor("hunter2")));
    let mut pins = PinSet::new();
    pins.accept(&site(&sealed), &keys).unwrap();
    let down = Tampering::Downgraded {
        input: 0,
        pinned: ValueForm::Vendor,
        now: ValueForm::VendorUnauthenticated,
    };
    assert!(has(&found(&pins, &before), down));
}

/// A group whose key is sealed under a key of the keyring.
fn group(id: u64, sealed: &str) -> Value {
    json!({"id": id, "name": "Team", "key": sealed})
}

fn listed(groups: &[Value]) -> Vec<SealedGroupKey> {
    SealedGroupKey::list(json!(groups).to_string().as_bytes())
}

/// The keyring's key 1, and the keys of these groups.
fn keys_with(groups: &[Value]) -> KeySet {
    let mut keys = keys();
    keys.open_groups(&listed(groups));
    keys
}

fn accepted(before: &[Value], keys: &KeySet) -> PinSet {
    let mut pins = PinSet::new();
    before
        .iter()
        .for_each(|before| pins.accept(&site(before), keys).unwrap());
    pins
}

fn found_with(pins: &PinSet, after: &[Value], keys: &KeySet) -> Vec<Vec<Finding>> {
    let assessment = assess(Account::Pinned(pins), sites(after), keys);
    assessment.sites().iter().map(|site| site.findings().to_vec()).collect()
}

const LOST: Finding = Finding::Tampered(Tampering::SiteKeyLost);

#[test]
fn groups_are_read_from_an_array_and_odd_ones_are_left_out() {
    let both = [group(7, &sealed_key(1, 60)), group(8, &sealed_key(1, 61))];
    let odd = [
        json!({"id": "x", "key": sealed_key(1, 60)}),
        json!(5),
        json!({"id": 8}),
        group(9, "no value"),
        json!({"id": 9, "key": null}),
    ];
    let read = listed(&[&odd[..], &both].concat());
    assert_eq!((read.len(), &read), (2, &listed(&both)));
    for none in ["", r#"{"key":1}"#, "null", r#"["key""#, r#"["key"]"#] {
        assert_eq!(SealedGroupKey::list(none.as_bytes()), [], "{none}");
    }
    assert_eq!(SealedGroupKey::list(b"[\"key\", \xff]"), []);
}

#[test]
fn a_site_key_under_a_groups_key_opens_and_is_pinned_with_the_group() {
    let team = group(7, &sealed_key(1, 60));
    let keys = keys_with(&[group(6, &sealed_key(9, 61)), group(8, "no key"), team.clone()]);
    let before = shared(1, &sealed_key(60, 50), &under(50, "hunter2"));
    let pins = accepted(std::slice::from_ref(&before), &keys);
    let pin = pins.get(1).unwrap();
    assert_eq!(
        pin.inputs()[0].key(),
        Some(key(1).fingerprint()),
        "the root of the ladder"
    );
    let pinned = pin.0.key.unwrap();
    assert_eq!(
        (pinned.root, pinned.group.map(|group| group.id)),
        (Some(key(1).fingerprint()), Some(7))
    );
    assert_eq!(PinSet::from_json(&pins.to_json().unwrap()).as_ref(), Ok(&pins));
    let history = pin.history();
    assert_eq!(Pin::restore(&site(&before), &history).as_ref(), Ok(pin));
    for cut in 1..history.len() {
        assert_ne!(Pin::restore(&site(&before), &history[..cut]).as_ref(), Ok(pin));
    }
    assert_eq!(found_with(&pins, std::slice::from_ref(&before), &keys), [[]]);
    // A program that knows of no groups opens nothing of it, and accuses nobody.
    assert_eq!(found_with(&pins, &[before], &super::keys()), [[]]);
}

#[test]
fn a_groups_key_that_was_exchanged_is_found_at_its_sites() {
    let keys = keys_with(&[group(7, &sealed_key(1, 60))]);
    let before = shared(1, &sealed_key(60, 50), &under(50, "hunter2"));
    let pins = accepted(std::slice::from_ref(&before), &keys);
    let unchanged = std::slice::from_ref(&before);
    for groups in [
        vec![],
        vec![group(7, &sealed_key(1, 62))],
        vec![group(7, &sealed_key(9, 60))],
        vec![group(7, "")],
    ] {
        assert_eq!(
            found_with(&pins, unchanged, &keys_with(&groups)),
            [[LOST]],
            "{groups:?}"
        );
    }
    // Sealed anew, or that of another group: as honest as a new site key, which a person accepts.
    for groups in [vec![group(7, &sealed_key(1, 60))], vec![group(5, &sealed_key(1, 60))]] {
        assert_eq!(
            found_with(&pins, unchanged, &keys_with(&groups)),
            [[other_keys()]],
            "{groups:?}"
        );
    }
    // An insider's group key, with a site key and a value that the insider knows.
    let forged = shared(1, &sealed_key(62, 51), &under(51, "evil"));
    let found = &found_with(&pins, &[forged], &keys_with(&[group(7, &sealed_key(1, 62))]))[0];
    assert!(
        found.contains(&other_keys()) && found.contains(&Finding::ValueReplaced { input: 0 }),
        "{found:?}"
    );
}

/// A password of 32 characters is a key that its owner knows.
#[test]
fn a_groups_key_is_no_value_and_no_sites_key_and_all_its_sites_may_have_it() {
    let (sealed, value) = (sealed_key(1, 60), under(50, "hunter2"));
    let keys = keys_with(&[group(7, &sealed)]);
    let members = [
        shared(1, &sealed_key(60, 50), &value),
        shared(2, &sealed_key(60, 52), &under(52, "x")),
    ];
    let known = accepted(&members[..1], &keys);
    let all = found_with(&known, &members, &keys);
    assert_eq!(all, [vec![], vec![Finding::New(FirstSeen::Later)]], "a site that joins");
    let first: Vec<_> = found_with(&PinSet::new(), &members, &keys).concat();
    assert!(
        first.iter().all(|finding| matches!(finding, Finding::New(_))),
        "{first:?}"
    );

    // The group's key as the value of a site.
    let mut served = without_key(members[1].clone());
    set_value(&mut served, 0, sealed.as_str());
    let found = &found_with(&known, &[members[0].clone(), served], &keys)[1];
    let same = Tampering::SameCiphertext {
        input: 0,
        other: Place {
            site_id: 1,
            input: None,
        },
    };
    assert!(has(found, same), "{found:?}");

    // A value as the key of a group: a password of 32 bytes, which the person who chose it knows.
    let password = layout().seal(&key(1), NUMBER, &"2".repeat(32)).unwrap();
    let other =
        json!({"id": 3, "name": "Other", "login": {"inputs": [{"name": "p", "type": "password", "value": password}]}});
    let pins = accepted(std::slice::from_ref(&other), &super::keys());
    let insider = layout()
        .seal_key(&VaultKey::from_slice(&[b'2'; 32]).unwrap(), NUMBER, &key(51))
        .unwrap();
    let forged = shared(4, &insider, &under(51, "evil"));
    let found = &found_with(&pins, &[other, forged], &keys_with(&[group(7, &password)]))[1];
    let elsewhere = Tampering::SiteKeyElsewhere {
        other: Place {
            site_id: 3,
            input: Some(0),
        },
    };
    assert!(has(found, elsewhere), "{found:?}");
}

#[test]
fn a_group_key_under_a_retired_root_is_that_of_a_retired_key() {
    let mut keys = KeySet::new();
    for (byte, is_retired) in [(2, false), (1, true)] {
        keys.add_member(KeyMember {
            key: key(byte),
            vendor_id: None,
            is_retired,
            replaces: (byte == 2).then(|| key(1).fingerprint()),
            is_followed: false,
        });
    }
    keys.open_groups(&listed(&[group(7, &sealed_key(1, 60))]));
    let before = shared(1, &sealed_key(2, 50), &under(50, "hunter2"));
    let pins = accepted(std::slice::from_ref(&before), &keys);
    let forged = shared(1, &sealed_key(60, 51), &under(51, "evil"));
    let found = &found_with(&pins, &[forged], &keys)[0];
    let retired = Finding::RetiredKey {
        input: 0,
        key: key(1).fingerprint(),
        seen: FirstSeen::Later,
    };
    assert!(found.contains(&retired), "{found:?}");
}
