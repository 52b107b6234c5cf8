//! Values: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/value_envelope.rs"]
mod value_envelope;

libfuzzer_sys::fuzz_target!(|data: &[u8]| value_envelope::check(data));
