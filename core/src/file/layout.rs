//! Where things lie in a file: block sizes, offsets and lengths, without any key.
//!
//! Arithmetic only, without overflow for any `u64`: lengths come from a storage that may lie. That a length is right
//! is proved by opening the last block.
//!
//! ```
//! use zkvault_core::file::{BlockSize, UploadPlan, UploadTag};
//!
//! let size = BlockSize::new(32_768)?;
//! assert_eq!(size.sealed_bytes(), 72 + 2 * 16_400);
//! assert!(BlockSize::new(20_000).is_err(), "no multiple of 16 KiB");
//! // 100,000 bytes behind a prelude of 700: three full blocks, and 1,696 bytes in the fourth.
//! let plan = UploadPlan::sealed(UploadTag::generate()?, 700, size, 100_000)?;
//! let last = plan.part(4).ok_or("four blocks, after the part in front")?;
//! assert_eq!((last.block, last.offset, last.content_len), (Some(3), 98_304, 1_696));
//! assert_eq!(last.stored_len, 56 + 1_696 + 16);
//! assert_eq!(plan.blob_len(), 700 + 3 * size.sealed_bytes() + last.stored_len);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::cobblestone::{self, CHUNK_LEN, HEADER_LEN, SEALED_CHUNK_LEN, TAG_LEN};

/// Bytes in front of the first chunk of a sealed block, which a reader of single chunks needs first.
pub const BLOCK_HEADER_LEN: usize = HEADER_LEN;

/// The plaintext bytes of every block but the last: 16 KiB to 128 MiB, a multiple of 16 KiB; 8 MiB by default.
///
/// A multiple of the chunk, so that no block ends inside of one. Small blocks cost requests, large ones memory and
/// what is sent again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSize(u32);

impl BlockSize {
    /// The smallest, 16 KiB.
    pub const MIN: Self = Self(CHUNK_LEN as u32);
    /// The largest, 128 MiB.
    pub const MAX: Self = Self(128 << 20);

    /// A block size in bytes.
    ///
    /// # Errors
    /// [`BlockSizeError`] when it is below 16,384, above 134,217,728, or no multiple of 16,384.
    pub const fn new(bytes: u32) -> Result<Self, BlockSizeError> {
        if bytes < Self::MIN.0 || bytes > Self::MAX.0 || !bytes.is_multiple_of(CHUNK_LEN as u32) {
            return Err(BlockSizeError { actual: bytes });
        }
        Ok(Self(bytes))
    }

    /// The size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self.0
    }

    /// Bytes of a full block when sealed: a header, its chunks with their tags, and the empty chunk that ends it.
    ///
    /// `72 + bytes / 16,384 · 16,400`: 8,396,872 for the default.
    #[must_use]
    pub const fn sealed_bytes(self) -> u64 {
        let chunks = self.0 as u64 / CHUNK_LEN as u64;
        (HEADER_LEN + TAG_LEN) as u64 + chunks * SEALED_CHUNK_LEN as u64
    }
}

impl Default for BlockSize {
    fn default() -> Self {
        Self(8 << 20)
    }
}

/// A number is not a block size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a block has 16 KiB to 128 MiB and a multiple of 16 KiB, not {actual} bytes")]
pub struct BlockSizeError {
    /// The number.
    pub actual: u32,
}

/// The two lengths that place every block: that of the prelude and the block size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLayout {
    prelude_len: u32,
    block_size: BlockSize,
}

impl FileLayout {
    pub(super) const fn new(prelude_len: u32, block_size: BlockSize) -> Self {
        Self {
            prelude_len,
            block_size,
        }
    }

    /// Bytes of the prelude; block 0 starts there.
    #[must_use]
    pub const fn prelude_len(&self) -> u64 {
        self.prelude_len as u64
    }

    /// The plaintext bytes of every block but the last.
    #[must_use]
    pub const fn block_size(&self) -> BlockSize {
        self.block_size
    }

    /// Where block `index` starts in the file; `None` beyond 64 bits.
    #[must_use]
    pub const fn block_offset(&self, index: u64) -> Option<u64> {
        match index.checked_mul(self.block_size.sealed_bytes()) {
            Some(offset) => offset.checked_add(self.prelude_len()),
            None => None,
        }
    }

    /// The extent of a file with `plaintext_len` bytes of content; `None` beyond 64 bits.
    #[must_use]
    pub const fn extent(self, plaintext_len: u64) -> Option<FileExtent> {
        let extent = FileExtent {
            layout: self,
            plaintext_len,
        };
        match extent.checked_file_len() {
            Some(_) => Some(extent),
            None => None,
        }
    }

