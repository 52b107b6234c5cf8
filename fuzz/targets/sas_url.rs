//! Addresses with a token: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/sas_url.rs"]
mod sas_url;
#[path = "../properties/service.rs"]
mod service;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sas_url::check(data));
