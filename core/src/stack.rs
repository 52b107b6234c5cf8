//! What computations leave on the stack: round keys, states of hashes, copies of what was moved. Nobody wipes a
//! stack, so what was there stays until something else is written over it, long after a key was dropped.

use std::hint::black_box;

/// Three times what the deepest call uses (an unlock, 10 KiB); the tests look at what is left.
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
