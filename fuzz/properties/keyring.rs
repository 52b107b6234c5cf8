//! Whatever is given as a keyring file: it is read or refused without deriving anything, its limits hold, and
//! no file but the published one opens with the passphrase of the published one.

use zkvault_core::SecretText;
use zkvault_core::keyring::{Keyring, MAX_KEYRING_LEN, SealedKeyring};

use crate::heap;

const VECTOR: &[u8] = include_bytes!("../../tests/vectors/keyring.json");
/// What one try may cost here: no more than a millisecond. The published file costs less.
const CHEAP_MEMORY_KIB: u32 = 128;
const CHEAP_ITERATIONS: u32 = 4;

pub(crate) fn check(data: &[u8]) {
    as_file(data);
    if let Ok(text) = std::str::from_utf8(data) {
        as_member(text);
    }
}

fn as_file(data: &[u8]) {
    // The sealed part; or a text with escapes, and the library's message about it, which writes a DEL in six letters.
    // Their buffers grow by doubling.
    let Ok(sealed) = heap::within(20 * data.len() + 1024, || SealedKeyring::parse(data)) else {
        return;
    };
    assert!(data.len() <= MAX_KEYRING_LEN);
    assert!(sealed.sealed_len() < data.len());

    let params = sealed.params();
    assert!(params.memory_kib() <= 4 << 20, "4 GiB");
    assert!(params.iterations() <= 64);
    assert!(params.lanes() <= 64);
    if params.memory_kib() <= CHEAP_MEMORY_KIB && params.iterations() <= CHEAP_ITERATIONS {
        let passphrase = SecretText::from("correct horse".to_owned());
        if let Ok(keyring) = sealed.unlock(&passphrase) {
            assert_eq!(sealed, SealedKeyring::parse(VECTOR).unwrap(), "nothing else may open");
            opens_as_it_was_saved(keyring, &passphrase);
        }
    }
}

fn opens_as_it_was_saved(mut keyring: Keyring, passphrase: &SecretText) {
    let saved = keyring.to_bytes().unwrap();
    let again = Keyring::unlock(&saved, passphrase).unwrap();
    assert!(again.identity() == keyring.identity());
    let keys = |keyring: &Keyring| {
        let entry = |entry: &zkvault_core::keyring::KeyEntry| (entry.id(), entry.label().to_owned(), entry.state());
        keyring.keys().iter().map(entry).collect::<Vec<_>>()
    };
    assert_eq!(keys(&again), keys(&keyring));
}

/// The text in place of one member of a file that is well-formed otherwise.
fn as_member(text: &str) {
    let quoted = serde_json::to_string(text).unwrap();
    let salt = "\"AAAAAAAAAAAAAAAAAAAAAA==\"";
    for (kdf, sealed) in [(text, "\"\""), (&*cheap(&quoted), "\"\""), (&*cheap(salt), &*quoted)] {
        let start = "\"format\":\"zkvault.keyring\",\"version\":2";
        as_file(format!("{{{start},\"kdf\":{kdf},\"sealed\":{sealed}}}").as_bytes());
    }
}

fn cheap(salt: &str) -> String {
    format!("{{\"name\":\"argon2id\",\"memory_kib\":8,\"iterations\":1,\"lanes\":1,\"salt\":{salt}}}")
}