    /// The extent of a file that is `file_len` bytes long, prelude and all; `None` when no file has that length.
    ///
    /// A length that leaves an impossible last block is refused here, before anything is fetched. A file that was cut
    /// at a block's border still has a possible length; its new last block then fails, since it was not sealed as the
    /// last.
    #[must_use]
    pub fn extent_of_file(self, file_len: u64) -> Option<FileExtent> {
        let body = file_len.checked_sub(self.prelude_len())?;
        let full = self.block_size.sealed_bytes();
        let (blocks, rest) = (body / full, body % full);
        let in_full = blocks * u64::from(self.block_size.bytes());
        let in_last = match rest {
            0 if blocks > 0 => 0,
            rest => match cobblestone::plaintext_len(rest)? {
                0 if blocks > 0 => return None,
                length => length,
            },
        };
        self.extent(in_full + in_last)
    }
}

/// A layout together with the length of the content: every block's place and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileExtent {
    layout: FileLayout,
    plaintext_len: u64,
}

impl FileExtent {
    /// The lengths that place the blocks.
    pub(super) const fn layout(&self) -> FileLayout {
        self.layout
    }

    /// Bytes of content.
    #[must_use]
    pub const fn plaintext_len(&self) -> u64 {
        self.plaintext_len
    }

    /// The number of blocks, at least one.
    #[must_use]
    pub const fn block_count(&self) -> u64 {
        let blocks = self.plaintext_len.div_ceil(self.layout.block_size.bytes() as u64);
        if blocks == 0 { 1 } else { blocks }
    }

    /// Bytes of the whole file, prelude and all.
    #[must_use]
    pub const fn file_len(&self) -> u64 {
        match self.checked_file_len() {
            Some(length) => length,
            None => u64::MAX, // no extent is made of such a length
        }
    }

    /// Block `index`, or `None` when there are not so many.
    #[must_use]
    pub fn block(&self, index: u64) -> Option<BlockSpan> {
        let last_index = self.block_count() - 1;
        if index > last_index {
            return None;
        }
        let block_size = u64::from(self.layout.block_size.bytes());
        let plaintext_len = block_size.min(self.plaintext_len - index * block_size);
        Some(BlockSpan {
            index,
            last: index == last_index,
            offset: self.layout.block_offset(index)?,
            sealed_len: cobblestone::sealed_len(plaintext_len)?,
            plaintext_len,
        })
    }

    /// Where byte `offset` of the content is; `None` from its end on.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use zkvault_core::file::{BlockSize, FileMeta, FileSealer, Position};
    /// use zkvault_core::key::VaultKey;
    ///
    /// let keys = [Arc::new(VaultKey::generate()?)];
    /// let sealer = FileSealer::new(&keys, &[], &FileMeta::default(), BlockSize::new(32_768)?, 1_700_000_000)?;
    /// let extent = sealer.layout().extent(100_000).ok_or("it fits 64 bits")?;
    /// assert_eq!(extent.locate(50_000), Some(Position { block: 1, chunk: 1, within: 848 }));
    /// assert_eq!(extent.locate(100_000), None);
    /// // What a reader fetches for that byte: the first 56 bytes of block 1, and this chunk.
    /// let chunk = extent.block(1).and_then(|block| block.chunk(1)).ok_or("it is there")?;
    /// assert_eq!((chunk.sealed_len, chunk.plaintext_len), (16_400, 16_384));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn locate(&self, offset: u64) -> Option<Position> {
        if offset >= self.plaintext_len {
            return None;
        }
        let block_size = u64::from(self.layout.block_size.bytes());
        let in_block = offset % block_size;
        Some(Position {
            block: offset / block_size,
            chunk: in_block / CHUNK_LEN as u64,
            within: (in_block % CHUNK_LEN as u64) as usize,
        })
    }

    const fn checked_file_len(&self) -> Option<u64> {
        let last = self.block_count() - 1;
        let in_last = self.plaintext_len - last * self.layout.block_size.bytes() as u64;
        match (self.layout.block_offset(last), cobblestone::sealed_len(in_last)) {
            (Some(offset), Some(length)) => offset.checked_add(length),
            _ => None,
        }
    }
}

/// One block of a file of known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSpan {
    /// Its number.
    pub index: u64,
    /// Whether it is the last.
    pub last: bool,
    /// Where it starts in the file.
    pub offset: u64,
    /// Its bytes in the file.
    pub sealed_len: u64,
    /// Its bytes of content.
    pub plaintext_len: u64,
}

impl BlockSpan {
    /// Chunk `index` of the block, or `None` when there are not so many. A chunk holds 16 KiB of content; the
    /// last holds less, or nothing.
    #[must_use]
    pub fn chunk(&self, index: u64) -> Option<ChunkSpan> {
        let start = index.checked_mul(CHUNK_LEN as u64)?;
        let plaintext_len = self.plaintext_len.checked_sub(start)?.min(CHUNK_LEN as u64);
        Some(ChunkSpan {
            offset: self.offset + HEADER_LEN as u64 + index * SEALED_CHUNK_LEN as u64,
            sealed_len: plaintext_len + TAG_LEN as u64,
            plaintext_len,
        })
    }
}

