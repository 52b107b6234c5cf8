//! Tests of envelopes in both versions.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::Coded as _;
use crate::key::VaultKey;

/// The two values of the vendor's API page.
const PUBLISHED: [&str; 2] = [
    "Adh/fgxV90+BoMboA+DojRSxAb7BhGpz26IrF+Nxj49QPOjc5f8swFBcpgLBKG3rRasAkf0=",
    "Adh/fgzAxSBxlmvPL/tV+50rS1F5y5fLyp4I8zPoq+rYsR0JFFOuvlhkciNzh/ahT8pshh8=",
];
const CONTEXT: ValueContext<'_> = ValueContext {
    site_id: 1_749_398,
    input_type: "password",
    input_name: r#"["password", "Passwd"]"#,
};

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

fn keys(bytes: &[u8]) -> KeySet {
    let mut keys = KeySet::new();
    bytes.iter().for_each(|&byte| keys.add(key(byte), None));
    keys
}

fn bound(text: &str) -> Envelope {
    Envelope::parse(&seal_bound(&key(1), &CONTEXT, text).unwrap()).unwrap()
}

fn reparse(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    Envelope::parse(&STANDARD.encode(bytes))
}

#[test]
fn the_published_values_have_the_inferred_layout() {
    for value in PUBLISHED {
        let envelope = Envelope::parse(value).unwrap();
        assert_eq!(envelope.version(), Version::Vendor);
        assert_eq!(envelope.key_id().to_string(), "d87f7e0c");
        assert_eq!(envelope.sealed_len(), 53);
        let lengths: Vec<_> = envelope
            .candidates()
            .map(|c| format!("{}:{}", c.layout, c.plaintext_len))
            .collect();
        let expected = ["vendor-gcm:20", "vendor-sjcl-ccm:24", "vendor-gcm-16:16"];
        assert_eq!(lengths, expected);
    }
}

#[test]
fn debug_shows_no_ciphertext() {
    insta::assert_snapshot!(
        format!("{:?}", Envelope::parse(PUBLISHED[0]).unwrap()),
        @"Envelope { version: Vendor, key_id: KeyId(d87f7e0c), sealed_len: 53 }"
    );
    let opened = bound("hunter2").open(&keys(&[1]), Some(&CONTEXT)).unwrap();
    insta::assert_snapshot!(format!("{opened:?}"), @"OpenedValue { text: SecretText([REDACTED]), layout: Bound }");
}

#[test]
fn a_bound_value_opens_in_its_place_only() {
    let envelope = bound("hunter2");
    let elsewhere = [
        ValueContext { site_id: 1, ..CONTEXT },
        ValueContext {
            input_type: "text",
            ..CONTEXT
        },
        ValueContext {
            input_name: "Passwd",
            ..CONTEXT
        },
    ];
    for context in elsewhere {
        let error = envelope.open(&keys(&[1]), Some(&context)).unwrap_err();
        assert_eq!(error, OpenValueError::Decrypt(DecryptError), "{context:?}");
    }
    assert_eq!(envelope.open(&keys(&[1]), None), Err(OpenValueError::NoContext));
    assert_eq!(
        envelope.open(&keys(&[1]), Some(&CONTEXT)).unwrap().text.expose_secret(),
        "hunter2"
    );
}

#[test]
fn a_bound_value_names_the_key_it_misses() {
    let error = bound("hunter2").open(&keys(&[2, 3]), Some(&CONTEXT)).unwrap_err();
    assert_eq!(error, OpenValueError::NoKey(key(1).id()));
}

/// Two keys whose identifiers are both 8922ac6a.
#[test]
fn every_key_with_the_identifier_is_tried() {
    let numbered = |number: u16| {
        let mut bytes = [0; 32];
        bytes[30..].copy_from_slice(&number.to_be_bytes());
        Arc::new(VaultKey::from_slice(&bytes).unwrap())
    };
    let pair = [numbered(8957), numbered(15187)];
    assert_eq!(pair[0].id(), pair[1].id());
    let mut keys = KeySet::new();
    pair.iter().for_each(|key| keys.add(Arc::clone(key), None));
    for key in &pair {
        let value = seal_bound(key, &CONTEXT, "hunter2").unwrap();
        let opened = Envelope::parse(&value).unwrap().open(&keys, Some(&CONTEXT));
        assert_eq!(opened.unwrap().text.expose_secret(), "hunter2");
    }
}

