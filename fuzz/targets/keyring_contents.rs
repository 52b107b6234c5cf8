//! What is inside of keyrings: see the property.
#![no_main]

#[path = "../properties/cobblestone.rs"]
mod cobblestone;
#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/keyring_contents.rs"]
mod keyring_contents;

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyring_contents::check(data));
