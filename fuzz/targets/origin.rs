//! Addresses of login pages: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/origin.rs"]
mod origin;

libfuzzer_sys::fuzz_target!(|data: &[u8]| origin::check(data));
