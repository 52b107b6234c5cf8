//! The start of files: see the property.
#![no_main]

#[path = "../properties/file_prelude.rs"]
mod file_prelude;
#[path = "../properties/heap.rs"]
mod heap;

libfuzzer_sys::fuzz_target!(|data: &[u8]| file_prelude::check(data));
