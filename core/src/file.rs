//! Encrypted files: a prelude that says who can open them, and blocks that are sealed, sent and fetched each
//! on its own.
//!
//! ```text
//! file    = prelude || block_0 || … || block_(n-1)
//! prelude = "ZKVAULT" || 0x01 || u32be(header length) || header (JSON)
//! block_i = Cobblestone-256(file key, context("zkvault.file.block.v1", SHA-256(prelude), i, 1 if last else 0), …)
//! ```
//!
//! Every block but the last holds exactly the block size. A last block is empty only when it is the only one.
//! Nothing here reads or writes: [`FileSealer`] and [`FileOpener`] turn blocks into blocks, from any number of
//! threads, and [`FileLayout`] says where they lie.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude};
//! use zkvault_core::key::{KeySet, VaultKey};
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &FileMeta::default(), BlockSize::default(), 1_700_000_000)?;
//! let mut file = sealer.prelude().to_vec();
//! sealer.seal_block(0, true, b"the only block", &mut file)?;
//!
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! let ParsedPrelude::Whole(prelude) = FilePrelude::parse(&file)? else { panic!("the prelude is whole") };
//! let opener = prelude.unlock(&keys)?;
//! let block = opener.extent_of_file(file.len() as u64)?.block(0).expect("there is one");
//! let mut content = Vec::new();
//! opener.open_block(0, block.last, &file[block.offset as usize..], &mut content)?;
//! assert_eq!(content, b"the only block");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod external;
mod header;
mod key;
mod layout;
mod meta;
mod opener;
mod prelude;
mod sealer;
#[cfg(test)]
mod tests;
mod upload;

pub use block::{BlockLengthError, OpenBlockError, SealBlockError};
pub use external::BlockKey;
pub use layout::{BLOCK_HEADER_LEN, BlockSize, BlockSizeError, BlockSpan, ChunkSpan, FileExtent, FileLayout, Position};
pub use meta::{FileMeta, FileMetaError};
pub use opener::{BlockOpener, BlockReader, FileLengthError, FileOpener, UnlockFileError, UnlockedBy};
pub use prelude::{FilePrelude, ParsedPrelude, PreludeError};
pub use sealer::{BlockSealer, CreateFileError, FileSealer, ResumeFileError};
pub use upload::{FileTooLargeError, Part, PartId, PartMark, UploadPlan, UploadTag};
