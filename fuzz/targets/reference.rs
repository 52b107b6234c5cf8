//! References to values: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/reference.rs"]
mod reference;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reference::check(data));
