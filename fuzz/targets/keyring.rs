//! Keyring files: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/keyring.rs"]
mod keyring;

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyring::check(data));
