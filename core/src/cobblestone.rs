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
//!
//! | plaintext | message |
//! |---|---|
//! | 0 bytes | 72: salt, commitment, one empty chunk's tag |
//! | 32 | 104, as every wrapped key |
//! | 16,383 | 16,455 |
//! | 16,384 | 16,472: a full chunk, and the empty one that ends the message |
//! | n | 56 + n + 16 · (⌊n / 16,384⌋ + 1) |
//!
//! Why one construction: there is no algorithm to choose and none to negotiate, so that no server can choose a weaker
//! one (threat model, Z08). What it guarantees:
//!
//! * **One key, one text.** The commitment is 32 bytes of the same derivation as the key, and is compared before any
//!   chunk is opened. GCM alone does not commit: a ciphertext can be made that opens under two keys (Z10).
//! * **No nonce repeats.** Key and nonce are derived from 24 random bytes of salt, so that one input key may seal
//!   about 2⁹⁶ messages before two salts are likely to meet; chunk numbers end at 2³⁸, before they could wrap (Z11).
//! * **One place.** The context is part of the derivation: in a different one the commitment fails (Z01, Z02).
//! * **One error.** A wrong key, context, commitment, tag or length is [`DecryptError`](crate::DecryptError) (Z12).
//!
//! Published vectors: the 35 Cobblestone-256 cases of Project Wycheproof, in `wycheproof.rs`.

mod derive;
mod gcm;
mod message;
mod stream;

pub(crate) use derive::{ChunkKey, InputKey};
pub(crate) use message::{open, plaintext_len, seal, seal_into, sealed_len};
pub(crate) use stream::{ChunkReader, OpenStream, SealStream};
#[cfg(test)]
mod wycheproof;

/// Bytes of plaintext in every chunk but the last.
///
/// What a stream holds in memory, and what a reader of a few bytes has to open for them.
pub(crate) const CHUNK_LEN: usize = 16 * 1024;
/// Bytes of an AES-256-GCM tag.
pub(crate) const TAG_LEN: usize = 16;
/// Bytes of the salt.
///
/// 192 bits: two random ones meet after about 2⁹⁶ messages.
pub(crate) const SALT_LEN: usize = 24;
/// Bytes of the key commitment.
///
/// 256 bits, so that finding two keys with one commitment takes 2¹²⁸ tries.
pub(crate) const COMMITMENT_LEN: usize = 32;
/// Bytes in front of the first chunk: salt and commitment.
pub(crate) const HEADER_LEN: usize = SALT_LEN + COMMITMENT_LEN;
/// Bytes of a sealed chunk that is not the last.
pub(crate) const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
/// A message has fewer chunks than this (C2SP: "MUST NOT exceed 2³⁸ chunks").
///
/// 4 PiB of plaintext: no caller comes near it.
pub(crate) const MAX_CHUNKS: u64 = 1 << 38;
