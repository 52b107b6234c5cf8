//! One value: text in, text out.

use std::hint::black_box;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bitwarden_crypto::{EncString, KeyDecryptable, KeyEncryptable, SymmetricCryptoKey, SymmetricKeyAlgorithm};
use zkvault_core::{Envelope, KeyId, KeySet, ValueContext, VaultKey, seal_bound, seal_vendor};

use crate::timing::{Candidate, medians};

const TEXT: &str = "correct horse battery staple and 40 ch..";
const COUNT: u32 = 20_000;
const CONTEXT: ValueContext<'_> = ValueContext { site_id: 1, input_type: "password", input_name: "Passwd" };

pub fn run() {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).expect("32 bytes"));
    let mut keys = KeySet::new();
    keys.add(key.clone(), None);
    let vendor = seal_vendor(&key, KeyId::from_bytes([1; 4]), TEXT).expect("sealed");
    let bound = seal_bound(&key, &CONTEXT, TEXT).expect("sealed");

    let times = medians(&mut [
        Candidate::new("v1", || repeat(|| open(&vendor, &keys))),
        Candidate::new("v2", || repeat(|| open(&bound, &keys))),
        Candidate::new("base64 + aes-gcm", bare_loop(&vendor)),
        Candidate::new("bitwarden type 2", bitwarden(SymmetricKeyAlgorithm::Aes256CbcHmac)),
        Candidate::new("bitwarden type 7", bitwarden(SymmetricKeyAlgorithm::XAes256Gcm)),
    ]);
    let [v1, v2, bare, type_2, type_7] = times[..] else { return };
    row("open a v1 value", v1, "bitwarden-crypto 4.0 type 2", type_2);
    row("open a v1 value", v1, "bare base64 + aes-gcm loop", bare);
    row("open a v2 value", v2, "bitwarden-crypto 4.0 type 7", type_7);
}

fn row(work: &str, ours: f64, peer: &str, theirs: f64) {
    let rate = |seconds: f64| f64::from(COUNT) / seconds / 1e6;
    println!("| {work} | {:.2} M/s | {peer}: {:.2} M/s | {:.2} |", rate(ours), rate(theirs), theirs / ours);
}

fn repeat(mut work: impl FnMut()) {
    (0..COUNT).for_each(|_| work());
}

fn open(value: &str, keys: &KeySet) {
    let opened = Envelope::parse(black_box(value)).expect("a value").open(keys, Some(&CONTEXT));
    assert_eq!(black_box(opened).expect("opened").text.expose_secret().len(), TEXT.len());
}

/// What anybody would write who had nothing but the two crates.
fn bare_loop(value: &str) -> impl FnMut() + '_ {
    let cipher = Aes256Gcm::new(&[7; 32].into());
    move || {
        repeat(|| {
            let bytes = STANDARD.decode(black_box(value)).expect("base64");
            let nonce: Nonce<_> = bytes[5..17].try_into().expect("12 bytes");
            let text = String::from_utf8(cipher.decrypt(&nonce, &bytes[17..]).expect("opened")).expect("text");
            assert_eq!(black_box(text).len(), TEXT.len());
        });
    }
}

fn bitwarden(algorithm: SymmetricKeyAlgorithm) -> impl FnMut() {
    let key = SymmetricCryptoKey::make(algorithm);
    let value = TEXT.encrypt_with_key(&key).expect("sealed").to_string();
    move || {
        repeat(|| {
            let sealed: EncString = black_box(&value).parse().expect("a value");
            let text: String = sealed.decrypt_with_key(&key).expect("opened");
            assert_eq!(black_box(text).len(), TEXT.len());
        });
    }
}
