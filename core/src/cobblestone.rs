//! Cobblestone-256: the one sealed-message construction of every format that is ours.
//!
//! C2SP chunked encryption v1 (<https://c2sp.org/chunked-encryption>) with SHA-512 and AES-256-GCM:
//!
//! ```text
//! key(32) || base_nonce(12) || commitment(32) = HKDF-Expand-SHA-512(input key,
//!     "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" || 0x00 || salt(24) || context)
//! message = salt(24) || commitment(32) || chunk_0 || chunk_1 || …
//! ```
//!
//! A chunk is 16,384 bytes and its 16-byte tag, sealed under `base_nonce XOR chunk number`; the last one is
//! always shorter, which is how the end is told from a cut.

mod derive;
mod message;
mod stream;

pub(crate) use derive::{ChunkKey, InputKey};
pub(crate) use message::{open, plaintext_len, seal, seal_into, sealed_len};
pub(crate) use stream::{ChunkReader, OpenStream, SealStream};
#[cfg(test)]
mod wycheproof;

/// Bytes of plaintext in every chunk but the last.
pub(crate) const CHUNK_LEN: usize = 16 * 1024;
/// Bytes of an AES-256-GCM tag.
pub(crate) const TAG_LEN: usize = 16;
/// Bytes of the salt.
pub(crate) const SALT_LEN: usize = 24;
/// Bytes of the key commitment.
pub(crate) const COMMITMENT_LEN: usize = 32;
/// Bytes in front of the first chunk: salt and commitment.
pub(crate) const HEADER_LEN: usize = SALT_LEN + COMMITMENT_LEN;
/// Bytes of a sealed chunk that is not the last.
pub(crate) const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
/// A message has fewer chunks than this (C2SP: "MUST NOT exceed 2³⁸ chunks").
pub(crate) const MAX_CHUNKS: u64 = 1 << 38;
