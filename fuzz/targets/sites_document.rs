//! Documents of sites: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/sites_document.rs"]
mod sites_document;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sites_document::check(data));