/// One chunk of a block: the smallest part of a file that can be opened alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSpan {
    /// Where it starts in the file.
    pub offset: u64,
    /// Its bytes in the file.
    pub sealed_len: u64,
    /// Its bytes of content.
    pub plaintext_len: u64,
}

/// Where one byte of the content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of the block.
    pub block: u64,
    /// The number of the chunk in that block.
    pub chunk: u64,
    /// The byte's place in the chunk's content.
    pub within: usize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layout() -> FileLayout {
        FileLayout::new(100, BlockSize::new(32 << 10).unwrap())
    }

    #[test]
    fn block_sizes_at_their_limits() {
        for good in [16 << 10, 32 << 10, 8 << 20, 128 << 20] {
            assert_eq!(BlockSize::new(good).unwrap().bytes(), good);
        }
        for actual in [
            0,
            1,
            8 << 10,
            (16 << 10) + 1,
            24 << 10,
            (128 << 20) + (16 << 10),
            u32::MAX,
        ] {
            assert_eq!(BlockSize::new(actual), Err(BlockSizeError { actual }));
        }
        assert_eq!(BlockSize::default().bytes(), 8 << 20);
    }

    #[test]
    fn a_full_block_is_as_long_as_its_message() {
        let sealed = BlockSize::default().sealed_bytes();
        assert_eq!(cobblestone::sealed_len(8 << 20), Some(sealed));
        assert_eq!(sealed, (8 << 20) + 513 * 16 + 56);
    }

    #[test]
    fn lengths_that_no_file_has() {
        let full = layout().block_size().sealed_bytes();
        let body_lengths = [
            0,
            1,
            71,
            full - 1,
            full + 1,
            full + 71,
            full + 72,
            2 * full + 72,
            56 + 16_400 + 15,
        ];
        for body in body_lengths {
            assert_eq!(layout().extent_of_file(100 + body), None, "{body}");
        }
        assert_eq!(layout().extent_of_file(99), None);
        assert_eq!(layout().extent(u64::MAX), None);
        assert_eq!(layout().extent_of_file(100 + 72).unwrap().plaintext_len(), 0);
        assert_eq!(layout().extent_of_file(100 + full).unwrap().block_count(), 1);
    }

    proptest! {
        #[test]
        fn blocks_lie_end_to_end(blocks in 0u64..4, delta in -2i64..3, chunk in 0u64..3) {
            let edge = (blocks * (32 << 10) + chunk * (16 << 10)) as i64;
            let length = (edge + delta).max(0) as u64;
            let extent = layout().extent(length).unwrap();
            let (mut offset, mut content) = (100, 0);
            for index in 0..extent.block_count() {
                let block = extent.block(index).unwrap();
                prop_assert_eq!(block.offset, offset);
                prop_assert_eq!(block.last, index + 1 == extent.block_count());
                offset += block.sealed_len;
                content += block.plaintext_len;
                prop_assert!(block.last || block.plaintext_len == 32 << 10);
                prop_assert!(block.plaintext_len > 0 || length == 0);
                let mut in_block = block.offset + 56;
                for chunk in (0..).map_while(|chunk| block.chunk(chunk)) {
                    prop_assert_eq!(chunk.offset, in_block);
                    in_block += chunk.sealed_len;
                }
                prop_assert_eq!(in_block, offset);
            }
            prop_assert_eq!((offset, content), (extent.file_len(), length));
            prop_assert_eq!(layout().extent_of_file(offset), Some(extent));
            prop_assert_eq!(extent.block(extent.block_count()), None);
        }

        #[test]
        fn every_byte_is_where_it_is_said_to_be(length in 1u64..200_000, offset in 0u64..200_000) {
            let extent = layout().extent(length).unwrap();
            let Some(position) = extent.locate(offset) else {
                prop_assert!(offset >= length);
                return Ok(());
            };
            let chunk = extent.block(position.block).unwrap().chunk(position.chunk).unwrap();
            prop_assert!((position.within as u64) < chunk.plaintext_len);
            let back = position.block * (32 << 10) + position.chunk * (16 << 10) + position.within as u64;
            prop_assert_eq!(back, offset);
        }

        #[test]
        fn any_length_is_an_answer_and_not_a_panic(length in any::<u64>(), size in 1u32..8192) {
            let layout = FileLayout::new(12, BlockSize::new(size << 14).unwrap());
            if let Some(extent) = layout.extent_of_file(length) {
                prop_assert_eq!(extent.file_len(), length);
            }
            if let Some(extent) = layout.extent(length) {
                prop_assert_eq!(layout.extent_of_file(extent.file_len()), Some(extent));
            }
        }
    }
}
