//! Whatever is given as a value: it parses only in the one form that its bytes have, it opens or it does not
//! without a panic, and text that is sealed opens again, in its own place only.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zkvault_core::Coded as _;
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::value::{Envelope, Layout, OpenValueError, ValueContext, Version};
use zkvault_core::value::{seal_bound, seal_vendor};

use crate::heap;

/// The input that the vectors in tests/vectors/value belong to.
const CONTEXT: ValueContext<'_> = ValueContext {
    site_id: 1_749_398,
    input_type: "password",
    input_name: "[\"password\", \"Passwd\"]",
};
/// The key of those vectors.
const KEY: [u8; 32] = [
    0xc9, 0xe4, 0x2b, 0x1e, 0xa8, 0x11, 0x81, 0x20, 0xd8, 0x6f, 0x08, 0x82, 0x96, 0x53, 0x51, 0xb4, 0x6d, 0x00, 0x74,
    0xf4, 0x84, 0xe3, 0x6a, 0x74, 0x5c, 0x7a, 0x05, 0x08, 0x7d, 0x26, 0x68, 0xb3,
];

pub(crate) fn check(data: &[u8]) {
    let key = Arc::new(VaultKey::from_slice(&KEY).unwrap());
    raw_bytes(data, &key);
    if let Ok(text) = std::str::from_utf8(data) {
        value_text(text, &key);
        round_trip(text, &key);
    }
}

fn key_set(keys: &[&Arc<VaultKey>]) -> KeySet {
    let mut set = KeySet::new();
    for key in keys {
        set.add(Arc::clone(key), None);
    }
    set
}

/// The bytes of an envelope: most inputs get past base64 this way.
fn raw_bytes(bytes: &[u8], key: &Arc<VaultKey>) {
    let text = STANDARD.encode(bytes);
    if let Ok(envelope) = Envelope::parse(&text) {
        assert_eq!(Some(&envelope.version().number()), bytes.first());
        assert_eq!(Some(&envelope.key_id().to_bytes()[..]), bytes.get(1..5));
        assert_eq!(envelope.sealed_len(), bytes.len());
        value_text(&text, key);
    }
}

/// A value as the API gives it.
fn value_text(text: &str, key: &Arc<VaultKey>) {
    let Ok(envelope) = heap::within(2 * text.len() + 256, || Envelope::parse(text)) else {
        return;
    };
    assert_eq!(
        STANDARD.encode(STANDARD.decode(text).unwrap()),
        text,
        "only canonical base64 parses"
    );
    let lengths: Vec<_> = envelope.candidates().map(|candidate| candidate.plaintext_len).collect();
    assert!(!lengths.is_empty());
    assert!(lengths.iter().all(|length| *length < envelope.sealed_len()));

    let bound = envelope.version() == Version::Bound;
    let nothing = envelope.open(&key_set(&[]), Some(&CONTEXT));
    assert!(matches!(nothing, Err(OpenValueError::NoKey(id)) if id == envelope.key_id()));
    let nowhere = envelope.open(&key_set(&[key]), None);
    assert_eq!(bound, matches!(nowhere, Err(OpenValueError::NoContext)));

    let opened = envelope.open(&key_set(&[key]), Some(&CONTEXT));
    let other = Arc::new(VaultKey::from_slice(&[0; 32]).unwrap());
    let with_another = envelope.open(&key_set(&[&other, key]), Some(&CONTEXT));
    match (&opened, &with_another) {
        (Ok(opened), Ok(again)) => assert_eq!(opened, again),
        (Err(OpenValueError::NotText(_)), Err(OpenValueError::NotText(_))) => {}
        (Err(error), Err(_)) => assert!(["decrypt", "no-key", "layout"].contains(&error.code())),
        _ => panic!("another available key changed the outcome"),
    }
    if let Ok(opened) = opened {
        assert_eq!(bound, opened.layout == Layout::Bound);
        assert!(opened.text.expose_secret().len() <= lengths.into_iter().max().unwrap());
    }
}

/// Any text as a plaintext.
fn round_trip(text: &str, key: &Arc<VaultKey>) {
    let keys = key_set(&[key]);
    let bound = Envelope::parse(&seal_bound(key, &CONTEXT, text).unwrap()).unwrap();
    let opened = bound.open(&keys, Some(&CONTEXT)).unwrap();
    assert_eq!(opened.text.expose_secret(), text);
    let elsewhere = ValueContext {
        input_name: text,
        ..CONTEXT
    };
    if text != CONTEXT.input_name {
        assert!(matches!(
            bound.open(&keys, Some(&elsewhere)),
            Err(OpenValueError::Decrypt(_))
        ));
    }

    let id = KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c]);
    let Ok(vendor) = seal_vendor(key, id, text) else {
        assert!(text.ends_with(char::is_control), "{text:?}");
        return;
    };
    let vendor = Envelope::parse(&vendor).unwrap();
    assert_eq!(vendor.key_id(), id);
    let opened = vendor.open(&keys, None).unwrap();
    assert_eq!(
        (opened.text.expose_secret(), opened.layout.name()),
        (text, "vendor-gcm")
    );
}
