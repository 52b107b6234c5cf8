//! The errors that every part of the library shares. Everything else fails with an error of its own,
//! next to the operation that raises it.
//!
//! Their sentences say what happened; what to do about it is the program's to add, which knows its own commands.

/// The operating system gave no random bytes. Nothing was sealed or generated.
///
/// It is an error and not a panic, so that a program can still save what it has. Nothing here falls back to a weaker
/// source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomError;

/// Something could not be sealed. Nothing usable was written.
///
/// Output that was appended before the error is no message: callers cut it off, or drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The operating system gave no random bytes for the salt.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The plaintext is longer than the format allows.
    #[error("the plaintext is longer than the format allows")]
    TooLong,
    /// The text ends in control characters, which the vendor's layout cannot tell from padding.
    #[error("a text that ends in control characters cannot be sealed in the vendor's layout")]
    ControlCharacters,
}

/// A sealed message did not open.
///
/// One error for every cause (wrong key, wrong context, flipped bit, cut, reordered), so that nobody who can
/// feed us messages learns more than yes or no.
///
/// The words are the same to the letter wherever it comes from, which a test compares (threat model, Z12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("decryption failed: wrong key, or the data was changed")]
pub struct DecryptError;

/// A key was given with the wrong number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key of {expected} bytes is needed, {actual} were given")]
pub struct KeyLengthError {
    /// The bytes that the key type needs.
    pub expected: usize,
    /// The bytes that were given.
    pub actual: usize,
}
