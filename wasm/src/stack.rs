//! Secrets that calls leave behind on the stack.

use std::hint::black_box;

use wasm_bindgen::prelude::wasm_bindgen;

/// Three times what the deepest call uses (an unlock, 10 KiB): the tests look at what is left.
const DEPTH: usize = 32 * 1024;

/// Overwrites the stack below its caller, which is JavaScript. Ciphers and key schedules work on the stack, and in
/// WebAssembly the stack is memory that anyone can read who gets at the module.
#[wasm_bindgen(js_name = wipeStack)]
#[inline(never)]
pub fn wipe_stack() {
    let mut room = [0u8; DEPTH];
    // As if it were read: else nothing would be written.
    black_box(&mut room);
}
