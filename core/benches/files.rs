//! Files: sealing and opening blocks of the default size, memory to memory.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first failure, and its macros make undocumented items"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude};
use zkvault_core::key::{KeySet, VaultKey};

const BLOCK_LEN: usize = 8 << 20;

fn blocks(criterion: &mut Criterion) {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).unwrap());
    let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &FileMeta::default(), BlockSize::default(), 0).unwrap();
    let mut keys = KeySet::new();
    keys.add(key, None);
    let ParsedPrelude::Whole(prelude) = FilePrelude::parse(sealer.prelude()).unwrap() else {
        unreachable!("a sealer's prelude is whole");
    };
    let opener = prelude.unlock(&keys).unwrap();
    let (plaintext, mut sealed, mut opened) = (vec![1; BLOCK_LEN], Vec::new(), Vec::new());
    sealer.seal_block(0, false, &plaintext, &mut sealed).unwrap();

    let mut group = criterion.benchmark_group("file");
    group.throughput(Throughput::Bytes(BLOCK_LEN as u64)).sample_size(30);
    group.bench_function("open a block", |bencher| {
        bencher.iter(|| {
            opened.clear();
            opener.open_block(0, false, black_box(&sealed), &mut opened).unwrap();
        });
    });
    group.bench_function("seal a block", |bencher| {
        bencher.iter(|| {
            sealed.clear();
            sealer.seal_block(0, false, black_box(&plaintext), &mut sealed).unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, blocks);
criterion_main!(benches);
