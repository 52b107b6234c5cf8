//! Every layout of the catalogue, and one fault at a time.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::error::DecryptError;
use crate::key::{KeyId, KeySet, VaultKey};
use crate::value::{self, Envelope, OpenValueError};

const NUMBER: [u8; 4] = [0xd8, 0x7f, 0x7e, 0x0c];

fn key(byte: u8) -> VaultKey {
    VaultKey::from_slice(&[byte; 32]).unwrap()
}

fn sealable() -> impl Iterator<Item = &'static Layout> {
    catalog::all()
        .iter()
        .filter(|layout| layout.description().cipher != Cipher::Aes256Ocb2)
}

fn keys(layouts: Vec<Layout>) -> KeySet {
    let mut keys = KeySet::new();
    keys.add(Arc::new(key(7)), None);
    keys.set_vendor_layouts(layouts);
    keys
}

fn open(keys: &KeySet, value: &str) -> Result<(String, String), OpenValueError> {
    let opened = Envelope::parse(value)?.open(keys, None)?;
    Ok((opened.text.expose_secret().to_owned(), opened.layout.name().to_owned()))
}

#[test]
fn every_layout_opens_what_it_seals() {
    for layout in sealable() {
        for text in [
            "x",
            "test2",
            "sixteen bytes ok",
            "longer than a block of sixteen bytes, ü",
        ] {
            let value = layout.seal(&key(7), NUMBER, text).unwrap();
            assert_eq!(
                layout.open_text(&key(7), &value).unwrap().expose_secret(),
                text,
                "{layout:?}"
            );
        }
    }
}

#[test]
fn no_authenticated_layout_survives_a_flipped_bit_or_another_key() {
    for layout in sealable().filter(|layout| layout.trust() == Trust::Authenticated) {
        let value = STANDARD.decode(layout.seal(&key(7), NUMBER, "test2").unwrap()).unwrap();
        assert_eq!(layout.open(&key(8), &value), Err(DecryptError), "{layout:?}");
        let is_bound = |byte: usize| byte == 0 || byte > 4;
        for byte in (0..value.len()).filter(|byte| is_bound(*byte)) {
            let mut flipped = value.clone();
            flipped[byte] ^= 1;
            // SJCL's CCM takes no notice of the end of its IV.
            let unused = layout.description().cipher == Cipher::Aes256Ccm && (18..21).contains(&byte);
            assert_eq!(layout.open(&key(7), &flipped).is_ok(), unused, "{layout:?} {byte}");
        }
        for len in 0..value.len() {
            assert_eq!(
                layout.open(&key(7), &value[..len]),
                Err(DecryptError),
                "{layout:?} {len}"
            );
        }
    }
}

#[test]
fn a_check_value_must_fit() {
    let mut description = catalog::find("vendor-gcm-16+pkcs7").unwrap().description().clone();
    description.check = Check::Key {
        hash: CheckHash::Sha256,
        end: CheckEnd::First,
    };
    let layout = Layout::new(description).unwrap();
    let mut value = STANDARD.decode(layout.seal(&key(7), NUMBER, "test2").unwrap()).unwrap();
    assert_ne!(value[1..5], NUMBER);
    assert!(layout.open(&key(7), &value).is_ok());
    value[4] ^= 1;
    assert_eq!(layout.open(&key(7), &value), Err(DecryptError));
}

#[test]
fn the_keys_of_sites_have_exactly_32_bytes() {
    for encoding in [KeyEncoding::Raw, KeyEncoding::Hex, KeyEncoding::Base64] {
        let mut description = catalog::find("vendor-gcm-16+pkcs7").unwrap().description().clone();
        description.keys = encoding;
        let layout = Layout::new(description).unwrap();
        let sealed = STANDARD
            .decode(layout.seal_key(&key(7), NUMBER, &key(9)).unwrap())
            .unwrap();
        assert_eq!(layout.open_key(&key(7), &sealed).unwrap(), key(9), "{encoding:?}");
        let text = STANDARD
            .decode(layout.seal(&key(7), NUMBER, "hunter2").unwrap())
            .unwrap();
        assert_eq!(layout.open_key(&key(7), &text).unwrap_err(), DecryptError);
    }
}

