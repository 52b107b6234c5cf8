//! The layouts of the vendor's values in a keyring.

use super::contents::read;
use super::*;
use crate::kdf::VendorKdf;
use crate::vendor::{Description, KeySource, Layout, Padding, Trust, catalog};

const WEAK: KeySource = KeySource::Derived {
    kdf: VendorKdf::Legacy,
    salted: false,
};

fn layout(name: &str) -> Layout {
    catalog::find(name).unwrap().clone()
}

fn variation(name: &str, padding: Padding) -> Layout {
    Layout::new(Description {
        padding,
        ..layout(name).description().clone()
    })
    .unwrap()
}

fn found(name: &str) -> StoredLayout {
    StoredLayout::found(layout(name), KeySource::Given, 12)
}

fn account(name: &str) -> Option<AccountName> {
    Some(AccountName::parse(name).unwrap())
}

fn names(layouts: &[StoredLayout]) -> Vec<&str> {
    layouts.iter().map(|stored| stored.layout().name()).collect()
}

#[test]
fn layouts_are_of_an_account_and_those_of_none_serve_the_others() {
    let mut layouts = VendorLayouts::default();
    assert!(layouts.of(account("a.example").as_ref()).is_empty());
    layouts.store(None, found("vendor-gcm")).unwrap();
    layouts
        .store(account("a.example"), found("vendor-gcm-16+pkcs7"))
        .unwrap();
    assert_eq!(
        names(layouts.of(account("a.example").as_ref())),
        ["vendor-gcm-16+pkcs7"]
    );
    assert_eq!(names(layouts.of(account("b.example").as_ref())), ["vendor-gcm"]);
    assert_eq!(names(layouts.of(None)), ["vendor-gcm"]);
    assert!(layouts.forget(account("a.example").as_ref(), "vendor-gcm-16+pkcs7"));
    assert!(!layouts.forget(account("a.example").as_ref(), "vendor-gcm-16+pkcs7"));
    assert_eq!(layouts.iter().len(), 1);
}

#[test]
fn nothing_takes_the_place_of_what_is_trusted_more() {
    let mut layouts = VendorLayouts::default();
    assert_eq!(layouts.store(None, found("vendor-gcm")), Ok(Stored::Added));
    let stranger = StoredLayout::imported(variation("vendor-gcm", Padding::Zero));
    let refused = Err(StoreLayoutError::LessTrusted {
        known: "vendor-gcm".into(),
    });
    assert_eq!(layouts.store(None, stranger.clone()), refused, "it opened nothing");
    assert_eq!(layouts.store(None, found("vendor-cbc")), refused, "it has no tag");
    let same = StoredLayout::imported(layout("vendor-gcm"));
    assert_eq!(layouts.store(None, same), Ok(Stored::Known));
    assert_eq!(layouts.of(None)[0].opened(), 12, "an import forgets nothing");

    let mut layouts = VendorLayouts::default();
    layouts.store(None, stranger).unwrap();
    assert_eq!(layouts.store(None, found("vendor-gcm")), Ok(Stored::Replaced));
    layouts.confirm(None, "vendor-gcm").unwrap();
    let other = StoredLayout::found(variation("vendor-gcm", Padding::Zero), KeySource::Given, 99);
    assert_eq!(layouts.store(None, other), refused, "it is confirmed");
}

#[test]
fn four_of_an_account_and_64_accounts_are_kept_the_authenticated_first() {
    let mut layouts = VendorLayouts::default();
    for name in ["vendor-cbc", "vendor-ctr+pkcs7", "vendor-gcm", "vendor-gcm-16"] {
        layouts.store(None, found(name)).unwrap();
    }
    let expected = ["vendor-gcm", "vendor-gcm-16", "vendor-cbc", "vendor-ctr+pkcs7"];
    assert_eq!(names(layouts.of(None)), expected);
    assert_eq!(
        layouts.store(None, found("vendor-sjcl-ccm")),
        Err(StoreLayoutError::Full)
    );
    for number in 1..MAX_LAYOUT_ACCOUNTS {
        layouts
            .store(account(&format!("a{number}.example")), found("vendor-gcm"))
            .unwrap();
    }
    let one_more = layouts.store(account("b.example"), found("vendor-gcm"));
    assert_eq!(one_more, Err(StoreLayoutError::Full));
}

