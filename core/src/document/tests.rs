//! Documents as a whole: the published sample, generated documents, and one fault at a time.

mod framing;
mod generated;
mod sites;

use std::sync::Arc;

use super::*;
use crate::key::{KeyId, KeySet, VaultKey};
use crate::{Coded as _, SecretBuffer};

/// The sample response of the vendor's API page, as published.
const SAMPLE: &str = include_str!("../../tests/data/logmeonce-sites.json");

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

fn keys(bytes: &[u8]) -> KeySet {
    let mut keys = KeySet::new();
    bytes.iter().for_each(|&byte| keys.add(key(byte), None));
    keys
}

/// A document in pieces of `size` bytes, with its sites written by `site`.
fn transform<E: std::fmt::Debug>(
    document: &str,
    size: usize,
    mut site: impl FnMut(&[u8], &mut SecretBuffer) -> Result<(), E>,
) -> Result<String, E> {
    let (mut framer, mut batch, mut output) = (Framer::new(), Batch::new(), SecretBuffer::new());
    for piece in document.as_bytes().chunks(size) {
        framer.push(piece, &mut batch).unwrap();
        for part in batch.parts() {
            match part {
                Part::Copy(bytes) => output.extend(bytes),
                Part::Site { bytes, .. } => site(bytes, &mut output)?,
            }
        }
    }
    framer.finish().unwrap();
    Ok(String::from_utf8(output.expose_secret().to_vec()).unwrap())
}

fn decrypt(document: &str, size: usize, keys: &KeySet) -> (String, Vec<InputFailure>) {
    let mut failures = Vec::new();
    let output = transform(document, size, |site, output| {
        decrypt_site(keys, site, output, &mut failures)
    });
    (output.unwrap(), failures)
}

fn encrypt(document: &str, size: usize, seal: SealAs<'_>) -> Result<String, EncryptSiteError> {
    transform(document, size, |site, output| {
        encrypt_site(seal, site, output).map(|_| ())
    })
}

#[test]
fn the_published_sample_is_inspected_without_a_key() {
    let mut seen = Vec::new();
    transform(SAMPLE, 100, |site, _| {
        inspect_site(site, |input, envelope| {
            let envelope = envelope.unwrap();
            assert_eq!((input.site_id(), input.site_name()), (Some(1_749_398), "Google"));
            assert_eq!(
                (envelope.key_id().to_string().as_str(), envelope.sealed_len()),
                ("d87f7e0c", 53)
            );
            assert_eq!(envelope.version().number(), 1);
            seen.push((
                input.index(),
                input.name().into_owned(),
                input.input_type().into_owned(),
            ));
        })
    })
    .unwrap();
    let inputs = [
        (0, r#"["identifier", "Email"]"#.to_owned(), "text".to_owned()),
        (1, r#"["password", "Passwd"]"#.to_owned(), "password".to_owned()),
    ];
    assert_eq!(seen, inputs);
}

#[test]
fn the_published_sample_passes_through_unopened() {
    let (output, failures) = decrypt(SAMPLE, 100, &KeySet::new());
    assert_eq!(output, SAMPLE);
    let shown: Vec<_> = failures
        .iter()
        .map(|failure| format!("{failure} ({})", failure.error.code()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    site 1749398, input "identifier": no key with the id d87f7e0c is available (no-key)
    site 1749398, input "password": no key with the id d87f7e0c is available (no-key)
    "#);
    let (output, failures) = decrypt(SAMPLE, 100, &keys(&[1, 2]));
    assert_eq!((output.as_str(), failures.len()), (SAMPLE, 2));
    assert!(failures.iter().all(|failure| failure.error.code() == "decrypt"));
}

#[test]
fn the_published_sample_is_not_encrypted_twice() {
    for seal in [
        SealAs::Bound(&key(1)),
        SealAs::Vendor(&key(1), KeyId::from_bytes([0; 4])),
    ] {
        let error = encrypt(SAMPLE, 100, seal).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                error.to_string(),
                @r#"site 1749398, input "identifier": the value is encrypted already"#
            );
        }
    }
}

#[test]
fn the_published_sample_cut_anywhere_is_cut() {
    let last = SAMPLE.rfind('}').unwrap();
    for len in 0..=last {
        let (mut framer, mut batch) = (Framer::new(), Batch::new());
        framer.push(&SAMPLE.as_bytes()[..len], &mut batch).unwrap();
        assert_eq!(framer.finish(), Err(DocumentError::Truncated), "{len}");
    }
}

#[test]
fn debug_shows_no_part_of_a_document() {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    framer
        .push(
            br#"{"sites":[{"id":1,"login":{"inputs":[{"name":"pw","value":"hunter2"}]}},{"hunter2":"#,
            &mut batch,
        )
        .unwrap();
    let shown = format!("{framer:?} {batch:?} {:?}", batch.parts().collect::<Vec<_>>());
    assert!(!shown.contains("hunter2"), "{shown}");
    let Some(Part::Site { bytes, .. }) = batch.parts().nth(1) else {
        panic!()
    };
    inspect_site(bytes, |input, _| {
        insta::assert_snapshot!(format!("{input:?}"), @r#"InputRef(InputPlace { site_id: Some(1), index: 0, name: "pw" })"#);
    })
    .unwrap();
}
