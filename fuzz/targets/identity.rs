//! Public identities: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/identity.rs"]
mod identity;

libfuzzer_sys::fuzz_target!(|data: &[u8]| identity::check(data));
