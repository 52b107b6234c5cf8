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
//!
//! ```text
//!  offset  bytes
//!       0      7  "ZKVAULT"
//!       7      1  version, 0x01
//!       8      4  length of the header, at most 65,536
//!      12         header: JSON with the file's id, the block size, who can open it, and the sealed description
//!  prelude        block 0: 56 bytes of salt and commitment, then chunks of 16,384 bytes with a tag of 16 each
//! ```
//!
//! A full block of `b` bytes of content takes `72 + b / 16,384 · 16,400` bytes, so that its place follows from its
//! number. The file key is 32 random bytes, wrapped for 1 to 64 readers: vault keys, recipients, or one chain of
//! backups.
//!
//! What a reader may rely on: a chunk that opened is authentic and in its place; the file is whole when its last
//! block opened (threat model, Z27). What it may not: a file has no signature, so that what opened it
//! ([`UnlockedBy`]) is all that it says of its author (docs/spec/file.md, "Who made a file").
//!
//! A file for a key and for a friend, opened by the friend, with one block in pieces:
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude, UnlockedBy};
//! use zkvault_core::identity::Identity;
//! use zkvault_core::key::{KeySet, VaultKey};
//!
//! let (key, friend) = (Arc::new(VaultKey::generate()?), Identity::generate()?);
//! let meta = FileMeta { name: Some("plan.txt".to_owned()), size: Some(20_000), ..FileMeta::default() };
//! let recipients = [friend.public()];
//! let sealer = FileSealer::new(&[Arc::clone(&key)], &recipients, &meta, BlockSize::MIN, 1_700_000_000)?;
//! let content = vec![b'x'; 20_000];
//! let mut file = sealer.prelude().to_vec();
//! sealer.seal_block(0, false, &content[..16_384], &mut file)?;
//! sealer.seal_block(1, true, &content[16_384..], &mut file)?;
//!
//! let ParsedPrelude::Whole(prelude) = FilePrelude::parse(&file)? else { panic!("it is whole") };
//! let opener = prelude.unlock_with_identity(&friend)?;
//! // Anyone who knows the public identity can have made a file that it opens.
//! assert_eq!(opener.unlocked_by(), UnlockedBy::Identity);
//! assert_eq!(opener.meta().name.as_deref(), Some("plan.txt"));
//!
//! // Block 1 in pieces of a thousand bytes, as a network gives them.
//! let block = opener.extent_of_file(file.len() as u64)?.block(1).ok_or("there are two")?;
//! let (mut opening, mut opened) = (opener.block_opener(block.index, block.last), Vec::new());
//! for piece in file[block.offset as usize..].chunks(1000) {
//!     opening.update(piece, &mut opened)?;
//! }
//! opening.finish(&mut opened)?;
//! assert_eq!(opened, &content[16_384..]);
//! // One byte too few, and no file has this length.
//! assert!(opener.extent_of_file(file.len() as u64 - 1).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limits
//! Blocks of 16 KiB to 128 MiB, 8 MiB by default; headers of at most 64 KiB; names and content types of 255 bytes.
//! [`UploadPlan::block_size`] keeps a file under 49,000 blocks, of 5.98 TiB together.

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
