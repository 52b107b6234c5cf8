//! Sealing a file block by block.
//!
//! Sealing goes block by block and in no order, so that several threads seal, and an upload sends again what was
//! lost. What must be known when a block is sealed is whether it is the last: a stream of unknown length holds one
//! block back.

use std::fmt;
use std::sync::Arc;

use super::block::{BlockLengthError, BlockRules, SealBlockError};
use super::header::{FILE_ID_LEN, Header, KeyEntry, MAX_KEY_ENTRIES};
use super::key::FileKey;
use super::layout::{BlockSize, FileLayout};
use super::meta::{FileMeta, FileMetaError};
use super::opener::UnlockFileError;
use super::prelude::{FilePrelude, ParsedPrelude, PreludeError};
use crate::chain::ChainKey;
use crate::cobblestone::{self, InputKey, SealStream};
use crate::context::{Context, Label};
use crate::error::{RandomError, SealError};
use crate::identity::PublicIdentity;
use crate::key::{KeySet, VaultKey};
use crate::random;

/// Seals one new file, under a file key of its own.
///
/// Blocks may be sealed in any order and by several threads at once, and one may be sealed again: each sealing
/// draws a fresh salt, so nothing repeats. Which index a block has is for the caller to keep straight.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude, SealBlockError};
/// use zkvault_core::key::{KeySet, VaultKey};
///
/// let key = Arc::new(VaultKey::generate()?);
/// let meta = FileMeta { size: Some(11), ..FileMeta::default() };
/// let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &meta, BlockSize::MIN, 1_700_000_000)?;
/// // Content that comes in pieces, with 16 KiB in memory.
/// let mut block = Vec::new();
/// let mut sealing = sealer.block_sealer(0, true, &mut block)?;
/// sealing.update(b"hello ", &mut block)?;
/// sealing.update(b"world", &mut block)?;
/// sealing.finish(&mut block)?;
/// assert_eq!(block.len(), 72 + 11);
/// // The source changed while it was read: it is not sealed as if nothing had happened.
/// let grown = sealer.seal_block(0, true, b"hello world!", &mut block);
/// assert!(matches!(grown, Err(SealBlockError::Length(_))));
///
/// // Another run of the program continues the same file.
/// let mut keys = KeySet::new();
/// keys.add(key, None);
/// let resumed = FileSealer::resume(sealer.prelude(), &keys)?;
/// assert_eq!(resumed.prelude_digest(), sealer.prelude_digest());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileSealer {
    key: FileKey,
    rules: BlockRules,
    prelude: Vec<u8>,
}

impl FileSealer {
    /// Starts a file that these keys and recipients can open. `created` is in seconds since 1970 (UTC).
    ///
    /// Vault keys come first in the header and recipients after them. A file that must prove to come from holders of
    /// a vault key has no recipients: each of them could make a different file with the same entries.
    ///
    /// # Errors
    /// * [`CreateFileError::KeyCount`] unless there are 1 to 64 keys and recipients together.
    /// * [`CreateFileError::Meta`] when the name or content type is not acceptable.
    /// * [`CreateFileError::Seal`] and [`CreateFileError::Random`] without random bytes.
    pub fn new(
        vault_keys: &[Arc<VaultKey>],
        recipients: &[PublicIdentity],
        meta: &FileMeta,
        block_size: BlockSize,
        created: u64,
    ) -> Result<Self, CreateFileError> {
        let wrap = |key: &FileKey, file_id: &[u8; FILE_ID_LEN]| {
            let for_keys = vault_keys
                .iter()
                .map(|vault_key| key.wrap_for_vault_key(vault_key, file_id));
            for_keys.collect()
        };
        Self::begin(vault_keys.len(), wrap, recipients, meta, block_size, created)
    }

