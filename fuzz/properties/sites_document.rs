//! Whatever is given as a document of sites: it is cut into the same parts however it arrives, nothing is lost
//! or made up, and decryption and encryption change values and nothing else.

use std::sync::Arc;

use serde_json::Value;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{Batch, DocumentError, Framer, InputFailure, Part, SealAs};
use zkvault_core::document::{decrypt_site, encrypt_site, inspect_site, sniff};
use zkvault_core::key::{KeyId, KeySet, VaultKey};

use zkvault_core::text::Decoder;

use crate::heap;

/// The key of the vectors in tests/vectors/value, so that their values open here too.
const KEY: [u8; 32] = [
    0xc9, 0xe4, 0x2b, 0x1e, 0xa8, 0x11, 0x81, 0x20, 0xd8, 0x6f, 0x08, 0x82, 0x96, 0x53, 0x51, 0xb4, 0x6d, 0x00, 0x74,
    0xf4, 0x84, 0xe3, 0x6a, 0x74, 0x5c, 0x7a, 0x05, 0x08, 0x7d, 0x26, 0x68, 0xb3,
];

pub(crate) fn check(data: &[u8]) {
    let _ = sniff(data);
    let whole = frame(data, data.len().max(1));
    for piece in [1, 2, 3, 7, 64, 1000] {
        assert_eq!(frame(data, piece), whole, "in pieces of {piece}");
    }
    for site in &whole.sites {
        nothing_changes_without_a_key(site);
        decryption_changes_values_only(site);
        what_is_encrypted_decrypts(site);
    }
    // A site without its document, as the fuzzer may well find one.
    nothing_changes_without_a_key(data);
}

/// What became of a document. Without its parts when it was refused: how many had come out by then depends on
/// the pieces.
#[derive(Debug, PartialEq)]
struct Framed {
    sites: Vec<Vec<u8>>,
    error: Option<DocumentError>,
}

fn frame(data: &[u8], piece: usize) -> Framed {
    // The document, and here its copy and its sites; a site may be two bytes, and its place in a batch some tens.
    heap::within(64 * data.len() + 64 * 1024, || frame_pieces(data, piece))
}

/// The document as UTF-8 without a mark, as far as it is text.
fn decoded(data: &[u8]) -> Vec<u8> {
    let (mut decoder, mut buffer) = (Decoder::new(), SecretBuffer::new());
    let mut text = match decoder.decode(data, &mut buffer) {
        Ok(text) => text.to_vec(),
        Err(_) => buffer.expose_secret().to_vec(),
    };
    if let Ok(rest) = decoder.finish() {
        text.extend_from_slice(&rest);
    }
    text
}

fn frame_pieces(data: &[u8], piece: usize) -> Framed {
    let text = decoded(data);
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    let (mut copied, mut sites) = (Vec::new(), Vec::new());
    let mut error = None;
    for piece in data.chunks(piece) {
        error = framer.push(piece, &mut batch).err();
        if error.is_some() {
            break;
        }
        for part in batch.parts() {
            let bytes = match part {
                Part::Copy(bytes) => bytes,
                Part::Site { index, bytes } => {
                    assert_eq!(index, sites.len() as u64);
                    sites.push(bytes.to_vec());
                    bytes
                }
            };
            copied.extend_from_slice(bytes);
        }
        assert!(text.starts_with(&copied), "more came out than went in");
    }
    let error = error.or_else(|| framer.finish().err());
    if error.is_none() {
        assert_eq!(copied, text, "all parts are the document");
    } else {
        sites.clear();
    }
    Framed { sites, error }
}

fn vault_key() -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&KEY).unwrap())
}

fn keys() -> KeySet {
    let mut keys = KeySet::new();
    keys.add(vault_key(), None);
    keys
}

/// Output, and how many values failed; nothing when the bytes are no site.
fn decrypt(keys: &KeySet, site: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut output, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
    output.extend(b"before");
    let result = decrypt_site(keys, site, &mut output, &mut failures);
    let written = output.expose_secret().strip_prefix(b"before").unwrap();
    if result.is_err() {
        assert!(written.is_empty(), "a refused site leaves the output as it was");
    }
    result.ok().map(|()| (written.to_vec(), failures.len()))
}

fn nothing_changes_without_a_key(site: &[u8]) {
    if let Some((output, _)) = decrypt(&KeySet::new(), site) {
        assert_eq!(output, site);
    }
}

fn decryption_changes_values_only(site: &[u8]) {
    let Some((output, failures)) = decrypt(&keys(), site) else {
        return;
    };
    let mut values = 0;
    inspect_site(site, |_, _| values += 1).unwrap();
    assert!(failures <= values);
    if failures == values {
        assert_eq!(output, site, "nothing opened, nothing changed");
    }
    if let Some(before) = without_values(site) {
        assert_eq!(without_values(&output), Some(before));
    }
}

fn what_is_encrypted_decrypts(site: &[u8]) {
    let key = vault_key();
    for seal in [
        SealAs::Bound(&key),
        SealAs::Vendor(&key, KeyId::from_bytes([1, 2, 3, 4])),
    ] {
        let mut sealed = SecretBuffer::new();
        let Ok(count) = encrypt_site(seal, site, &mut sealed) else {
            assert!(sealed.is_empty(), "there is no half-encrypted site");
            continue;
        };
        let mut envelopes = 0;
        let inspected = inspect_site(sealed.expose_secret(), |_, envelope| {
            envelope.unwrap();
            envelopes += 1;
        });
        inspected.unwrap();
        assert_eq!(envelopes, count);

        let (opened, failures) = decrypt(&keys(), sealed.expose_secret()).unwrap();
        assert_eq!(failures, 0);
        assert_eq!(value_of(&opened), value_of(site));
        if count > 0 {
            let twice = encrypt_site(seal, sealed.expose_secret(), &mut SecretBuffer::new());
            assert!(twice.is_err(), "nothing is encrypted twice");
        }
    }
}

/// Nothing where serde_json's values cannot hold what is in members that nobody reads.
fn value_of(site: &[u8]) -> Option<Value> {
    serde_json::from_slice(site).ok()
}

/// The site with every value of its inputs taken out.
fn without_values(site: &[u8]) -> Option<Value> {
    let mut site = value_of(site)?;
    let inputs = site.pointer_mut("/login/inputs").and_then(Value::as_array_mut);
    for input in inputs.into_iter().flatten() {
        if let Some(value) = input.get_mut("value") {
            *value = Value::Null;
        }
    }
    Some(site)
}
