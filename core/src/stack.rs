//! What computations leave on the stack: round keys, states of hashes, copies of what was moved. Nobody wipes a
//! stack, so what was there stays until something else is written over it, long after a key was dropped.
//!
//! Where it is called: when a key is made or dropped, and by programs after the last of many values. Functions that
//! compute with secrets are kept apart from their callers (`#[inline(never)]`), so that what they leave is below the
//! frame from which it is wiped. It is no guarantee: registers, and what a compiler moved elsewhere, are out of reach
//! (threat model, Z30).

use std::hint::black_box;

/// Three times what the deepest call uses (an unlock, 10 KiB); the tests look at what is left.
///
/// A deeper call would leave something behind.
const DEPTH: usize = 32 * 1024;

/// Overwrites the stack below its caller: 32 KiB of this thread's, which takes less than a microsecond.
///
/// Dropping a key does this by itself. What remains is what a value leaves that was opened or sealed: less than
/// 16 bytes of its end, until the next one or until a key is dropped. A program that keeps keys for long calls this after
/// the last value of many.
#[inline(never)]
pub fn wipe_stack() {
    let mut room = [0u8; DEPTH];
    // As if it were read: else nothing would be written.
    black_box(&mut room);
}
