//! Values and documents: what a terminal or an extension does all day.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first failure, and its macros make undocumented items"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zkvault_core::SecretBuffer;
use zkvault_core::document::{Batch, Framer, InputFailure, Part, SealAs, decrypt_site, encrypt_site};
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::value::{Envelope, ValueContext, seal_bound, seal_vendor};

const TEXT: &str = "correct horse battery staple and 40 ch..";
const CONTEXT: ValueContext<'_> = ValueContext {
    site_id: 1,
    input_type: "password",
    input_name: "Passwd",
};
const SITE: &[u8] = br#"{"id": 7, "name": "Example", "login": {"Url": "https://login.example.com/", "inputs": [
    {"flags": 3, "name": "user", "type": "text", "value": "ann@example.com"},
    {"flags": 5, "name": "pass", "type": "password", "value": "correct horse battery staple"}]}}"#;

fn keys() -> (Arc<VaultKey>, KeySet) {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).unwrap());
    let mut keys = KeySet::new();
    keys.add(Arc::clone(&key), None);
    (key, keys)
}

fn values(criterion: &mut Criterion) {
    let (key, keys) = keys();
    let vendor = seal_vendor(&key, KeyId::from_bytes([1; 4]), TEXT).unwrap();
    let bound = seal_bound(&key, &CONTEXT, TEXT).unwrap();
    let open = |value: &str| {
        Envelope::parse(black_box(value))
            .unwrap()
            .open(&keys, Some(&CONTEXT))
            .unwrap()
    };
    criterion.bench_function("value/open v1", |bencher| bencher.iter(|| open(&vendor)));
    criterion.bench_function("value/open v2", |bencher| bencher.iter(|| open(&bound)));
    criterion.bench_function("value/seal v1", |bencher| {
        bencher.iter(|| seal_vendor(&key, KeyId::from_bytes([1; 4]), black_box(TEXT)));
    });
    criterion.bench_function("value/seal v2", |bencher| {
        bencher.iter(|| seal_bound(&key, &CONTEXT, black_box(TEXT)));
    });
}

fn documents(criterion: &mut Criterion) {
    let (key, keys) = keys();
    let mut group = criterion.benchmark_group("document");
    for (name, seal) in [
        ("v1", SealAs::Vendor(&key, KeyId::from_bytes([1; 4]))),
        ("v2", SealAs::Bound(&key)),
    ] {
        let document = document(seal, 1000);
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.bench_function(format!("decrypt {name}"), |bencher| {
            bencher.iter(|| decrypt(&keys, &document))
        });
    }
    group.finish();
}

fn document(seal: SealAs<'_>, sites: usize) -> Vec<u8> {
    let mut sealed = SecretBuffer::new();
    encrypt_site(seal, SITE, &mut sealed).unwrap();
    let sites = vec![sealed.expose_secret(); sites].join(&b","[..]);
    [b"[", &sites[..], b"]"].concat()
}

fn decrypt(keys: &KeySet, document: &[u8]) -> SecretBuffer {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    let (mut output, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
    for piece in document.chunks(256 * 1024) {
        framer.push(piece, &mut batch).unwrap();
        for part in batch.parts() {
            match part {
                Part::Copy(bytes) => output.extend(bytes),
                Part::Site { bytes, .. } => decrypt_site(keys, bytes, &mut output, &mut failures).unwrap(),
            }
        }
    }
    framer.finish().unwrap();
    assert!(failures.is_empty());
    output
}

criterion_group!(benches, values, documents);
criterion_main!(benches);