    /// Starts a file that the person whose chain this is can open, and these recipients. `created` is in seconds since 1970
    /// (UTC).
    ///
    /// Its entry is the first and there is none for a vault key: colleagues have those.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn for_chain(
        chain: &ChainKey,
        recipients: &[PublicIdentity],
        meta: &FileMeta,
        block_size: BlockSize,
        created: u64,
    ) -> Result<Self, CreateFileError> {
        let wrap = |key: &FileKey, file_id: &[u8; FILE_ID_LEN]| Ok(vec![key.wrap_for_chain(chain, file_id)?]);
        Self::begin(1, wrap, recipients, meta, block_size, created)
    }

    /// `wrap` makes the entries of `keys` keys, which come before those of the recipients.
    fn begin(
        keys: usize,
        wrap: impl FnOnce(&FileKey, &[u8; FILE_ID_LEN]) -> Result<Vec<KeyEntry>, SealError>,
        recipients: &[PublicIdentity],
        meta: &FileMeta,
        block_size: BlockSize,
        created: u64,
    ) -> Result<Self, CreateFileError> {
        let count = keys.saturating_add(recipients.len());
        if count == 0 || count > MAX_KEY_ENTRIES {
            return Err(CreateFileError::KeyCount { actual: count });
        }
        let meta_json = meta.to_json()?;
        let (key, file_id) = (FileKey::generate()?, random::array()?);
        let mut entries = wrap(&key, &file_id)?;
        for recipient in recipients {
            entries.push(key.wrap_for_recipient(recipient, &file_id)?);
        }
        let header = Header {
            file_id,
            block_size,
            created,
            keys: entries,
            meta: cobblestone::seal(key.input_key(), &meta_context(&file_id), &meta_json)?,
        };
        let (parsed, prelude) = FilePrelude::create(header).map_err(|_| SealError::TooLong)?;
        let rules = BlockRules {
            digest: parsed.digest,
            layout: parsed.layout,
            size: meta.size,
        };
        Ok(Self { key, rules, prelude })
    }

    /// Continues a file that was begun before, perhaps by another run of the program. Every block is sealed
    /// under a fresh salt, also one that was sealed before: even if the source changed meanwhile, no key is used
    /// twice with the same nonce.
    ///
    /// # Errors
    /// [`ResumeFileError::Prelude`] when the bytes are no prelude, or more or less than one;
    /// [`ResumeFileError::Unlock`] when none of the keys opens it.
    pub fn resume(prelude: &[u8], keys: &KeySet) -> Result<Self, ResumeFileError> {
        let ParsedPrelude::Whole(parsed) = FilePrelude::parse(prelude)? else {
            return Err(PreludeError::NotAFile.into());
        };
        if parsed.layout.prelude_len() != prelude.len() as u64 {
            return Err(PreludeError::NotCanonical.into());
        }
        let (key, rules) = parsed.unlock(keys)?.into_parts();
        let prelude = prelude.to_vec();
        Ok(Self { key, rules, prelude })
    }

    /// SHA-256 of the prelude, to which every block is bound.
    #[must_use]
    pub fn prelude_digest(&self) -> [u8; 32] {
        self.rules.digest
    }

    /// The bytes in front of block 0.
    #[must_use]
    pub fn prelude(&self) -> &[u8] {
        &self.prelude
    }

    /// Where the blocks lie.
    #[must_use]
    pub fn layout(&self) -> FileLayout {
        self.rules.layout
    }

    pub(super) fn rules(&self) -> &BlockRules {
        &self.rules
    }

    pub(super) fn file_key(&self) -> &FileKey {
        &self.key
    }

    pub(super) fn input_key(&self) -> &InputKey {
        self.key.input_key()
    }

    /// Seals a whole block and appends it to `out`.
    ///
    /// # Errors
    /// [`SealBlockError::Length`] when the plaintext is not a full block, or for the last one when it is empty
    /// beside others or ends elsewhere than the description states. `out` is then as it was.
    pub fn seal_block(
        &self,
        index: u64,
        last: bool,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealBlockError> {
        self.rules.check_len(index, last, plaintext.len() as u64)?;
        let context = self.rules.context(index, last);
        Ok(cobblestone::seal_into(self.key.input_key(), &context, plaintext, out)?)
    }

    /// Starts a block whose plaintext comes in pieces; its first bytes are appended to `out`. Holds 16 KiB,
    /// whatever the block size.
    ///
    /// The bytes so far are no block until [`BlockSealer::finish`], which may refuse the length.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn block_sealer(&self, index: u64, last: bool, out: &mut Vec<u8>) -> Result<BlockSealer<'_>, RandomError> {
        Ok(BlockSealer {
            rules: &self.rules,
            stream: SealStream::new(self.key.input_key(), &self.rules.context(index, last), out)?,
            index,
            last,
            length: 0,
        })
    }
}

pub(super) fn meta_context(file_id: &[u8; FILE_ID_LEN]) -> Context {
    Context::new(Label::FileMetaV1).bytes(file_id)
}

impl fmt::Debug for FileSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, rules, prelude: _ } = self;
        f.debug_struct("FileSealer")
            .field("key", key)
            .field("layout", &rules.layout)
            .finish_non_exhaustive()
    }
}

/// Seals one block whose plaintext comes in pieces.
pub struct BlockSealer<'file> {
    rules: &'file BlockRules,
    stream: SealStream,
    index: u64,
    last: bool,
    length: u64,
}

impl BlockSealer<'_> {
    /// Takes more plaintext and appends what it completes to `out`.
    ///
    /// # Errors
    /// [`SealBlockError::Length`] when the block outgrows the block size.
    pub fn update(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealBlockError> {
        self.length = self.length.saturating_add(plaintext.len() as u64);
        if self.length > u64::from(self.rules.layout.block_size().bytes()) {
            let (index, actual) = (self.index, self.length);
            return Err(BlockLengthError::Block { index, actual }.into());
        }
        Ok(self.stream.update(plaintext, out)?)
    }

    /// Ends the block.
    ///
    /// # Errors
    /// [`SealBlockError::Length`] as [`FileSealer::seal_block`]; what was appended so far is then no block.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), SealBlockError> {
        self.rules.check_len(self.index, self.last, self.length)?;
        Ok(self.stream.finish(out)?)
    }
}

impl fmt::Debug for BlockSealer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rules: _,
            stream: _,
            index,
            last,
            length,
        } = self;
        f.debug_struct("BlockSealer")
            .field("index", index)
            .field("last", last)
            .field("length", length)
            .finish_non_exhaustive()
    }
}

/// A file could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateFileError {
    /// Nobody, or too many, could open it.
    #[error("a file is for 1 to {MAX_KEY_ENTRIES} keys and recipients, not {actual}")]
    KeyCount {
        /// Vault keys and recipients together.
        actual: usize,
    },
    /// The description is not acceptable.
    #[error(transparent)]
    Meta(#[from] FileMetaError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The operating system gave no random bytes for the file key.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A file that was begun before cannot be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeFileError {
    /// The bytes are no prelude.
    #[error(transparent)]
    Prelude(#[from] PreludeError),
    /// No available key opens it.
    #[error(transparent)]
    Unlock(#[from] UnlockFileError),
}

#[cfg(test)]
impl FileSealer {
    /// A block of any length anywhere, as only a hostile sealer makes it.
    pub(super) fn seal_unchecked(&self, index: u64, last: bool, plaintext: &[u8]) -> Vec<u8> {
        cobblestone::seal(self.key.input_key(), &self.rules.context(index, last), plaintext).unwrap()
    }
}
