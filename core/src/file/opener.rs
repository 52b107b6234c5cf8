//! Opening a file: its key first, then any block, in one piece, in pieces, or a few chunks of it.
//!
//! [`FilePrelude::unlock`] and its relatives give a [`FileOpener`], which needs no more keys. Three ways lead from
//! there to plaintext, all with the same checks: [`FileOpener::open_block`] for a block in memory,
//! [`FileOpener::block_opener`] for one that comes in pieces, and [`FileOpener::block_reader`] for a few chunks of a
//! large one.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroize;

use super::block::{BlockRules, OpenBlockError};
use super::header::KeyEntry;
use super::key::FileKey;
use super::layout::{BLOCK_HEADER_LEN, BlockSpan, FileExtent, FileLayout};
use super::meta::{FileMeta, FileMetaError};
use super::prelude::FilePrelude;
use super::sealer::meta_context;
use crate::chain::ChainKey;
use crate::cobblestone::{self, ChunkReader, InputKey, OpenStream, SEALED_CHUNK_LEN};
use crate::error::DecryptError;
use crate::identity::Identity;
use crate::key::{KeyFingerprint, KeyId, KeyMember, KeySet};

/// Opens the blocks of one file. Every block is bound to the prelude, to its number, and to being the last or
/// not; opening every block up to the last proves the whole file.
///
/// It holds the file key, which is wiped when it is dropped, and may be shared between threads.
pub struct FileOpener {
    key: FileKey,
    rules: BlockRules,
    meta: FileMeta,
    unlocked_by: UnlockedBy,
}

/// What a file was unlocked with. It tells who can have made the file (docs/spec/file.md, "Who made a file").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlockedBy {
    /// A vault key: a holder of the key made the file, or somebody who can open a file that a holder made.
    VaultKey {
        /// Which key.
        fingerprint: KeyFingerprint,
        /// Its identifier.
        id: KeyId,
        /// Whether the key is retired: then former holders can have made the file as well.
        is_retired: bool,
    },
    /// An identity: anyone who knows the public identity can have made the file.
    Identity,
    /// The key of a chain of backups: a holder of the personal key made the file.
    Chain,
}

impl UnlockedBy {
    fn member(member: &KeyMember) -> Self {
        Self::VaultKey {
            fingerprint: member.key.fingerprint(),
            id: member.key.id(),
            is_retired: member.is_retired,
        }
    }

    /// Whether it is a vault key that is not retired.
    #[must_use]
    pub const fn is_active_key(&self) -> bool {
        matches!(self, Self::VaultKey { is_retired: false, .. })
    }
}

impl FilePrelude {
    /// Unlocks the file with the available vault keys: with a retired one only where no active one opens it.
    ///
    /// Which entry opened it is kept as [`FileOpener::unlocked_by`]. Recipients' entries are not tried: a caller that
    /// has an identity as well asks it last ([`Self::unlock_with_identity`]), because it proves less.
    ///
    /// # Errors
    /// * [`UnlockFileError::NoKey`] when no entry has the identifier of one of the keys.
    /// * [`UnlockFileError::Decrypt`] when one has and does not open: a different key of the same four bytes, or a
    ///   changed header.
    /// * [`UnlockFileError::Meta`] when the description is not in its one form, which only its author can have
    ///   caused.
    pub fn unlock(&self, keys: &KeySet) -> Result<FileOpener, UnlockFileError> {
        match self.unlock_among(keys, false) {
            Err(UnlockFileError::NoKey) => self.unlock_among(keys, true),
            // An active key that has the identifier but opens nothing leaves the retired ones to be tried.
            Err(error) => self.unlock_among(keys, true).map_err(|_| error),
            opened => opened,
        }
    }

    fn unlock_among(&self, keys: &KeySet, retired: bool) -> Result<FileOpener, UnlockFileError> {
        let mut error = UnlockFileError::NoKey;
        for entry in &self.header.keys {
            let KeyEntry::VaultKey { key_id, sealed } = entry else {
                continue;
            };
            let members = keys.members_with_id(*key_id);
            for member in members.filter(|member| member.is_retired == retired) {
                match FileKey::unwrap_with_vault_key(&member.key, &self.header.file_id, sealed) {
                    Ok(key) => return self.opener(key, UnlockedBy::member(member)),
                    Err(failed) => error = failed.into(),
                }
            }
        }
        Err(error)
    }

    /// Unlocks the file with the key of the chain of backups that it is in.
    ///
    /// # Errors
    /// * [`UnlockFileError::NoKey`] when the file is in no backup.
    /// * [`UnlockFileError::Decrypt`] when it is in a different chain, or was changed.
    /// * [`UnlockFileError::Meta`] as for [`Self::unlock`].
    pub fn unlock_with_chain(&self, chain: &ChainKey) -> Result<FileOpener, UnlockFileError> {
        let Some(KeyEntry::Chain { sealed }) = self.header.keys.first() else {
            return Err(UnlockFileError::NoKey);
        };
        let key = FileKey::unwrap_with_chain(chain, &self.header.file_id, sealed)?;
        self.opener(key, UnlockedBy::Chain)
    }