#[test]
fn every_flipped_bit_of_a_bound_value_is_noticed() {
    let envelope = bound("hunter2");
    for bit in 0..envelope.bytes().len() * 8 {
        let mut bytes = envelope.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = reparse(&bytes)
            .map_err(OpenValueError::from)
            .and_then(|e| e.open(&keys(&[1]), Some(&CONTEXT)));
        assert!(opened.is_err(), "bit {bit}");
    }
}

#[test]
fn only_the_key_id_of_a_vendor_value_is_unauthenticated() {
    let value = seal_vendor(&key(1), key(1).id(), "hunter2").unwrap();
    let envelope = Envelope::parse(&value).unwrap();
    for bit in 0..envelope.bytes().len() * 8 {
        let mut bytes = envelope.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = reparse(&bytes)
            .map_err(OpenValueError::from)
            .and_then(|e| e.open(&keys(&[1]), None));
        assert_eq!(opened.is_ok(), (8..40).contains(&bit), "bit {bit}");
    }
}

#[test]
fn a_vendor_value_without_any_key_says_so() {
    let error = Envelope::parse(PUBLISHED[0])
        .unwrap()
        .open(&KeySet::new(), None)
        .unwrap_err();
    assert_eq!(error.to_string(), "no key with the id d87f7e0c is available");
}

#[test]
fn lengths_that_no_layout_has_are_refused() {
    let wrong = |version: u8, bytes| Err(EnvelopeError::WrongLength { version, bytes });
    assert_eq!(reparse(&[]), Err(EnvelopeError::Empty));
    assert_eq!(reparse(&[0; 60]), Err(EnvelopeError::UnknownVersion(0)));
    assert_eq!(reparse(&[255; 60]), Err(EnvelopeError::UnknownVersion(255)));
    assert_eq!(reparse(&[1; 4]), wrong(1, 4));
    assert_eq!(reparse(&[1; 28]), wrong(1, 28));
    assert!(reparse(&[1; 29]).is_ok());
    // What is read has a layout, so that there is something to say about it.
    assert!((29..200).all(|length| reparse(&vec![1; length]).unwrap().candidates().count() > 0));
    let sealed_len = bound("").sealed_len();
    assert_eq!(sealed_len, 5 + 56 + 32 + 16);
    for length in 0..=64 {
        let bytes = sealed_len - 32 + length;
        let whole_blocks = [32, 64].contains(&length);
        assert_eq!(reparse(&vec![2; bytes]).is_ok(), whole_blocks, "{length}");
    }
}

#[test]
fn a_text_of_the_longest_envelope_is_read_and_no_longer_one() {
    let characters = 1_409_024; // 1 MiB and 8 KiB, as base64
    let longest = Envelope::parse(&"A".repeat(characters));
    assert_eq!(longest, Err(EnvelopeError::UnknownVersion(0)));
    let longer = Envelope::parse(&"A".repeat(characters + 1));
    let characters = characters + 1;
    assert_eq!(longer, Err(EnvelopeError::TooLong { characters }));
}

#[test]
fn only_canonical_base64_is_a_value() {
    let value = PUBLISHED[0];
    let faults = [
        value.trim_end_matches('=').to_owned(),
        value.replace('+', "-"),
        format!("{value}\n"),
        format!(" {value}"),
        format!("{value}===="),
        value.replace("kf0=", "kf1="),
    ];
    for fault in faults {
        assert_eq!(Envelope::parse(&fault), Err(EnvelopeError::NotBase64), "{fault:?}");
    }
}

#[test]
fn a_text_over_the_limit_is_not_sealed() {
    let text = "a".repeat(MAX_VALUE_LEN);
    let value = seal_bound(&key(1), &CONTEXT, &text).unwrap();
    let opened = Envelope::parse(&value)
        .unwrap()
        .open(&keys(&[1]), Some(&CONTEXT))
        .unwrap();
    assert_eq!(opened.text.expose_secret(), text);
    let vendor = seal_vendor(&key(1), key(1).id(), &text).unwrap();
    assert!(Envelope::parse(&vendor).unwrap().open(&keys(&[1]), None).is_ok());
    let longer = format!("{text}a");
    assert!(seal_bound(&key(1), &CONTEXT, &longer).is_err());
    assert!(seal_vendor(&key(1), key(1).id(), &longer).is_err());
}

