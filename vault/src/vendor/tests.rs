//! A search with several keys, and what is kept of it.

use zkvault_core::SecretText;
use zkvault_core::account::AccountName;
use zkvault_core::kdf::VendorKdf;
use zkvault_core::keyring::Keyring;
use zkvault_core::value::Envelope;
use zkvault_core::vendor::{Trust, catalog};

use super::*;
use crate::account::{Account, Service};

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

fn tried(byte: u8) -> TriedKey {
    TriedKey {
        key: key(byte),
        label: format!("key {byte}"),
        source: KeySource::Given,
    }
}

fn samples(values: &[(&str, u8, usize)]) -> Samples {
    let mut samples = Samples::new();
    for (layout, byte, count) in values {
        let layout = catalog::find(layout).unwrap();
        for index in 0..*count {
            let text = format!("value number {index}");
            samples.add(&layout.seal(&key(*byte), [*byte; 4], &text).unwrap());
        }
    }
    samples
}

fn names(found: &Discovery) -> Vec<(&str, &str)> {
    found
        .hits
        .iter()
        .map(|found| (found.hit.layout.name(), found.label.as_str()))
        .collect()
}

#[test]
fn every_key_is_tried_and_what_opens_most_comes_first() {
    let samples = samples(&[("vendor-gcm-16+pkcs7", 1, 3), ("vendor-cbc-hmac-128", 2, 5)]);
    let keys: Vec<_> = (0..6).map(tried).collect();
    let counted = std::sync::atomic::AtomicU64::new(0);
    let found = discover(&samples, &keys, &[], &|more| {
        counted.fetch_add(more, Ordering::Relaxed);
        true
    });
    let expected = [("vendor-cbc-hmac-128", "key 2"), ("vendor-gcm-16+pkcs7", "key 1")];
    assert_eq!(names(&found), expected);
    assert!(found.tried >= counted.into_inner() && found.tried > 10_000);
}

#[test]
fn no_layout_without_a_tag_counts_beside_one_with_a_tag_under_another_key() {
    let samples = samples(&[("vendor-cbc", 1, 20), ("vendor-gcm", 2, 2)]);
    let found = discover(&samples, &[tried(1), tried(2)], &[], &|_| true);
    assert_eq!(names(&found), [("vendor-gcm", "key 2")]);
    let alone = discover(&samples, &[tried(1)], &[], &|_| true);
    assert_eq!(alone.hits[0].hit.layout.trust(), Trust::Unauthenticated);
}

#[test]
fn a_search_ends_when_it_is_told_to() {
    let samples = samples(&[("vendor-cbc", 1, 20)]);
    let whole = discover(&samples, &[tried(9)], &[], &|_| true).tried;
    let ended = discover(&samples, &[tried(9)], &[], &|_| false).tried;
    assert!(ended < whole / 2, "{ended} of {whole}");
}

#[test]
fn every_way_from_a_password_runs_once() {
    let names: Vec<_> = derivations(Some(100_000), true)
        .into_iter()
        .map(Derivation::label)
        .collect();
    assert_eq!(
        names,
        [
            "PBKDF2-SHA-256, 100000 iterations, server salt",
            "PBKDF2-SHA-256, 100000 iterations, user name as salt",
            "PBKDF2-SHA-256, 600000 iterations, server salt",
            "PBKDF2-SHA-256, 600000 iterations, user name as salt",
            "PBKDF2-SHA-1, 10000 iterations (weak), server salt",
            "PBKDF2-SHA-1, 10000 iterations (weak), user name as salt",
        ]
    );
    assert_eq!(derivations(Some(600_000), false).len(), 2);
    let password = SecretText::from("Pässword 1".to_owned());
    let ways: Vec<_> = [VendorKdf::Legacy, VendorKdf::Current { iterations: 100_000 }]
        .into_iter()
        .map(|kdf| Derivation { kdf, salted: false })
        .collect();
    let runs = AtomicUsize::new(0);
    let keys = derive_all(&ways, "ann@example.com", None, &password, &|| {
        runs.fetch_add(1, Ordering::Relaxed);
    });
    let keys = keys.unwrap();
    assert_eq!(runs.into_inner(), ways.len());
    for (way, key) in ways.iter().zip(&keys) {
        let derived = way.kdf.derive_key("ann@example.com", None, &password).unwrap();
        assert!(*key.key == derived, "{key:?}");
    }
    assert!(keys[0].source.is_weak() && !keys[1].source.is_weak());
    let refused = derive_all(&derivations(Some(1), false), "ann", None, &password, &|| {});
    assert_eq!(
        refused.unwrap_err().to_string().split(':').next(),
        Some("PBKDF2 with 1 iterations")
    );
}

#[test]
fn keys_come_in_the_order_of_their_ways_however_long_each_takes() {
    let iterations = [300_000, 100_000, 200_000, 100_000];
    let ways: Vec<_> = iterations
        .map(|iterations| Derivation {
            kdf: VendorKdf::Current { iterations },
            salted: false,
        })
        .into();
    let password = SecretText::from("Pässword 1".to_owned());
    let keys = derive_all(&ways, "ann@example.com", None, &password, &|| {}).unwrap();
    let labels: Vec<_> = keys.into_iter().map(|key| key.label).collect();
    assert_eq!(labels, ways.into_iter().map(Derivation::label).collect::<Vec<_>>());
}

#[test]
fn what_is_kept_for_the_account_is_what_its_keys_open_with() {
    let text = |text: &str| SecretText::from(text.to_owned());
    let mut keyring = crate::cheap::keyring();
    let own = Arc::clone(keyring.keys().iter().next().unwrap().key());
    let sealed = catalog::find("vendor-cbc-hmac-128").unwrap();
    let value = sealed.seal(&own, [1; 4], "hunter2").unwrap();
    let opens = |keyring: &Keyring| {
        Envelope::parse(&value)
            .unwrap()
            .open(&opening_keys(keyring), None)
            .is_ok()
    };
    assert!(!opens(&keyring) && keyring.account().is_none());

    let mut samples = Samples::new();
    (0..2).for_each(|index| samples.add(&sealed.seal(&own, [1; 4], &format!("value {index}")).unwrap()));
    let own = TriedKey { key: own, ..tried(0) };
    let found = discover(&samples, &[own], &[], &|_| true);
    keep(&mut keyring, found.general()[0]).unwrap();
    assert!(opens(&keyring), "kept for no account");

    let account = Account::new(Service::Logmeonce, "Acme.example", "key", text("secret")).unwrap();
    account.store(&mut keyring).unwrap();
    assert_eq!(keyring.account(), AccountName::parse("acme.example").ok());
    assert!(opens(&keyring), "an account without its own uses those of none");
    keep(&mut keyring, found.general()[0]).unwrap();
    assert!(keyring.vendor_layouts_mut().forget(None, sealed.name()));
    assert!(opens(&keyring), "kept for the account");
}