#[test]
fn a_padded_value_of_an_unknown_account_gives_its_text_and_not_its_padding() {
    let layout = catalog::find("vendor-gcm-16+pkcs7").unwrap();
    let value = layout.seal(&key(7), NUMBER, "test2").unwrap();
    assert_eq!(STANDARD.decode(&value).unwrap().len(), 53);
    assert_eq!(
        open(&keys(vec![]), &value),
        Ok(("test2".into(), "vendor-gcm-16+pkcs7".into()))
    );
    assert_eq!(
        open(&keys(vec![layout.clone()]), &value),
        Ok(("test2".into(), "vendor-gcm-16+pkcs7".into()))
    );
}

#[test]
fn line_ends_and_tabs_are_no_padding_and_other_control_characters_no_text() {
    let plain = catalog::find("vendor-gcm-16").unwrap();
    let note = format!("-----\n{}", "\n".repeat(10));
    let value = plain.seal(&key(7), NUMBER, &note).unwrap();
    assert_eq!(open(&keys(vec![]), &value), Ok((note, "vendor-gcm-16".into())));
    let value = plain.seal(&key(7), NUMBER, "test2\u{b}\u{b}").unwrap();
    assert_eq!(open(&keys(vec![]), &value), Err(OpenValueError::ControlCharacters));
}

#[test]
fn chosen_layouts_are_the_only_ones() {
    let value = catalog::find("vendor-gcm")
        .unwrap()
        .seal(&key(7), NUMBER, "test2")
        .unwrap();
    let others = vec![catalog::find("vendor-gcm-16+pkcs7").unwrap().clone()];
    assert!(matches!(open(&keys(others), &value), Err(OpenValueError::Decrypt(_))));
    let unasked = catalog::find("vendor-cbc").unwrap();
    let value = unasked.seal(&key(7), NUMBER, "test2").unwrap();
    assert!(open(&keys(vec![]), &value).is_err());
    assert_eq!(
        open(&keys(vec![unasked.clone()]), &value),
        Ok(("test2".into(), "vendor-cbc".into()))
    );
}

#[test]
fn the_fast_way_of_the_plain_layout_gives_what_the_slow_one_does() {
    let plain = catalog::find("vendor-gcm").unwrap();
    let value = value::seal_vendor(&key(7), KeyId::from_bytes(NUMBER), "test2").unwrap();
    assert_eq!(plain.open_text(&key(7), &value).unwrap().expose_secret(), "test2");
    let value = plain.seal(&key(7), NUMBER, "test2").unwrap();
    assert_eq!(open(&keys(vec![]), &value), Ok(("test2".into(), "vendor-gcm".into())));
}

#[test]
fn nothing_is_sealed_that_would_come_back_as_something_else() {
    let mut description = catalog::find("vendor-cbc").unwrap().description().clone();
    description.padding = Padding::Zero;
    let layout = Layout::new(description).unwrap();
    assert_eq!(
        layout.seal(&key(7), NUMBER, "ends in zero\0"),
        Err(SealLayoutError::Padding)
    );
    assert_eq!(layout.seal(&key(7), NUMBER, ""), Err(SealLayoutError::Padding));
    let ocb2 = catalog::find("vendor-sjcl-ocb2").unwrap();
    assert_eq!(ocb2.seal(&key(7), NUMBER, "test2"), Err(SealLayoutError::ReadOnly));
    let long = "x".repeat(value::MAX_VALUE_LEN + 1);
    assert_eq!(layout.seal(&key(7), NUMBER, &long), Err(SealLayoutError::TooLong));
}

