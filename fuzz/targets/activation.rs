//! Activations: see the property.
#![no_main]

#[path = "../properties/activation.rs"]
mod activation;
#[path = "../properties/cobblestone.rs"]
mod cobblestone;
#[path = "../properties/heap.rs"]
mod heap;

libfuzzer_sys::fuzz_target!(|data: &[u8]| activation::check(data));
