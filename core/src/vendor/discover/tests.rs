//! What is found, and above all what is not.

use sha2::{Digest as _, Sha512};

use super::*;
use crate::vendor::{
    Check, CheckEnd, CheckHash, Covers, Description, KeyEncoding, Mac, Padding, TextEncoding, catalog,
};

fn key(byte: u8) -> VaultKey {
    VaultKey::from_slice(&[byte; 32]).unwrap()
}

fn layout(name: &str, change: impl FnOnce(&mut Description)) -> Layout {
    let mut description = catalog::find(name).unwrap().description().clone();
    change(&mut description);
    Layout::new(description).unwrap()
}

fn samples(layout: &Layout, count: usize) -> Samples {
    let mut samples = Samples::new();
    for index in 0..count {
        let text = format!("value number {index}");
        samples.add(&layout.seal(&key(7), [1, 2, 3, 4], &text).unwrap());
    }
    samples
}

fn search(samples: &Samples, key: &VaultKey) -> Found {
    samples.search(key, &mut |_| true)
}

/// What the layout consists of, its name apart.
fn shape(layout: &Layout) -> Description {
    let name = String::new();
    Description {
        name,
        ..layout.description().clone()
    }
}

#[test]
fn every_layout_of_the_catalogue_is_found_from_as_little_as_it_needs() {
    for layout in catalog::all().iter().filter(|layout| !layout.name().contains("ocb2")) {
        let enough = match layout.needs() {
            Needs::OneValue => 1,
            Needs::TwoValues => 2,
            Needs::ManyValues => 16,
        };
        let found = search(&samples(layout, enough), &key(7));
        assert_eq!(
            found.hits.first().map(|hit| shape(&hit.layout)),
            Some(shape(layout)),
            "{layout:?}"
        );
        assert!(found.hits[0].is_general(), "{layout:?}");
        if enough > 1 {
            assert!(
                search(&samples(layout, enough - 1), &key(7)).hits.is_empty(),
                "{layout:?}"
            );
        }
    }
}

#[test]
fn variations_outside_the_catalogue_are_found_as_well() {
    let changed = [
        layout("vendor-gcm-16", |it| it.padding = Padding::Iso7816),
        layout("vendor-gcm-16", |it| it.padding = Padding::LengthPrefixed),
        layout("vendor-gcm", |it| it.text = TextEncoding::Utf16Le),
        layout("vendor-gcm", |it| it.order = crate::vendor::PartOrder::TagIvCiphertext),
        layout("vendor-gcm-16+pkcs7", |it| it.aad = crate::vendor::Aad::Header),
        layout("vendor-gcm-16+pkcs7", |it| {
            it.check = Check::Key {
                hash: CheckHash::Sha256,
                end: CheckEnd::Last,
            }
        }),
        layout("vendor-cbc-hmac-128", |it| {
            it.check = Check::Key {
                hash: CheckHash::Crc32,
                end: CheckEnd::First,
            }
        }),
    ];
    for layout in changed {
        let found = search(&samples(&layout, 4), &key(7));
        assert_eq!(
            found.hits.first().map(|hit| shape(&hit.layout)),
            Some(shape(&layout)),
            "{layout:?}"
        );
    }
}

#[test]
fn a_wrong_key_finds_nothing() {
    for name in ["vendor-gcm-16+pkcs7", "vendor-cbc-hmac-128", "vendor-cbc"] {
        let samples = samples(catalog::find(name).unwrap(), 64);
        assert_eq!(samples.len(), 64);
        for wrong in 8..12 {
            assert!(search(&samples, &key(wrong)).hits.is_empty(), "{name} {wrong}");
        }
    }
}

/// The MAC's half of the key is right, the cipher's is not: what decrypts is noise.
#[test]
fn a_mac_alone_proves_nothing() {
    let real = layout("vendor-cbc-hmac-128", |_| {});
    let mac = real.description().mac.unwrap();
    let prepared = LayoutKey::new(&real, &key(7));
    for round in 0..12_u8 {
        let mut samples = Samples::new();
        for index in 0..2_u8 {
            // What another cipher's key made, under a MAC that fits.
            let noise: [u8; 64] = Sha512::digest([round, index]).into();
            let (header, iv, text) = ([1, 1, 2, 3, 4], &noise[..16], &noise[16..32]);
            let tag = prepared.mac(&mac, &header, iv, text);
            samples.insert([header.as_slice(), iv, text, &tag[..16]].concat(), false);
        }
        assert!(search(&samples, &key(7)).hits.is_empty(), "{round}");
    }
}