    /// Unlocks the file with the identity of a recipient.
    ///
    /// Every recipient's entry is tried: at most 64, each a scalar multiplication.
    ///
    /// # Errors
    /// [`UnlockFileError::NoKey`] when none opens, since recipients are not named; [`UnlockFileError::Decrypt`] when
    /// one does and the description does not, and [`UnlockFileError::Meta`] as for [`Self::unlock`].
    pub fn unlock_with_identity(&self, identity: &Identity) -> Result<FileOpener, UnlockFileError> {
        for entry in &self.header.keys {
            let KeyEntry::Recipient { encapped, sealed } = entry else {
                continue;
            };
            if let Ok(key) = FileKey::unwrap_with_identity(identity, &self.header.file_id, encapped, sealed) {
                return self.opener(key, UnlockedBy::Identity);
            }
        }
        Err(UnlockFileError::NoKey)
    }

    fn opener(&self, key: FileKey, unlocked_by: UnlockedBy) -> Result<FileOpener, UnlockFileError> {
        let context = meta_context(&self.header.file_id);
        let meta = cobblestone::open(key.input_key(), &context, &self.header.meta)?;
        let meta = FileMeta::from_json(meta.expose_secret())?;
        let rules = BlockRules {
            digest: self.digest,
            layout: self.layout,
            size: meta.size,
        };
        Ok(FileOpener {
            key,
            rules,
            meta,
            unlocked_by,
        })
    }
}

impl FileOpener {
    /// The description of the file, which came sealed under its key.
    #[must_use]
    pub fn meta(&self) -> &FileMeta {
        &self.meta
    }

    /// What the file was unlocked with.
    #[must_use]
    pub fn unlocked_by(&self) -> UnlockedBy {
        self.unlocked_by
    }

    /// Where the blocks lie.
    #[must_use]
    pub fn layout(&self) -> FileLayout {
        self.rules.layout
    }

    pub(super) fn rules(&self) -> &BlockRules {
        &self.rules
    }

    pub(super) fn input_key(&self) -> &InputKey {
        self.key.input_key()
    }

    /// The extent of the file, given its length in the storage. A wrong length is noticed here when the
    /// description states the size, and else when the last block is opened.
    ///
    /// With a stated size exactly one length is right.
    ///
    /// # Errors
    /// [`FileLengthError`] when the file cannot have that length.
    pub fn extent_of_file(&self, file_len: u64) -> Result<FileExtent, FileLengthError> {
        let extent = self.rules.layout.extent_of_file(file_len);
        let stated = |extent: &FileExtent| self.meta.size.is_none_or(|size| size == extent.plaintext_len());
        extent.filter(stated).ok_or(FileLengthError { actual: file_len })
    }

    /// What seals further blocks of the same file.
    pub(super) fn into_parts(self) -> (FileKey, BlockRules) {
        (self.key, self.rules)
    }

    /// Opens a whole block and appends its plaintext to `out`, which the caller wipes if it is to be secret.
    ///
    /// # Errors
    /// * [`OpenBlockError::Length`] when a block cannot have that length in its place.
    /// * [`OpenBlockError::Decrypt`] for a different file, number or last-ness, and for changed bytes.
    ///
    /// `out` is then as it was, and what had been opened is wiped.
    pub fn open_block(&self, index: u64, last: bool, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), OpenBlockError> {
        let (header, chunks) = sealed.split_first_chunk().ok_or(DecryptError)?;
        let reader = self.reader(index, last, header, sealed.len() as u64)?;
        let start = out.len();
        let result = reader.open_chunks(0, chunks, out);
        if result.is_err() {
            out.get_mut(start..).unwrap_or_default().zeroize();
            out.truncate(start);
        }
        Ok(result?)
    }

    /// Starts to open a block that comes in pieces. Holds 16 KiB, whatever the block size.
    #[must_use]
    pub fn block_opener(&self, index: u64, last: bool) -> BlockOpener<&Self> {
        BlockOpener::new(self, index, last)
    }

    /// Opens single chunks of a block, whose first [`BLOCK_HEADER_LEN`] bytes are given.
    ///
    /// # Errors
    /// [`OpenBlockError`] when the block is not the one at this place in this file.
    pub fn block_reader(
        &self,
        block: &BlockSpan,
        header: &[u8; BLOCK_HEADER_LEN],
    ) -> Result<BlockReader, OpenBlockError> {
        self.reader(block.index, block.last, header, block.sealed_len)
    }

    fn reader(
        &self,
        index: u64,
        last: bool,
        header: &[u8; BLOCK_HEADER_LEN],
        sealed_len: u64,
    ) -> Result<BlockReader, OpenBlockError> {
        let length = cobblestone::plaintext_len(sealed_len).ok_or(DecryptError)?;
        self.rules.check_len(index, last, length)?;
        let context = self.rules.context(index, last);
        let chunks = ChunkReader::new(self.key.input_key(), &context, header, sealed_len)?;
        Ok(BlockReader { chunks })
    }
}

