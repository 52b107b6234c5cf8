//! The search for an account's layout: tries a second, once keys are derived.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first failure, and its macros make undocumented items"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zkvault_core::key::VaultKey;
use zkvault_core::vendor::catalog;
use zkvault_core::vendor::discover::Samples;

fn samples(count: usize) -> Samples {
    let (key, layout) = (
        VaultKey::from_slice(&[7; 32]).unwrap(),
        catalog::find("vendor-cbc").unwrap(),
    );
    let mut samples = Samples::new();
    for index in 0..count {
        samples.add(
            &layout
                .seal(&key, [1, 2, 3, 4], &format!("value number {index}"))
                .unwrap(),
        );
    }
    samples
}

/// Under a wrong key, so that the whole family is tried.
fn search(criterion: &mut Criterion) {
    let wrong = VaultKey::from_slice(&[8; 32]).unwrap();
    let mut group = criterion.benchmark_group("vendor");
    for count in [1, 1000] {
        let samples = samples(count);
        group.throughput(Throughput::Elements(samples.search(&wrong, &mut |_| true).tried));
        group.bench_function(format!("search/{count} values"), |bencher| {
            bencher.iter(|| black_box(&samples).search(&wrong, &mut |_| true));
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
