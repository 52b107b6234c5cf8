//! A buffer for what is in files, which is wiped.
//!
//! `Zeroizing` writes byte by byte, which took a quarter of the time of small files; this writes as wide as the processor
//! can, and the compiler has to believe that somebody reads it (the tests look at what is left).

use std::hint::black_box;
use std::ops::{Deref, DerefMut};

/// Bytes that are wiped when this is dropped, also those behind its length. It must not grow beyond the room that it was
/// made with: what it leaves when it moves is not wiped.
pub(super) struct Plaintext(Vec<u8>);

impl Plaintext {
    /// Without a byte, and with room for so many.
    pub(super) fn with_room(len: usize) -> Self {
        Self(Vec::with_capacity(len))
    }

    /// So many zero bytes, to be read into.
    pub(super) fn zeroed(len: usize) -> Self {
        Self(vec![0; len])
    }
}

impl Deref for Plaintext {
    type Target = Vec<u8>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Plaintext {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    // As if it were read: else nothing would be written.
    black_box(bytes.as_mut_slice());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_room_is_wiped() {
        let mut plaintext = Plaintext::with_room(1000);
        plaintext.extend_from_slice(&[7; 900]);
        plaintext.truncate(10);
        wipe(&mut plaintext);
        assert_eq!(*plaintext.0, vec![0; plaintext.0.capacity()]);
        assert_eq!(*Plaintext::zeroed(3), [0; 3]);
    }
}
