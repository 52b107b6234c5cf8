//! Whatever is given as a public identity: it is read in the one form in which it is written, no mistyped letter
//! goes unnoticed, and a checksum alone makes no key.

use bech32::{Bech32, Bech32m, Hrp};
use zkvault_core::identity::{Fingerprint, IDENTITY_LEN, Identity, PublicIdentity};

use crate::heap;

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

pub(crate) fn check(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        as_text(text);
        as_fingerprint(text);
    }
    with_checksum(data);
    if let Some(key) = data.first_chunk() {
        as_key(*key);
    }
}

fn as_text(text: &str) {
    if let Ok(identity) = heap::within(1024, || text.parse::<PublicIdentity>()) {
        assert_eq!(identity.to_string(), text, "it has one form");
        assert_eq!(PublicIdentity::from_bytes(identity.to_bytes()), Ok(identity));
    }
}

fn as_fingerprint(text: &str) {
    if let Ok(fingerprint) = text.parse::<Fingerprint>() {
        let written = fingerprint.to_string();
        assert_eq!(written.parse(), Ok(fingerprint));
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        assert_eq!(digits(&written), digits(text));
    }
}

/// The bytes, of any number, in text that is right but for them.
fn with_checksum(data: &[u8]) {
    let data = &data[..data.len().min(100)];
    let prefix = Hrp::parse("zkv").unwrap();
    let text = bech32::encode::<Bech32m>(prefix, data).unwrap();
    let expected = data
        .try_into()
        .ok()
        .and_then(|key| PublicIdentity::from_bytes(key).ok());
    assert_eq!(text.parse::<PublicIdentity>().ok(), expected);
    let older = bech32::encode::<Bech32>(prefix, data).unwrap();
    assert!(older.parse::<PublicIdentity>().is_err());
}

fn as_key(key: [u8; IDENTITY_LEN]) {
    let secret = Identity::from_slice(&key).unwrap();
    let public = secret.public();
    assert_eq!(
        PublicIdentity::from_bytes(public.to_bytes()),
        Ok(public),
        "what we make, we take"
    );
    if let Ok(identity) = PublicIdentity::from_bytes(key) {
        let text = identity.to_string();
        assert_eq!(text.parse(), Ok(identity));
        assert_eq!(identity.fingerprint().to_string().parse(), Ok(identity.fingerprint()));
        mistyped(&text, usize::from(key[0]) % 58 + 4, usize::from(key[1]) % 32);
    }
}

/// One letter in place of another: the checksum finds up to four.
fn mistyped(text: &str, at: usize, letter: usize) {
    let mut wrong = text.as_bytes().to_vec();
    wrong[at] = ALPHABET[letter];
    let wrong = String::from_utf8(wrong).unwrap();
    assert_eq!(wrong.parse::<PublicIdentity>().is_ok(), wrong == text);
}