#[test]
fn what_is_sealed_in_opened_values_and_was_confirmed() {
    let refused = |stored: StoredLayout| stored.require_sealing().unwrap_err();
    assert_eq!(refused(found("vendor-gcm")), NotSealing::NotConfirmed);
    assert_eq!(
        refused(StoredLayout::imported(layout("vendor-gcm"))),
        NotSealing::OpenedNothing
    );
    assert_eq!(refused(found("vendor-cbc")), NotSealing::Unauthenticated);
    assert_eq!(
        refused(StoredLayout::found(layout("vendor-gcm"), WEAK, 3)),
        NotSealing::WeakKey
    );
    let mut layouts = VendorLayouts::default();
    layouts
        .store(None, StoredLayout::imported(layout("vendor-gcm")))
        .unwrap();
    let nothing = ChangeLayoutError::NotSealing(NotSealing::OpenedNothing);
    assert_eq!(layouts.confirm(None, "vendor-gcm"), Err(nothing));
    layouts.store(None, found("vendor-gcm")).unwrap();
    layouts.confirm(None, "vendor-gcm").unwrap();
    assert_eq!(layouts.of(None)[0].require_sealing(), Ok(()));
    assert_eq!(layouts.confirm(None, "vendor-ccm"), Err(ChangeLayoutError::Unknown));
    // A later search found it under a key that is cheap to find.
    layouts
        .store(None, StoredLayout::found(layout("vendor-gcm"), WEAK, 3))
        .unwrap();
    assert_eq!(layouts.of(None)[0].require_sealing(), Err(NotSealing::WeakKey));
}

#[test]
fn texts_that_nothing_authenticates_are_used_once_a_person_allowed_it() {
    let mut layouts = VendorLayouts::default();
    layouts.store(None, found("vendor-cbc")).unwrap();
    assert!(!layouts.of(None)[0].is_usable());
    layouts.allow(None, "vendor-cbc").unwrap();
    assert!(layouts.of(None)[0].is_usable());
    layouts.store(None, found("vendor-gcm")).unwrap();
    assert!(layouts.of(None)[0].is_usable());
    assert_eq!(
        layouts.allow(None, "vendor-gcm"),
        Err(ChangeLayoutError::NeedsNoPermission)
    );
}

/// A keyring with layouts of two accounts, and its contents.
fn kept() -> (Keyring, String) {
    let mut keyring = cheap();
    let layouts = keyring.vendor_layouts_mut();
    layouts
        .store(account("a.example"), found("vendor-gcm-16+pkcs7"))
        .unwrap();
    layouts
        .store(account("a.example"), found("vendor-cbc-hmac-128"))
        .unwrap();
    layouts
        .confirm(account("a.example").as_ref(), "vendor-gcm-16+pkcs7")
        .unwrap();
    let weak = StoredLayout::found(layout("vendor-cbc"), WEAK, 16);
    layouts.store(None, weak).unwrap();
    layouts.allow(None, "vendor-cbc").unwrap();
    let json = super::super::contents::write(&keyring.contents)
        .unwrap()
        .expose_secret()
        .to_vec();
    (keyring, String::from_utf8(json).unwrap())
}

#[test]
fn layouts_come_back_from_the_file() {
    let (mut keyring, _) = kept();
    let again = unlock(&keyring.to_bytes().unwrap()).unwrap();
    assert_eq!(again.vendor_layouts(), keyring.vendor_layouts());
}

/// Written by independent code (`tests/interop/make-keyring-vector.js`).
#[test]
fn the_layouts_of_a_vector_are_read_and_written() {
    let keyring = unlock(include_bytes!("../../../../tests/vectors/keyring-layouts.json")).unwrap();
    let layouts = keyring.vendor_layouts();
    let of = layouts.of(account("acme.logmeonce.com").as_ref());
    assert_eq!(names(of), ["vendor-gcm-16+pkcs7", "vendor-cbc-hmac-128"]);
    assert_eq!((of[0].opened(), of[0].require_sealing()), (12, Ok(())));
    assert_eq!(of[1].require_sealing(), Err(NotSealing::OpenedNothing));
    let [bare] = layouts.of(None) else { panic!("not one") };
    assert_eq!((bare.source(), bare.opened(), bare.is_usable()), (WEAK, 16, true));
    let json = super::super::contents::write(&keyring.contents).unwrap();
    let json = String::from_utf8(json.expose_secret().to_vec()).unwrap();
    let start = r#""layouts":[{"account":"acme.logmeonce.com","layouts":[{"layout":{"name":"vendor-gcm-16+pkcs7","check":"number","order":"iv-ciphertext-tag","iv":16,"#;
    assert!(json.contains(start), "{json}");
    assert_eq!(
        read(&json).ok().map(|contents| contents.layouts),
        Some(keyring.contents.layouts)
    );
}