#[test]
fn a_known_text_proves_a_bare_layout_if_it_fills_a_block_and_disproves_any_that_differs() {
    let bare = catalog::find("vendor-cbc").unwrap();
    let sealed = |text: &str| bare.seal(&key(7), [1; 4], text).unwrap();
    let known = |text: &str, said: &str| {
        let mut samples = Samples::new();
        samples.set_known(&sealed(text), SecretText::from(said.to_owned()));
        samples.search(&key(7), &mut |_| true).hits.len()
    };
    assert_eq!(known("sixteen bytes ok", "sixteen bytes ok"), 1);
    assert_eq!(known("too short", "too short"), 0);
    assert_eq!(known("sixteen bytes ok", "sixteen bytes no"), 0);
}

#[test]
fn a_value_of_an_insiders_making_is_no_general_hit() {
    let account = samples(&layout("vendor-gcm-16+pkcs7", |_| {}), 9);
    let mut samples = account;
    let planted = catalog::find("vendor-gcm")
        .unwrap()
        .seal(&key(7), [1, 2, 3, 4], "planted")
        .unwrap();
    samples.add(&planted);
    let found = search(&samples, &key(7));
    let general: Vec<_> = found
        .hits
        .iter()
        .filter(|hit| hit.is_general())
        .map(|hit| hit.layout.name())
        .collect();
    assert_eq!(general, ["vendor-gcm-16+pkcs7"]);
    assert!(
        found
            .hits
            .iter()
            .any(|hit| hit.layout.name() == "vendor-gcm" && (hit.opened, hit.of) == (1, 10))
    );
}

#[test]
fn a_mac_that_leaves_the_iv_out_is_not_among_what_decides() {
    let real = layout("vendor-cbc-hmac-128", |it| {
        it.mac = it.mac.map(|mac| Mac {
            covers: Covers::Ciphertext,
            ..mac
        });
    });
    assert!(search(&samples(&real, 4), &key(7)).hits.is_empty());
    let found = samples(&real, 16).search_among(std::slice::from_ref(&real), &key(7), &mut |_| true);
    assert_eq!(found.hits[0].layout.trust(), Trust::Unauthenticated);
}

#[test]
fn a_search_is_bounded_and_can_be_ended() {
    let mut samples = samples(catalog::find("vendor-gcm").unwrap(), 100);
    samples.add("not a value");
    samples.add(&STANDARD.encode(vec![1; MAX_SAMPLE_LEN + 1]));
    assert_eq!((samples.len(), samples.skipped()), (MAX_SAMPLES, 38));
    let found = samples.search(&key(8), &mut |_| false);
    assert!(found.interrupted);
    assert!(found.tried <= STRIDE + MAX_SAMPLES as u64, "{}", found.tried);
    insta::assert_snapshot!(format!("{samples:?}"), @"Samples { values: 64, known: false, skipped: 38 }");
}

#[test]
fn the_sealed_keys_of_sites_are_enough_where_every_site_has_one() {
    for (name, encoding) in [
        ("vendor-gcm-16+pkcs7", KeyEncoding::Raw),
        ("vendor-gcm", KeyEncoding::Hex),
        ("vendor-cbc-hmac-128", KeyEncoding::Base64),
    ] {
        let layout = layout(name, |it| it.keys = encoding);
        let mut samples = Samples::new();
        for byte in 20..23 {
            let sealed = layout.seal_key(&key(7), [1, 2, 3, 4], &key(byte)).unwrap();
            samples.add_site_key(&Envelope::parse(&sealed).unwrap());
            // Under the site's key, and so of no use.
            samples.add(&layout.seal(&key(byte), [byte; 4], "value").unwrap());
        }
        let found = search(&samples, &key(7));
        assert_eq!(
            found.hits.first().map(|hit| shape(&hit.layout)),
            Some(shape(&layout)),
            "{name}"
        );
        assert_eq!((found.hits[0].opened, found.hits[0].of), (3, 3), "{name}");
        assert!(search(&samples, &key(8)).hits.is_empty());
    }
    // A text is no key.
    let layout = layout("vendor-gcm", |_| {});
    let mut samples = Samples::new();
    let text = layout.seal(&key(7), [1, 2, 3, 4], "a text and no key").unwrap();
    samples.add_site_key(&Envelope::parse(&text).unwrap());
    assert!(search(&samples, &key(7)).hits.is_empty());
}
