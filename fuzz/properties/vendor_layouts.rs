//! Whatever is given as a file of layouts, and as a value under one: the file is read or refused, what is read is
//! written and read again, nothing opens under a layout that authenticates unless it was sealed, and what is sealed
//! opens.

use arbitrary::{Arbitrary, Unstructured};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::value::MAX_VALUE_LEN;
use zkvault_core::vendor::discover::Samples;
use zkvault_core::vendor::{Cipher, Layout, LayoutDocument, MAX_LAYOUTS, Padding, Trust};

use crate::heap;

const NUMBER: [u8; 4] = [0xd8, 0x7f, 0x7e, 0x0c];

pub(crate) fn check(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        file(text);
    }
    let mut choices = Unstructured::new(data);
    if let Ok(layout) = chosen(&mut choices) {
        under(&layout, choices.take_rest());
    }
}

/// The bytes as a file.
fn file(text: &str) {
    // A description has several times its shortest JSON.
    let Ok(document) = heap::within(64 * text.len() + 4096, || LayoutDocument::parse(text)) else {
        return;
    };
    assert!(document.layouts().len() <= MAX_LAYOUTS);
    assert_eq!(LayoutDocument::parse(&document.to_json()).as_ref(), Ok(&document));
    for layout in document.layouts() {
        under(layout, text.as_bytes());
    }
}

/// A layout that the bytes choose from the lists, if it makes sense.
fn chosen(from: &mut Unstructured<'_>) -> arbitrary::Result<Layout> {
    let pick = |from: &mut Unstructured<'_>, words: &[&str]| from.choose(words).map(|word| json!(word));
    let mut layout = json!({"name": "chosen"});
    let members: [(&str, &[&str]); 7] = [
        (
            "order",
            &[
                "iv-ciphertext-tag",
                "iv-tag-ciphertext",
                "tag-iv-ciphertext",
                "ciphertext-iv-tag",
            ],
        ),
        (
            "cipher",
            &[
                "aes-256-gcm",
                "aes-256-ccm",
                "aes-256-ocb2",
                "aes-256-cbc",
                "aes-256-ctr",
                "aes-128-gcm",
                "aes-128-cbc",
                "aes-128-ctr",
            ],
        ),
        ("aad", &["none", "version", "header"]),
        ("padding", &["none", "pkcs7", "zero", "iso7816", "length-prefixed"]),
        ("text", &["utf8", "utf16-le", "base64"]),
        ("keys", &["raw", "hex", "base64"]),
        ("key", &["raw", "hex-text", "sha256", "sha512-halves", "first16"]),
    ];
    for (name, words) in members {
        layout[name] = pick(from, words)?;
    }
    layout["iv"] = json!(from.choose(&[12, 13, 16])?);
    layout["tag"] = json!(u8::arbitrary(from)? % 65);
    if bool::arbitrary(from)? {
        layout["mac"] = json!({
            "hash": pick(from, &["sha1", "sha256", "sha512"])?,
            "key": pick(from, &["cipher", "second-half"])?,
            "covers": pick(from, &["ciphertext", "iv-ciphertext", "header-iv-ciphertext"])?,
        });
    }
    if bool::arbitrary(from)? {
        let hash = pick(from, &["crc32", "sha1", "sha256", "sha512", "aes-zero"])?;
        layout["check"] = json!({"key": {"hash": hash, "end": pick(from, &["first", "last"])?}});
    }
    let file: Value = json!({"format": "zkvault.vendor-layouts", "version": 1, "layouts": [layout]});
    let document = LayoutDocument::parse(&file.to_string()).map_err(|_| arbitrary::Error::IncorrectFormat)?;
    document
        .layouts()
        .first()
        .cloned()
        .ok_or(arbitrary::Error::IncorrectFormat)
}

/// The bytes as an envelope, and as a text.
fn under(layout: &Layout, bytes: &[u8]) {
    let key = VaultKey::from_slice(&[7; 32]).unwrap();
    let envelope = [&[1], bytes].concat();
    let opened = heap::within(8 * bytes.len() + 4096, || layout.open(&key, &envelope));
    // A MAC or tag of eight bytes or more is not met by chance.
    assert!(opened.is_err() || layout.trust() == Trust::Unauthenticated);
    assert!(layout.open_key(&key, &envelope).is_err() || layout.trust() == Trust::Unauthenticated);
    let mut samples = Samples::new();
    samples.add(&STANDARD.encode(&envelope));
    let found = samples.search_among(std::slice::from_ref(layout), &key, &mut |_| true);
    assert!(found.hits.is_empty(), "one value of noise proves nothing");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match layout.seal(&key, NUMBER, text) {
        Ok(value) => assert_eq!(layout.open_text(&key, &value).unwrap().expose_secret(), text),
        Err(error) => {
            let it = layout.description();
            let can_be_refused = it.cipher == Cipher::Aes256Ocb2 || it.padding == Padding::Zero;
            assert!(can_be_refused || text.len() > MAX_VALUE_LEN, "{error}: {text:?}");
        }
    }
}
