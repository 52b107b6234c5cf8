//! A growing buffer that leaves no copy of what it held.
//!
//! `Vec` moves its bytes to a larger allocation when it grows and frees the old one as it is. A plaintext that is put
//! together piece by piece would leave half of itself, a quarter and so on in freed memory.

use std::fmt;
use std::io;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::secret::SecretBytes;

/// Bytes that may hold secrets: wiped when dropped, and also when they move to a larger allocation.
///
/// Meant to be reused: [`clear`](Self::clear) keeps the allocation. The wiping at the end covers all of it.
///
/// ```
/// use std::io::Write as _;
///
/// use zkvault_core::SecretBuffer;
///
/// let mut buffer = SecretBuffer::new();
/// for _ in 0..1000 {
///     buffer.extend(b"secret ");
/// }
/// write!(buffer, "{}", 42)?;
/// assert_eq!((buffer.len(), &buffer.expose_secret()[6993..]), (7002, b"secret 42".as_slice()));
/// assert_eq!(format!("{buffer:?}"), "SecretBuffer([REDACTED])");
/// buffer.clear();
/// assert!(buffer.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct SecretBuffer(Vec<u8>);

impl SecretBuffer {
    /// An empty buffer. Allocates nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }

    /// The number of bytes, which is not a secret.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `bytes` at the end.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        if self.0.capacity() - self.0.len() < bytes.len() {
            self.grow(bytes.len());
        }
        self.0.extend_from_slice(bytes);
    }

    /// Forgets the bytes and keeps the allocation, where they stay until overwritten or dropped.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds `text` as a JSON string with its quotes.
    pub(super) fn extend_json(&mut self, text: &str) {
        // Text fails only where the writer fails, and this one does not.
        let _infallible = serde_json::to_writer(self, text);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// `Vec` would free the old allocation as it is.
    #[cold]
    fn grow(&mut self, more: usize) {
        let wanted = self.0.len().saturating_add(more);
        let mut grown = Vec::with_capacity(wanted.max(self.0.capacity().saturating_mul(2)));
        grown.extend_from_slice(&self.0);
        self.0.zeroize();
        self.0 = grown;
    }
}

/// Takes the allocation over without copying it.
impl From<SecretBuffer> for SecretBytes {
    fn from(mut buffer: SecretBuffer) -> Self {
        Self::from(std::mem::take(&mut buffer.0))
    }
}

/// Never fails.
impl io::Write for SecretBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("SecretBuffer([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let mut buffer = SecretBuffer::new();
        buffer.extend(b"hunter2");
        insta::assert_snapshot!(format!("{buffer:?}"), @"SecretBuffer([REDACTED])");
    }

    #[test]
    fn what_is_added_while_it_grows_stays_in_order() {
        let mut buffer = SecretBuffer::new();
        let expected: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        for piece in expected.chunks(77) {
            buffer.extend(piece);
        }
        assert_eq!(buffer.expose_secret(), expected);
    }

    #[test]
    fn json_strings_are_escaped() {
        let mut buffer = SecretBuffer::new();
        buffer.extend_json("a\"\\\u{0}\n/ü");
        assert_eq!(buffer.expose_secret(), "\"a\\\"\\\\\\u0000\\n/ü\"".as_bytes());
    }
}
