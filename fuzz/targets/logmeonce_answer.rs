//! Answers of the LogMeOnce API: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/logmeonce_answer.rs"]
mod logmeonce_answer;
#[path = "../properties/service.rs"]
mod service;
#[path = "../properties/xml.rs"]
mod xml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| logmeonce_answer::check(data));