#[test]
fn layouts_with_one_fault_are_named() {
    let (_, good) = kept();
    assert!(read(&good).is_ok());
    let members = "the JSON is not as specified";
    let list = "the layouts of an account are too many, there twice, or out of order";
    let said = "what is said of a layout does not fit it";
    let faults = [
        ("member", "\"opened\":12", "\"x\":1,\"opened\":12", members),
        ("null account", "\"account\":\"a.example\"", "\"account\":null", members),
        ("no cipher", "\"iv\":16", "\"iv\":15", "a layout makes no sense"),
        (
            "another form",
            "\"a.example\"",
            "\"A.example\"",
            "an account with layouts has no name in its one form",
        ),
        (
            "digest",
            "\"padding\":\"pkcs7\"",
            "\"padding\":\"zero\"",
            "a layout has another digest or trust than it says",
        ),
        (
            "trust",
            "\"trust\":\"authenticated\"",
            "\"trust\":\"unauthenticated\"",
            "a layout has another digest or trust than it says",
        ),
        ("kdf", "\"given\"", "\"guessed\"", "a layout's KDF is unknown"),
        (
            "confirmed and weak",
            "\"confirmed\":false,\"allowed\":true",
            "\"confirmed\":true,\"allowed\":true",
            said,
        ),
        ("allowed without need", "\"allowed\":false", "\"allowed\":true", said),
        ("derived and unopened", "\"opened\":16", "\"opened\":0", said),
        ("twice", "\"account\":\"a.example\",", "", list),
    ];
    for (name, from, to, expected) in faults {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{name}");
        assert_eq!(read(&changed).err(), Some(expected), "{name}");
    }
    let (start, _) = good.split_once(",\"layouts\":").unwrap();
    let with = |layouts: &str| read(&format!("{start},\"layouts\":{layouts}}}")).err();
    assert_eq!(with("[]"), Some("the layouts are there, and of no account"));
    assert_eq!(with("null"), Some(members));
    assert_eq!(with(r#"[{"layouts":[]}]"#), Some(list));
}

#[test]
fn of_two_copies_the_newer_ones_layouts_of_an_account_count_and_none_are_lost() {
    let copy = |serial: u64, kept: &[(&str, &str)]| {
        let mut keyring = cheap();
        keyring.contents.serial = serial;
        for (host, name) in kept {
            keyring.vendor_layouts_mut().store(account(host), found(name)).unwrap();
        }
        keyring
    };
    let never = |_: &LineConflict<'_>| panic!("nothing is in conflict");
    let older = || copy(1, &[("a.example", "vendor-gcm"), ("b.example", "vendor-gcm")]);
    let newer = || copy(2, &[("a.example", "vendor-gcm-16")]);
    for (mut one, other) in [(older(), newer()), (newer(), older())] {
        one.merge(other, never).unwrap();
        let of = |host: &str| names(one.vendor_layouts().of(account(host).as_ref())).join(" ");
        assert_eq!(
            (of("a.example").as_str(), of("b.example").as_str()),
            ("vendor-gcm-16", "vendor-gcm")
        );
    }
    let many: Vec<_> = (0..MAX_LAYOUT_ACCOUNTS)
        .map(|number| format!("c{number}.example"))
        .collect();
    let many: Vec<_> = many.iter().map(|host| (host.as_str(), "vendor-gcm")).collect();
    let (mut full, one_more) = (copy(1, &many), copy(2, &[("d.example", "vendor-gcm")]));
    assert_eq!(full.merge(one_more, never), Err(MergeError::Full));
}

/// Computed by Python's hashlib over the JSON of docs/spec/vendor-layouts.md.
#[test]
fn a_digest_is_over_the_description_with_every_member() {
    let digest = layout("vendor-cbc-hmac-128").digest().to_bytes();
    assert_eq!(
        hex::encode(digest),
        "1dcf1cebe6015e22c461e5c04e3d206444b9540e217a34d9b9b53baee600363e"
    );
    let renamed = Description {
        name: "other".into(),
        ..layout("vendor-cbc-hmac-128").description().clone()
    };
    assert_ne!(Layout::new(renamed).unwrap().digest().to_bytes(), digest);
    assert_eq!(layout("vendor-cbc-hmac-128").trust(), Trust::Authenticated);
}