#[test]
fn a_document_comes_back_and_names_what_is_wrong_with_it() {
    let document = LayoutDocument::new(catalog::all().to_vec()).unwrap();
    assert_eq!(LayoutDocument::parse(&document.to_json()), Ok(document.clone()));
    let json = LayoutDocument::new(vec![catalog::find("vendor-gcm").unwrap().clone()])
        .unwrap()
        .to_json();
    let refused = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        LayoutDocument::parse(&json.replace(from, to)).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused("\"iv\": 12", "\"iv\": 11"), @r#"the layout "vendor-gcm" makes no sense: the cipher takes no IV of 11 bytes"#);
    insta::assert_snapshot!(refused("\"tag\": 16", "\"tag\": 0"), @r#"the layout "vendor-gcm" makes no sense: the cipher or MAC makes no tag of 0 bytes"#);
    insta::assert_snapshot!(refused("aes-256-gcm", "aes-256-cbc"), @r#"the layout "vendor-gcm" makes no sense: the cipher takes no IV of 12 bytes"#);
    insta::assert_snapshot!(refused("\"key\": \"raw\"", "\"key\": \"first16\""), @r#"the layout "vendor-gcm" makes no sense: the form of the key does not have the cipher's length"#);
    insta::assert_snapshot!(refused("\"version\": 1", "\"version\": 2"), @"it is no file of layouts of version 1");
    assert!(refused("\"iv\"", "\"skip\"").contains("unknown field"));
    let twice = vec![catalog::all()[0].clone(), catalog::all()[0].clone()];
    assert_eq!(
        LayoutDocument::new(twice),
        Err(LayoutDocumentError::Twice("vendor-gcm".into()))
    );
    assert_eq!(
        LayoutDocument::parse(&" ".repeat(MAX_LAYOUT_FILE_LEN + 1)),
        Err(LayoutDocumentError::TooLong)
    );
}

#[test]
fn what_proves_nothing_is_called_unauthenticated() {
    let needs = |name: &str| catalog::find(name).unwrap().needs();
    assert_eq!(needs("vendor-gcm"), Needs::OneValue);
    assert_eq!(needs("vendor-sjcl-ccm"), Needs::TwoValues);
    assert_eq!(needs("vendor-cbc-hmac-128"), Needs::TwoValues);
    assert_eq!(needs("vendor-cbc"), Needs::ManyValues);
    assert_eq!(needs("vendor-sjcl-ocb2"), Needs::ManyValues);
    let mut description = catalog::find("vendor-cbc-hmac-128").unwrap().description().clone();
    description.mac = description.mac.map(|mac| Mac {
        covers: Covers::Ciphertext,
        ..mac
    });
    assert_eq!(Layout::new(description).unwrap().needs(), Needs::ManyValues);
}

proptest! {
    /// Whatever the bytes, nothing panics, and no MAC lets them pass.
    #[test]
    fn arbitrary_envelopes_open_under_no_authenticated_layout(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for layout in catalog::all() {
            let opened = layout.open(&key(7), &bytes);
            prop_assert!(opened.is_err() || layout.trust() == Trust::Unauthenticated);
        }
    }
}

/// A site's own key, in a layout that was chosen and in one that was guessed.
#[test]
fn values_under_a_sites_own_key_open_by_it() {
    use crate::document::{InputFailure, decrypt_site};
    use crate::model::SealedValue;
    use crate::secret_buffer::SecretBuffer;
    use crate::value::SiteKey;

    for (name, chosen) in [
        ("vendor-cbc-hmac-128", true),
        ("vendor-gcm-16+pkcs7", false),
        ("vendor-gcm", false),
        ("vendor-gcm", true),
    ] {
        let layout = catalog::find(name).unwrap();
        let keys = keys(if chosen { vec![layout.clone()] } else { vec![] });
        // The last byte of a key may look like a padding.
        let site_key = VaultKey::from_slice(&[[9; 31].as_slice(), &[1]].concat()).unwrap();
        let sealed = layout.seal_key(&key(7), NUMBER, &site_key).unwrap();
        let value = layout.seal(&site_key, NUMBER, "hunter 2").unwrap();
        let own = layout.seal(&key(7), NUMBER, "by the root").unwrap();
        let opened = SiteKey::open(Some(&SealedValue::new(sealed.clone()).unwrap()), &keys).unwrap();
        assert_eq!(opened.root(), key(7).fingerprint());
        let inputs = format!(r#"[{{"name":"a","value":"{value}"}},{{"name":"b","value":"{own}"}}]"#);
        let site = format!(r#"{{"id":1,"login":{{"inputs":{inputs}}},"key":"{sealed}"}}"#);
        let (mut output, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
        decrypt_site(&keys, site.as_bytes(), &mut output, &mut failures).unwrap();
        let expected = site.replace(&value, "hunter 2").replace(&own, "by the root");
        assert_eq!(str::from_utf8(output.expose_secret()), Ok(expected.as_str()), "{name}");
        assert!(failures.is_empty(), "{name} {failures:?}");
        let text = layout.seal(&key(7), NUMBER, "no key").unwrap();
        assert!(SiteKey::open(Some(&SealedValue::new(text).unwrap()), &keys).is_none());
        assert!(!format!("{opened:?}").contains("9, 9"), "{opened:?}");
    }
}
