//! The layouts that the public evidence suggests.
//!
//! None of them was confirmed by the vendor. The lengths of the published samples (53 bytes for a text of five
//! characters) need a padding; the header, SJCL and its defaults suggest the rest.
//!
//! | | entries |
//! |---|---|
//! | a tag decides | `vendor-gcm`, `vendor-sjcl-ccm`, `vendor-gcm-16`, `vendor-sjcl-ccm-128`, the same with `+pkcs7`, one with a key in hex |
//! | a MAC decides | `vendor-cbc-hmac-128`, `-256`, `-128-header`, `-hex` |
//! | nothing decides | `vendor-cbc`, `vendor-ctr+pkcs7`, `vendor-sjcl-ocb2` |
//!
//! An entry is a name for people: two accounts whose searches found one layout say so in one word.

use std::sync::LazyLock;

use super::fields::{
    Aad, Check, Cipher, Covers, Hash, KeyEncoding, KeyForm, Mac, MacKey, Padding, PartOrder, TextEncoding,
};
use super::layout::{Description, Layout};

/// Every entry, the likeliest first within each kind.
///
/// Made once, when it is first asked for.
///
/// ```
/// use zkvault_core::vendor::{Trust, catalog};
///
/// // The published samples seal five characters in 53 bytes: this entry has such envelopes.
/// let padded = catalog::find("vendor-gcm-16+pkcs7").ok_or("it is there")?;
/// assert_eq!(padded.text_len(53), Some(16));
/// let tried: Vec<_> = catalog::tried_first().map(|layout| layout.name()).collect();
/// assert_eq!(tried, ["vendor-gcm", "vendor-sjcl-ccm", "vendor-gcm-16"]);
/// assert!(catalog::tried_first().all(|layout| layout.trust() == Trust::Authenticated));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn all() -> &'static [Layout] {
    &CATALOG
}

/// The entries that are tried on a value when nothing is known of the account: those whose cipher brings a tag that
/// decides, unpadded. A padding is found by itself.
pub fn tried_first() -> impl Iterator<Item = &'static Layout> {
    FIRST.iter()
}

/// The entry of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Layout> {
    all().iter().find(|layout| layout.name() == name)
}

static FIRST: LazyLock<Vec<Layout>> = LazyLock::new(|| checked([gcm(), ccm(), gcm_16()]));
static CATALOG: LazyLock<Vec<Layout>> = LazyLock::new(|| checked(aead().into_iter().chain(with_mac()).chain(bare())));

/// Every description here makes sense, which the tests check; none can be lost unnoticed.
fn checked(descriptions: impl IntoIterator<Item = Description>) -> Vec<Layout> {
    let layouts = descriptions
        .into_iter()
        .filter_map(|description| Layout::new(description).ok());
    layouts.map(|layout| layout.forever()).collect()
}

fn gcm() -> Description {
    plain("vendor-gcm", Cipher::Aes256Gcm, 12, 16)
}

fn ccm() -> Description {
    plain("vendor-sjcl-ccm", Cipher::Aes256Ccm, 16, 8)
}

fn gcm_16() -> Description {
    plain("vendor-gcm-16", Cipher::Aes256Gcm, 16, 16)
}

fn plain(name: &str, cipher: Cipher, iv: u8, tag: u8) -> Description {
    Description {
        name: name.to_owned(),
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
        key: KeyForm::Raw,
    }
}

fn padded(description: Description) -> Description {
    let padding = Padding::Pkcs7;
    let name = description.name.clone() + padding.suffix();
    Description {
        name,
        padding,
        ..description
    }
}

/// What a tag decides, in the order in which it is tried.
fn aead() -> Vec<Description> {
    let ccm_16 = || plain("vendor-sjcl-ccm-128", Cipher::Aes256Ccm, 16, 16);
    let of_hex = |description: Description| Description {
        name: description.name.clone() + "+hex-key",
        key: KeyForm::HexText,
        ..description
    };
    vec![
        gcm(),
        ccm(),
        gcm_16(),
        ccm_16(),
        padded(gcm()),
        padded(ccm()),
        padded(gcm_16()),
        padded(ccm_16()),
        padded(of_hex(gcm_16())),
    ]
}

/// Encrypt-then-MAC.
fn with_mac() -> Vec<Description> {
    let cbc = |name: &str, tag, hash, covers, key| Description {
        mac: Some(Mac {
            hash,
            key: MacKey::SecondHalf,
            covers,
        }),
        padding: Padding::Pkcs7,
        key,
        ..plain(name, Cipher::Aes256Cbc, 16, tag)
    };
    let (halves, covers) = (KeyForm::Sha512Halves, Covers::IvCiphertext);
    vec![
        cbc("vendor-cbc-hmac-128", 16, Hash::Sha256, covers, halves),
        cbc("vendor-cbc-hmac-256", 32, Hash::Sha256, covers, halves),
        cbc(
            "vendor-cbc-hmac-128-header",
            16,
            Hash::Sha256,
            Covers::HeaderIvCiphertext,
            halves,
        ),
        cbc("vendor-cbc-hmac-hex", 16, Hash::Sha256, covers, KeyForm::HexText),
    ]
}

/// What nothing authenticates: only ever found by a search, and read with a warning.
fn bare() -> Vec<Description> {
    let cbc = Description {
        padding: Padding::Pkcs7,
        ..plain("vendor-cbc", Cipher::Aes256Cbc, 16, 0)
    };
    let ctr = plain("vendor-ctr", Cipher::Aes256Ctr, 16, 0);
    let ocb2 = plain("vendor-sjcl-ocb2", Cipher::Aes256Ocb2, 16, 8);
    vec![cbc, padded(ctr), ocb2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::Trust;

    #[test]
    fn every_entry_makes_sense_and_has_a_name_of_its_own() {
        assert_eq!(all().len(), aead().len() + with_mac().len() + bare().len());
        let names: std::collections::BTreeSet<_> = all().iter().map(Layout::name).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn only_what_a_tag_decides_is_tried_unasked() {
        assert!(tried_first().all(|layout| layout.trust() == Trust::Authenticated && all().contains(layout)));
        assert_eq!(tried_first().count(), 3);
    }
}
