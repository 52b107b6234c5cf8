//! Edited files: see the property.
#![no_main]

#[path = "../properties/file_blocks.rs"]
mod file_blocks;
#[path = "../properties/heap.rs"]
mod heap;

libfuzzer_sys::fuzz_target!(|data: &[u8]| file_blocks::check(data));