impl fmt::Debug for FileOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            rules,
            meta,
            unlocked_by,
        } = self;
        f.debug_struct("FileOpener")
            .field("key", key)
            .field("layout", &rules.layout)
            .field("meta", meta)
            .field("unlocked_by", unlocked_by)
            .finish_non_exhaustive()
    }
}

/// Opens chunks of one block in any order, so that a reader can seek.
pub struct BlockReader {
    chunks: ChunkReader,
}

impl BlockReader {
    /// Opens the chunks that `sealed` consists of, from chunk `first` on, and appends their plaintext to `out`.
    ///
    /// Chunks are 16,400 bytes each but for the last, so that `sealed` begins and ends at a chunk's border.
    ///
    /// # Errors
    /// [`DecryptError`]. `out` then holds the chunks in front of the one that failed.
    pub fn open_chunks(&self, first: u64, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let tags = sealed.len().div_ceil(SEALED_CHUNK_LEN) * cobblestone::TAG_LEN;
        out.reserve_exact(sealed.len().saturating_sub(tags));
        if sealed.is_empty() {
            return Err(DecryptError);
        }
        for (number, chunk) in (0..).zip(sealed.chunks(SEALED_CHUNK_LEN)) {
            let index = first.checked_add(number).ok_or(DecryptError)?;
            self.chunks.open_chunk(index, chunk, out)?;
        }
        Ok(())
    }
}

impl fmt::Debug for BlockReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chunks: _ } = self;
        f.debug_struct("BlockReader").finish_non_exhaustive()
    }
}

/// Opens one block that comes in pieces. What it releases is authentic; only [`Self::finish`] says that it was
/// the whole block.
///
/// `File` is a reference to the file's [`FileOpener`], or an `Arc` of it, with which the block may go from thread to
/// thread.
pub struct BlockOpener<File> {
    file: File,
    state: State,
    index: u64,
    last: bool,
    sealed_len: u64,
    length: u64,
}

enum State {
    Header(Vec<u8>),
    Chunks(Box<OpenStream>),
}

impl<File: Deref<Target = FileOpener>> BlockOpener<File> {
    /// As [`FileOpener::block_opener`].
    #[must_use]
    pub fn new(file: File, index: u64, last: bool) -> Self {
        Self {
            file,
            state: State::Header(Vec::with_capacity(BLOCK_HEADER_LEN)),
            index,
            last,
            sealed_len: 0,
            length: 0,
        }
    }

    /// Takes more of the sealed block and appends the plaintext of what it completes to `out`.
    ///
    /// What was appended to `out` before is authentic and stays there; the caller decides whether a part is of use.
    ///
    /// # Errors
    /// [`OpenBlockError`]. The block is then lost.
    pub fn update(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), OpenBlockError> {
        self.sealed_len = self.sealed_len.saturating_add(sealed.len() as u64);
        if self.sealed_len > self.file.layout().block_size().sealed_bytes() {
            return Err(DecryptError.into());
        }
        let rest = self.take_header(sealed)?;
        let before = out.len();
        if let State::Chunks(stream) = &mut self.state {
            stream.update(rest, out)?;
        }
        self.length += (out.len() - before) as u64;
        Ok(())
    }

    /// Ends the block.
    ///
    /// # Errors
    /// [`OpenBlockError`] when it was cut, or has not the length that its place demands.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), OpenBlockError> {
        let State::Chunks(stream) = self.state else {
            return Err(DecryptError.into());
        };
        let before = out.len();
        stream.finish(out)?;
        let length = self.length + (out.len() - before) as u64;
        Ok(self.file.rules.check_len(self.index, self.last, length)?)
    }

    /// Collects the header from the first pieces. Returns what of `sealed` comes after it.
    fn take_header<'sealed>(&mut self, sealed: &'sealed [u8]) -> Result<&'sealed [u8], DecryptError> {
        let State::Header(header) = &mut self.state else {
            return Ok(sealed);
        };
        let (taken, rest) = sealed.split_at(sealed.len().min(BLOCK_HEADER_LEN - header.len()));
        header.extend_from_slice(taken);
        if let Some((header, [])) = header.split_first_chunk() {
            let context = self.file.rules.context(self.index, self.last);
            let stream = OpenStream::new(self.file.key.input_key(), &context, header)?;
            self.state = State::Chunks(Box::new(stream));
        }
        Ok(rest)
    }
}

impl<File> fmt::Debug for BlockOpener<File> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file: _,
            state: _,
            index,
            last,
            sealed_len,
            length: _,
        } = self;
        f.debug_struct("BlockOpener")
            .field("index", index)
            .field("last", last)
            .field("sealed_len", sealed_len)
            .finish_non_exhaustive()
    }
}

/// A file could not be unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockFileError {
    /// The file is for none of the available keys.
    #[error("the file is for none of the available keys")]
    NoKey,
    /// An available key has the right identifier but does not open the file, or the prelude was changed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// The file's description is authentic but not acceptable.
    #[error(transparent)]
    Meta(#[from] FileMetaError),
}

/// A file cannot have this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot have {actual} bytes: it was cut, or something was appended")]
pub struct FileLengthError {
    /// The bytes of the file.
    pub actual: u64,
}
