//! Files of the vendor's layouts, and values under arbitrary ones: see the property.
#![no_main]

#[path = "../properties/heap.rs"]
mod heap;
#[path = "../properties/vendor_layouts.rs"]
mod vendor_layouts;

libfuzzer_sys::fuzz_target!(|data: &[u8]| vendor_layouts::check(data));