#[test]
fn a_large_value_is_not_tried_with_every_key_of_a_full_keyring() {
    let (near, far) = (3, 67); // the budget is 64 MiB, so 63 keys for a little over 1 MiB
    let mut many = KeySet::new();
    (1..=70).for_each(|byte| many.add(key(byte), None));
    let large = "a".repeat(MAX_VALUE_LEN);
    let open = |sealer: u8, text: &str| {
        let sealed = seal_vendor(&key(sealer), KeyId::from_bytes([9; 4]), text).unwrap();
        Envelope::parse(&sealed).unwrap().open(&many, None).map(drop)
    };
    assert_eq!(open(near, &large), Ok(()));
    assert_eq!(open(far, &large), Err(DecryptError.into()));
    assert_eq!(open(far, "a"), Ok(()));
}

#[test]
fn each_class_of_failure_has_its_word() {
    let not_text = SecretText::from_utf8(vec![0xff].into()).unwrap_err();
    for (error, word) in [
        (OpenValueError::Malformed(EnvelopeError::Empty), "malformed"),
        (OpenValueError::NoContext, "no-context"),
        (OpenValueError::NoKey(key(1).id()), "no-key"),
        (OpenValueError::Decrypt(DecryptError), "decrypt"),
        (OpenValueError::NotText(not_text), "not-text"),
    ] {
        assert_eq!(error.code(), word);
    }
}

#[test]
fn no_random_bytes_means_no_value() {
    crate::random::failing::with(|| {
        assert!(seal_bound(&key(1), &CONTEXT, "a").is_err());
        assert!(seal_vendor(&key(1), key(1).id(), "a").is_err());
    });
}

proptest! {
    #[test]
    fn text_round_trips(text in ".{0,200}", site_id: u64, input_type in ".{0,10}", input_name in ".{0,20}") {
        let context = ValueContext { site_id, input_type: &input_type, input_name: &input_name };
        let bound = seal_bound(&key(1), &context, &text).unwrap();
        let opened = Envelope::parse(&bound).unwrap().open(&keys(&[9, 1]), Some(&context)).unwrap();
        prop_assert_eq!((opened.text.expose_secret(), opened.layout), (text.as_str(), Layout::Bound));

        let sealed = seal_vendor(&key(1), KeyId::from_bytes([1, 2, 3, 4]), &text);
        let odd = text.ends_with(|last: char| last.is_control() && !"\t\r\n".contains(last));
        prop_assert_eq!(sealed.is_err(), odd);
        let Ok(vendor) = sealed else { return Ok(()) };
        let opened = Envelope::parse(&vendor).unwrap().open(&keys(&[9, 1]), None).unwrap();
        prop_assert_eq!((opened.text.expose_secret(), opened.layout.name()), (text.as_str(), "vendor-gcm"));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[A-Za-z0-9+/=]{0,200}") {
        if let Ok(envelope) = Envelope::parse(&text) {
            prop_assert_eq!(STANDARD.encode(envelope.bytes()), text);
            prop_assert!(envelope.open(&keys(&[1]), Some(&CONTEXT)).is_err());
        }
    }

    /// Wide instructions read 32 characters at a time: they take what one at a time takes, and give the same bytes.
    #[test]
    fn base64_is_read_the_same_with_wide_instructions(
        bytes in proptest::collection::vec(any::<u8>(), 29..400),
        at: prop::sample::Index,
        other in prop_oneof![Just('-'), Just('_'), Just('='), Just(' '), Just('\n'), any::<char>()],
    ) {
        let mut text: Vec<char> = STANDARD.encode([&[1_u8][..], &bytes].concat()).chars().collect();
        let whole: String = text.iter().collect();
        prop_assert_eq!(Envelope::parse(&whole).map(|it| it.bytes().to_vec()), Ok([&[1][..], &bytes].concat()));
        *at.get_mut(&mut text) = other;
        let changed: String = text.iter().collect();
        let parsed = Envelope::parse(&changed);
        match STANDARD.decode(&changed) {
            Ok(bytes) => prop_assert!(parsed.map_or(bytes[0] != 1, |it| it.bytes() == bytes)),
            Err(_) => prop_assert_eq!(parsed, Err(EnvelopeError::NotBase64)),
        }
    }
}
