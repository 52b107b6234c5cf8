//! Snapshots: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/snapshot.rs"]
mod snapshot;

libfuzzer_sys::fuzz_target!(|data: &[u8]| snapshot::check(data));
