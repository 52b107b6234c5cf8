//! One value: text in, text out.

use std::hint::black_box;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::value::{Envelope, ValueContext, seal_bound, seal_vendor};

use crate::timing::report;

const TEXT: &str = "correct horse battery staple and 40 ch..";
const COUNT: u32 = 200_000;
const CONTEXT: ValueContext<'_> = ValueContext { site_id: 1, input_type: "password", input_name: "Passwd" };

pub fn run() {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).expect("32 bytes"));
    let mut keys = KeySet::new();
    keys.add(Arc::clone(&key), None);
    let vendor = seal_vendor(&key, KeyId::from_bytes([1; 4]), TEXT).expect("sealed");
    let bound = seal_bound(&key, &CONTEXT, TEXT).expect("sealed");
    let cipher = Aes256Gcm::new(&[7; 32].into());

    let count = f64::from(COUNT);
    report("bare loop", count, || repeat(|| bare(&cipher, &vendor)));
    report("v1", count, || repeat(|| open(&vendor, &keys)));
    report("v2", count, || repeat(|| open(&bound, &keys)));
    for (name, value) in [("v1, two threads", &vendor), ("v2, two threads", &bound)] {
        report(name, 2.0 * count, || {
            std::thread::scope(|scope| {
                scope.spawn(|| repeat(|| open(value, &keys)));
                repeat(|| open(value, &keys));
            });
        });
    }
}

fn repeat(work: impl Fn()) {
    (0..COUNT).for_each(|_| work());
}

fn open(value: &str, keys: &KeySet) {
    let opened = Envelope::parse(black_box(value)).expect("a value").open(keys, Some(&CONTEXT));
    assert_eq!(black_box(opened).expect("opened").text.expose_secret().len(), TEXT.len());
}

/// What anybody would write who had nothing but the two crates.
fn bare(cipher: &Aes256Gcm, value: &str) {
    let bytes = STANDARD.decode(black_box(value)).expect("base64");
    let nonce: Nonce<_> = bytes[5..17].try_into().expect("12 bytes");
    let text = String::from_utf8(cipher.decrypt(&nonce, &bytes[17..]).expect("opened")).expect("text");
    assert_eq!(black_box(text).len(), TEXT.len());
}
