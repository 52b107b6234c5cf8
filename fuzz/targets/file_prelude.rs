//! The start of files: see the property.
#![no_main]

#[path = "../properties/file_prelude.rs"]
mod file_prelude;

libfuzzer_sys::fuzz_target!(|data: &[u8]| file_prelude::check(data));
