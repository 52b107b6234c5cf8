//! The rules that a sealer and an opener share: a block's context, and how long it must be.
//!
//! ```text
//! context("zkvault.file.block.v1", SHA-256(prelude), block number, 1 if it is the last else 0)
//! ```
//!
//! Digest, number and last-ness together stop a storage from splicing two files, reordering blocks, and cutting a
//! file at a block's border or adding to it (threat model, Z27).

use super::layout::FileLayout;
use crate::context::{Context, Label};
use crate::error::{DecryptError, SealError};

/// What binds a block to its place: the digest of the prelude, the layout, and the stated size of the content.
///
/// The size is the description's, which is authentic: sealed under the file key, in the prelude.
#[derive(Debug, Clone)]
pub(super) struct BlockRules {
    pub(super) digest: [u8; 32],
    pub(super) layout: FileLayout,
    pub(super) size: Option<u64>,
}

impl BlockRules {
    pub(super) fn context(&self, index: u64, last: bool) -> Context {
        Context::new(Label::FileBlockV1)
            .bytes(&self.digest)
            .integer(index)
            .integer(u64::from(last))
    }

    /// Whether block `index` may hold `length` bytes: each but the last is full, the last is not empty unless
    /// it is the only one, and the last ends where the description says that the content ends.
    pub(super) fn check_len(&self, index: u64, last: bool, length: u64) -> Result<(), BlockLengthError> {
        let full = u64::from(self.layout.block_size().bytes());
        let fits = if last {
            length <= full && (length > 0 || index == 0)
        } else {
            length == full
        };
        if !fits {
            return Err(BlockLengthError::Block { index, actual: length });
        }
        let end = index.checked_mul(full).and_then(|start| start.checked_add(length));
        let end = end.ok_or(BlockLengthError::Block { index, actual: length })?;
        match self.size {
            Some(stated) if end > stated || (last && end != stated) => {
                Err(BlockLengthError::Size { stated, actual: end })
            }
            _ => Ok(()),
        }
    }
}

/// A block has a length that it cannot have in its place.
///
/// Lengths are of content, in bytes. They are no secret, since a storage sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockLengthError {
    /// Not the block size, or for a last block: more than that, or nothing.
    #[error("block {index} cannot have {actual} bytes in its place")]
    Block {
        /// The number of the block.
        index: u64,
        /// Its bytes of content.
        actual: u64,
    },
    /// The content is longer or shorter than its description says.
    #[error("the content was to have {stated} bytes and has {actual} or more")]
    Size {
        /// The bytes that the description states.
        stated: u64,
        /// The bytes up to the end of this block.
        actual: u64,
    },
}

/// A block could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealBlockError {
    /// It has not the length that its place demands. For a stated size: the source changed while it was read.
    #[error(transparent)]
    Length(#[from] BlockLengthError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A block could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenBlockError {
    /// It has not the length that its place demands.
    #[error(transparent)]
    Length(#[from] BlockLengthError),
    /// It belongs to another file or place, or was changed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
}
