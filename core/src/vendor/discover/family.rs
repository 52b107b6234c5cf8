//! The family of layouts: every sensible combination of the closed lists.
//!
//! A padding behind a tag is found from the texts, so that layouts with a tag are listed without one.
//!
//! What is not sensible is left out: a form of the key that the cipher does not take, a MAC under a second half that
//! is the first, CBC without a padding, an order of parts that is the same without a tag. The catalogue's entries
//! come under their own names.

use sha2::{Digest as _, Sha256};

use crate::vendor::catalog;
use crate::vendor::fields::{
    Aad, Check, Cipher, Covers, Hash, KeyEncoding, KeyForm, Mac, MacKey, Padding, PartOrder, TextEncoding,
};
use crate::vendor::layout::{Description, Layout};

const FORMS: [KeyForm; 4] = [KeyForm::Raw, KeyForm::HexText, KeyForm::Sha256, KeyForm::Sha512Halves];
const ORDERS: [PartOrder; 4] = [
    PartOrder::IvCiphertextTag,
    PartOrder::IvTagCiphertext,
    PartOrder::TagIvCiphertext,
    PartOrder::CiphertextIvTag,
];
const AADS: [Aad; 3] = [Aad::None, Aad::Version, Aad::Header];
const BLOCK_PADDINGS: [Padding; 4] = [Padding::Pkcs7, Padding::Iso7816, Padding::LengthPrefixed, Padding::Zero];

/// Layouts with a tag or a MAC that decides, the catalogue's first.
///
/// An iterator, so that they are never all in memory.
pub(super) fn authenticated() -> impl Iterator<Item = Layout> {
    let tags = |cipher| match cipher {
        Cipher::Aes256Ccm => vec![(16, 8), (16, 16), (16, 12), (13, 8), (13, 16), (12, 8), (12, 16)],
        _ => vec![(16, 16), (12, 16), (16, 12), (12, 12)],
    };
    let aead = [Cipher::Aes256Gcm, Cipher::Aes256Ccm, Cipher::Aes128Gcm]
        .into_iter()
        .flat_map(move |cipher| {
            let sizes = tags(cipher).into_iter();
            let keyed = sizes.flat_map(move |(iv, tag)| forms(cipher).map(move |key| aead(cipher, iv, tag, key)));
            keyed.flat_map(|base| AADS.into_iter().map(move |aad| Description { aad, ..base.clone() }))
        });
    named(in_every_order(aead).chain(with_mac()))
}

/// Layouts that nothing authenticates.
pub(super) fn unauthenticated() -> impl Iterator<Item = Layout> {
    let bare = ciphers_without_tag().flat_map(|cipher| forms(cipher).map(move |key| aead(cipher, 16, 0, key)));
    let ocb2 = [8, 12, 16]
        .into_iter()
        .flat_map(|tag| forms(Cipher::Aes256Ocb2).map(move |key| aead(Cipher::Aes256Ocb2, 16, tag, key)));
    // Without a tag there are two orders only.
    let orders = [PartOrder::IvCiphertextTag, PartOrder::CiphertextIvTag];
    let bare = bare
        .flat_map(every_padding)
        .flat_map(move |base| orders.map(|order| Description { order, ..base.clone() }));
    named(bare.chain(in_every_order(ocb2)))
}

/// Encrypt-then-MAC, with MACs of at least eight bytes that cover the IV.
fn with_mac() -> impl Iterator<Item = Description> {
    let macs = [
        (Hash::Sha256, &[32_u8, 16, 8, 10, 12][..]),
        (Hash::Sha1, &[20, 10, 16, 8]),
        (Hash::Sha512, &[64, 32, 16]),
    ];
    let macs = macs.into_iter().flat_map(|(hash, tags)| {
        let covers = [Covers::IvCiphertext, Covers::HeaderIvCiphertext].into_iter();
        let keys = covers.flat_map(|covers| [MacKey::SecondHalf, MacKey::Cipher].map(|key| (covers, key)));
        keys.flat_map(move |(covers, key)| tags.iter().map(move |tag| (*tag, Mac { hash, key, covers })))
    });
    let macs: Vec<_> = macs.collect();
    let bare = ciphers_without_tag().flat_map(|cipher| forms(cipher).map(move |key| aead(cipher, 16, 0, key)));
    let with_mac = bare.flat_map(move |base| {
        let distinct = macs
            .clone()
            .into_iter()
            .filter(move |(_, mac)| mac.key == MacKey::Cipher || has_halves(base.key));
        distinct
            .map(move |(tag, mac)| Description {
                tag,
                mac: Some(mac),
                ..base.clone()
            })
            .collect::<Vec<_>>()
    });
    in_every_order(with_mac.flat_map(every_padding))
}

/// Whether the second half of a form differs from the first.
fn has_halves(form: KeyForm) -> bool {
    matches!(form, KeyForm::HexText | KeyForm::Sha512Halves | KeyForm::First16)
}

fn ciphers_without_tag() -> impl Iterator<Item = Cipher> {
    [
        Cipher::Aes256Cbc,
        Cipher::Aes256Ctr,
        Cipher::Aes128Cbc,
        Cipher::Aes128Ctr,
    ]
    .into_iter()
}

fn forms(cipher: Cipher) -> impl Iterator<Item = KeyForm> {
    let forms: &[KeyForm] = if cipher.key_len() == 16 {
        &[KeyForm::First16]
    } else {
        &FORMS
    };
    forms.iter().copied()
}

/// CBC needs a padding; of a stream it is found from the texts.
fn every_padding(base: Description) -> Vec<Description> {
    match base.cipher.is_cbc() {
        true => BLOCK_PADDINGS
            .map(|padding| Description {
                padding,
                ..base.clone()
            })
            .to_vec(),
        false => vec![base],
    }
}

fn in_every_order(bases: impl Iterator<Item = Description>) -> impl Iterator<Item = Description> {
    bases.flat_map(|base| {
        ORDERS
            .into_iter()
            .map(move |order| Description { order, ..base.clone() })
    })
}

fn aead(cipher: Cipher, iv: u8, tag: u8, key: KeyForm) -> Description {
    Description {
        name: String::new(),
        check: Check::Number,
        order: PartOrder::IvCiphertextTag,
        iv,
        cipher,
        tag,
        mac: None,
        aad: Aad::None,
        padding: Padding::None,
        text: TextEncoding::Utf8,
        keys: KeyEncoding::Raw,
        key,
    }
}

/// Gives each its name: the catalogue's where it is one of its entries, else one put together from its parts.
///
/// The name of a composed one is derived from the description, so that two searches that find it call it the same.
fn named(descriptions: impl Iterator<Item = Description>) -> impl Iterator<Item = Layout> {
    descriptions.filter_map(|description| {
        let name = catalogued(&description).unwrap_or_else(|| composed(&description));
        Layout::new(Description { name, ..description }).ok()
    })
}

fn catalogued(description: &Description) -> Option<String> {
    let same = |entry: &&Layout| {
        let name = description.name.clone();
        Description {
            name,
            ..entry.description().clone()
        } == *description
    };
    catalog::all().iter().find(same).map(|entry| entry.name().to_owned())
}

/// A name for a layout that has none: its cipher, and the beginning of its digest.
fn composed(description: &Description) -> String {
    let json = serde_json::to_vec(description).unwrap_or_default();
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(&json).into();
    let cipher = serde_json::to_string(&description.cipher).unwrap_or_default();
    format!("{}-{a:02x}{b:02x}{c:02x}{d:02x}", cipher.trim_matches('"'))
}
