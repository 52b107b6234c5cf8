//! Answers of the storage: see the property.
#![no_main]

#[path = "../properties/blob_answer.rs"]
mod blob_answer;
#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/service.rs"]
mod service;
#[path = "../properties/xml.rs"]
mod xml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| blob_answer::check(data));
