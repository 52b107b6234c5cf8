//! Whatever is given as an activation, a code, or the payload inside: each is read in the one form in which it is
//! written, and what does not come from the sender does not open.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use sha2::Sha512;
use zkvault_core::activation::{Activation, ActivationCode, ActivationPayload, ActivationTarget, OpenActivationError};
use zkvault_core::identity::Identity;

use crate::{cobblestone, heap};

/// The 16 bytes of the code, and its text.
const CODE: [u8; 16] = [0; 16];
const CODE_TEXT: &str = "00000-00000-00000-00000-00000-00";
const SALT: [u8; 16] = [3; 16];
const HOST: &str = "api.example.com";
const USER: u64 = 7;
/// Keys in a payload, and bytes of the shortest one: without a label.
const MAX_KEYS: usize = 64;
const MIN_KEY_LEN: usize = 1 + 16 + 1 + 32;
/// Bytes of the longest payload: 64 keys, each with a label of 128 bytes.
const MAX_PAYLOAD_LEN: usize = 18 + MAX_KEYS * (1 + 16 + 1 + 128 + 32);
/// Bytes of memory that an open key takes: with the round keys of its cipher, and its place in the list.
const OPEN_KEY_LEN: usize = 1100;

pub(crate) fn check(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        as_text(text);
        as_code(text);
        as_account(text);
    }
    as_text(&STANDARD.encode(data));
    as_payload(data);
}

fn target() -> ActivationTarget {
    ActivationTarget::new(HOST, USER).unwrap()
}

fn code() -> ActivationCode {
    CODE_TEXT.parse().unwrap()
}

/// An activation that somebody made up.
fn as_text(text: &str) {
    let Ok(activation) = heap::within(3 * text.len() + 1024, || text.parse::<Activation>()) else {
        return;
    };
    assert_eq!(activation.to_string(), text, "it has one form");
    assert!(activation.open_with_code(&code(), &target(), 0).is_err());
    static RECIPIENT: OnceLock<Identity> = OnceLock::new();
    let recipient = RECIPIENT.get_or_init(|| Identity::generate().unwrap());
    let sender = activation.sender().map(|sender| sender.fingerprint());
    let opened = activation.open(
        recipient,
        &sender.unwrap_or(recipient.public().fingerprint()),
        &target(),
        0,
    );
    match sender {
        Some(_) => assert!(matches!(opened, Err(OpenActivationError::Decrypt(_)))),
        None => assert!(matches!(opened, Err(OpenActivationError::NeedsCode))),
    }
}

fn as_code(text: &str) {
    if let Ok(code) = text.parse::<ActivationCode>() {
        let written = code.expose_text();
        assert!(
            written
                .expose_secret()
                .parse::<ActivationCode>()
                .is_ok_and(|again| again == code)
        );
    }
}

fn as_account(text: &str) {
    if let Ok(target) = ActivationTarget::new(text, USER) {
        assert_eq!(ActivationTarget::new(target.account(), USER), Ok(target));
    }
}

/// A payload that was sealed as it should be, whatever is in it.
fn as_payload(data: &[u8]) {
    let context = cobblestone::context("zkvault.activation.v1", &[HOST.as_bytes(), &USER.to_be_bytes()]);
    let mut key = [0; 32];
    Hkdf::<Sha512>::new(Some(&SALT), &CODE)
        .expand(&context, &mut key)
        .unwrap();
    let message = cobblestone::seal(&key, &context, data);
    let text = STANDARD.encode([&[2], &SALT[..], &message].concat());
    let Ok(activation) = text.parse::<Activation>() else {
        assert!(data.len() > MAX_PAYLOAD_LEN, "only its length can be wrong");
        return;
    };
    // The opened payload, and then each key with its label.
    let keys = (data.len() / MIN_KEY_LEN).min(MAX_KEYS);
    match heap::within(2 * data.len() + keys * OPEN_KEY_LEN + 1024, || {
        activation.open_with_code(&code(), &target(), 0)
    }) {
        Ok(payload) => as_sealed(data, &payload, &activation),
        Err(OpenActivationError::Payload(_) | OpenActivationError::Expired { .. }) => {}
        Err(error) => panic!("it was sealed by the specification, and does not open: {error}"),
    }
}

fn as_sealed(data: &[u8], payload: &ActivationPayload, activation: &Activation) {
    assert_eq!(written(payload), data, "it has one form");
    assert!(payload.issued() < payload.expires());
    let late = activation.open_with_code(&code(), &target(), payload.expires());
    assert!(matches!(late, Err(OpenActivationError::Expired { .. })));
    let elsewhere = ActivationTarget::new(HOST, USER + 1).unwrap();
    assert!(activation.open_with_code(&code(), &elsewhere, 0).is_err());
    let again = Activation::seal_with_code(&code(), &target(), payload).unwrap();
    assert_eq!(again.open_with_code(&code(), &target(), 0).as_ref(), Ok(payload));
}

/// The payload by its specification.
fn written(payload: &ActivationPayload) -> Vec<u8> {
    let mut bytes = vec![2];
    bytes.extend(payload.issued().to_be_bytes());
    bytes.extend(payload.expires().to_be_bytes());
    bytes.push(payload.keys().len() as u8);
    for key in payload.keys() {
        bytes.push(u8::from(key.is_retired) | u8::from(key.becomes_default) << 1);
        bytes.extend(
            key.replaces
                .map_or([0; 16], zkvault_core::key::KeyFingerprint::to_bytes),
        );
        bytes.push(key.label.len() as u8);
        bytes.extend(key.label.as_bytes());
        bytes.extend(key.key.expose_secret());
    }
    bytes
}
