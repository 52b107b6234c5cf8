//! Secrets that calls leave behind on the stack.

use wasm_bindgen::prelude::wasm_bindgen;

/// Overwrites the stack below its caller, which is JavaScript. Ciphers and key schedules work on the stack, and in
/// WebAssembly the stack is memory that anyone can read who gets at the module.
#[wasm_bindgen(js_name = wipeStack)]
#[inline(never)]
pub fn wipe_stack() {
    zkvault_core::wipe_stack();
}
