//! Keys of single blocks, for hosts whose own AES-GCM is faster than ours, as WebCrypto is in a browser.
//!
//! A block is a Cobblestone-256 message. What is expensive in WebAssembly is AES-GCM over megabytes; the derivation
//! of its key is a few hashes. So the key is derived here, with context and commitment, and the host seals or opens
//! the chunks.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude};
//! use zkvault_core::key::{KeySet, VaultKey};
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &FileMeta::default(), BlockSize::MIN, 1_700_000_000)?;
//! let mine = sealer.block_key(0, true, 5)?;
//! assert_eq!((mine.key().len(), mine.base_nonce().len(), mine.header().len()), (32, 12, 56));
//!
//! // The reader gets the same key from the header that came with the block.
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! let ParsedPrelude::Whole(prelude) = FilePrelude::parse(sealer.prelude())? else { panic!("it is whole") };
//! let block = sealer.layout().extent(5).and_then(|extent| extent.block(0)).ok_or("there is one")?;
//! let header: &[u8; 56] = mine.header().try_into()?;
//! assert_eq!(prelude.unlock(&keys)?.block_key(&block, header)?.key(), mine.key());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use super::block::{BlockRules, OpenBlockError, SealBlockError};
use super::layout::{BLOCK_HEADER_LEN, BlockSpan};
use super::opener::FileOpener;
use super::sealer::FileSealer;
use crate::cobblestone::{ChunkKey, InputKey, plaintext_len};
use crate::error::DecryptError;

/// What one block is sealed with: chunk `i` of 16,384 bytes by AES-256-GCM under the key and the base nonce XOR
/// `u96be(i)`, without further data; the last chunk is shorter, and may be empty (C2SP chunked encryption).
///
/// Anyone who has it can open and forge this one block, and no other.
///
/// Wiped when it is dropped. A host that copies the key wipes its copy, as far as it can.
pub struct BlockKey {
    key: ChunkKey,
    header: [u8; BLOCK_HEADER_LEN],
}

impl BlockKey {
    /// The 32 bytes of the AES key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.key.key()
    }

    /// The 12 bytes of the nonce of chunk 0.
    #[must_use]
    pub fn base_nonce(&self) -> &[u8] {
        self.key.base_nonce()
    }

    /// The 56 bytes in front of the first chunk.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }
}

impl fmt::Debug for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: _, header: _ } = self;
        f.debug_struct("BlockKey").finish_non_exhaustive()
    }
}

impl FileSealer {
    /// A new key for a block of `len` bytes of content. It MUST seal one content only: sealed again, a block gets
    /// another key.
    ///
    /// One that seals two contents with one key uses a nonce twice, which reveals the difference of both and lets
    /// anyone forge.
    ///
    /// # Errors
    /// [`SealBlockError::Length`] when a block cannot have that length in its place, and [`SealBlockError::Seal`]
    /// without random bytes.
    pub fn block_key(&self, index: u64, last: bool, len: u64) -> Result<BlockKey, SealBlockError> {
        self.rules().check_len(index, last, len)?;
        let context = self.rules().context(index, last);
        let (key, header) = ChunkKey::generate(self.input_key(), &context).map_err(crate::error::SealError::from)?;
        Ok(BlockKey { key, header })
    }
}

impl FileOpener {
    /// The key of a block, whose first 56 bytes are `header`: they commit to it, which is checked.
    ///
    /// # Errors
    /// [`OpenBlockError::Length`] when a block cannot have that length in its place, and [`OpenBlockError::Decrypt`]
    /// when the commitment is that of a different block, file or place.
    pub fn block_key(&self, block: &BlockSpan, header: &[u8; BLOCK_HEADER_LEN]) -> Result<BlockKey, OpenBlockError> {
        let length = plaintext_len(block.sealed_len).ok_or(DecryptError)?;
        let rules: &BlockRules = self.rules();
        rules.check_len(block.index, block.last, length)?;
        let key: &InputKey = self.input_key();
        let key = ChunkKey::receive(key, &rules.context(block.index, block.last), header)?;
        Ok(BlockKey { key, header: *header })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aes_gcm::Aes256Gcm;
    use aes_gcm::aead::{Aead as _, KeyInit as _};

    use super::*;
    use crate::cobblestone::{CHUNK_LEN, SEALED_CHUNK_LEN};
    use crate::file::{BlockSize, FileMeta, FilePrelude, ParsedPrelude};
    use crate::key::{KeySet, VaultKey};

    fn nonce(key: &BlockKey, chunk: u8) -> [u8; 12] {
        let mut nonce: [u8; 12] = key.base_nonce().try_into().unwrap();
        nonce[11] ^= chunk;
        nonce
    }

    #[test]
    fn a_block_that_another_sealed_opens_here_and_the_other_way_round() {
        let vault_key = Arc::new(VaultKey::generate().unwrap());
        let size = BlockSize::new(2 * CHUNK_LEN as u32).unwrap();
        let sealer = FileSealer::new(&[Arc::clone(&vault_key)], &[], &FileMeta::default(), size, 1).unwrap();
        let mut keys = KeySet::new();
        keys.add(vault_key, None);
        let ParsedPrelude::Whole(prelude) = FilePrelude::parse(sealer.prelude()).unwrap() else {
            panic!("it is whole");
        };
        let opener = prelude.unlock(&keys).unwrap();

        let content = vec![7; CHUNK_LEN + 5];
        let key = sealer.block_key(0, true, content.len() as u64).unwrap();
        let cipher = Aes256Gcm::new_from_slice(key.key()).unwrap();
        let mut sealed = key.header().to_vec();
        for (chunk, bytes) in content.chunks(CHUNK_LEN).enumerate() {
            sealed.extend(cipher.encrypt(&nonce(&key, chunk as u8).into(), bytes).unwrap());
        }
        let mut opened = Vec::new();
        opener.open_block(0, true, &sealed, &mut opened).unwrap();
        assert_eq!(opened, content);

        let mut ours = Vec::new();
        sealer.seal_block(0, true, &content, &mut ours).unwrap();
        let extent = opener
            .extent_of_file((sealer.prelude().len() + ours.len()) as u64)
            .unwrap();
        let (header, chunks) = ours.split_first_chunk().unwrap();
        let key = opener.block_key(&extent.block(0).unwrap(), header).unwrap();
        let cipher = Aes256Gcm::new_from_slice(key.key()).unwrap();
        let opened = chunks.chunks(SEALED_CHUNK_LEN).enumerate();
        let opened = opened.map(|(chunk, bytes)| cipher.decrypt(&nonce(&key, chunk as u8).into(), bytes).unwrap());
        assert_eq!(opened.collect::<Vec<_>>().concat(), content);

        let mut flipped = *header;
        flipped[30] ^= 1;
        assert!(opener.block_key(&extent.block(0).unwrap(), &flipped).is_err());
        assert!(sealer.block_key(0, false, 5).is_err(), "only a last block is short");
    }
}
