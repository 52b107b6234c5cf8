//! What a file becomes in the storage: parts, each an Azure block. One is made when its turn comes.
//!
//! `Content` is what is fixed when an upload begins: the prelude with the wrapped key, how many parts there are and how
//! long each is, and their identifiers. Every part is made from it and the source alone, in any order and on any
//! thread, and made again if the storage loses it. A part that is made again is a different ciphertext under a fresh
//! salt, in a block of the same identifier and length, so it does not matter which of the two the storage keeps.
//!
//! A part is read in pieces of 256 KiB; each piece is sealed, and summed for the CRC-64 that the storage checks, while
//! it is in the processor's cache. The plaintext is wiped with the part; the ciphertext is in a buffer of the pool.

use std::sync::Arc;

use zeroize::Zeroizing;
use zkvault_client::Bytes;
use zkvault_client::blob::{BlockId, Checksum, Payload};
use zkvault_core::file::{
    BlockSize, FileMeta, FileSealer, FileTooLargeError, Part, PartMark, SealBlockError, UploadPlan, UploadTag,
};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryEntry, RepositoryPath};

use super::error::{SealFileError, TransferError};
use super::pool::Buffer;
use super::source::Source;
use super::{PIECE_LEN, Result};
use crate::time;

/// A file as the storage will have it.
pub(super) struct Content {
    plan: UploadPlan,
    /// None of a file that is stored as it is.
    sealer: Option<Box<FileSealer>>,
}

impl Content {
    /// A new encryption of a file, under a key of its own.
    pub(super) fn sealed(source: &Source, name: &RepositoryPath, key: &Arc<VaultKey>) -> Result<Self> {
        let meta = FileMeta {
            name: Some(name.file_name().to_owned()),
            size: Some(source.stamp.len),
            modified: source.modified.and_then(time::of_file),
            content_type: None,
        };
        let block_size = UploadPlan::block_size(source.stamp.len)?;
        let sealer = FileSealer::new(&[Arc::clone(key)], &[], &meta, block_size, time::now()?);
        Self::of_sealer(sealer.map_err(SealFileError::from)?, source)
    }

    /// A file of so many bytes that is in the storage already, under another key.
    pub(super) fn resealed(meta: &FileMeta, block_size: BlockSize, len: u64, key: &Arc<VaultKey>) -> Result<Self> {
        let sealer = FileSealer::new(&[Arc::clone(key)], &[], meta, block_size, time::now()?);
        Ok(Self::of_length(sealer.map_err(SealFileError::from)?, len)?)
    }

    /// The same, begun before: from what [`Self::begun`] told. Nothing when that is of another file, or under another key.
    pub(super) fn resume_resealed(begun: &[u8], len: u64, key: &Arc<VaultKey>) -> Option<Self> {
        let mut keys = KeySet::new();
        keys.add(Arc::clone(key), None);
        Self::of_length(FileSealer::resume(begun, &keys).ok()?, len).ok()
    }

    /// A file without encryption.
    pub(super) fn plain(source: &Source) -> Result<Self> {
        Self::of_tag(UploadTag::generate().map_err(SealFileError::from)?, source)
    }

    /// What was begun before, from what [`Self::begun`] told; nothing when it is no such thing.
    pub(super) fn resume(begun: &[u8], source: &Source, keys: Option<&KeySet>) -> Option<Self> {
        match keys {
            Some(keys) => Self::of_sealer(FileSealer::resume(begun, keys).ok()?, source).ok(),
            None => Self::of_tag(UploadTag::from_bytes(begun)?, source).ok(),
        }
    }

    fn of_sealer(sealer: FileSealer, source: &Source) -> Result<Self> {
        Ok(Self::of_length(sealer, source.stamp.len)?)
    }

    /// The parts of a sealed file of this length.
    fn of_length(sealer: FileSealer, len: u64) -> std::result::Result<Self, FileTooLargeError> {
        Ok(Self {
            plan: UploadPlan::of_file(&sealer, len)?,
            sealer: Some(Box::new(sealer)),
        })
    }

    fn of_tag(tag: UploadTag, source: &Source) -> Result<Self> {
        Ok(Self {
            plan: UploadPlan::plain(tag, source.stamp.len)?,
            sealer: None,
        })
    }

    /// Which parts it has.
    pub(super) fn plan(&self) -> &UploadPlan {
        &self.plan
    }

    /// What another run needs to resume: the prelude, which only a key holder can use, or the tag.
    pub(super) fn begun(&self) -> Vec<u8> {
        match &self.sealer {
            Some(sealer) => sealer.prelude().to_vec(),
            None => self.plan.tag().as_bytes().to_vec(),
        }
    }

    /// The metadata that goes with the blob. No other upload has the same.
    ///
    /// For a sealed file it is the entry, by which a listing finds the path; for a plain one the tag. Either is new for
    /// each upload, so that a file whose commit was not answered can be recognised as this very upload.
    pub(super) fn metadata(
        &self,
        source: &Source,
        name: &RepositoryPath,
        key: Option<&VaultKey>,
    ) -> Result<(String, String)> {
        match (&self.sealer, key) {
            (Some(sealer), Some(key)) => {
                let entry = RepositoryEntry {
                    path: name.clone(),
                    size: source.stamp.len,
                    modified: source.modified.and_then(time::of_file),
                    prelude: sealer.prelude_digest(),
                };
                Ok(("zkv".to_owned(), entry.seal(key).map_err(SealFileError::from)?))
            }
            _ => Ok(("zkvupload".to_owned(), hex::encode(self.plan.tag().as_bytes()))),
        }
    }

    /// SHA-256 of the prelude, for an encrypted file.
    pub(super) fn prelude_digest(&self) -> Option<[u8; 32]> {
        self.sealer.as_ref().map(|sealer| sealer.prelude_digest())
    }

    /// The parts in their order, by number.
    pub(super) fn parts(&self) -> impl Iterator<Item = (u32, Part)> {
        (0..self.plan.parts()).filter_map(|number| Some((number, self.plan.part(number)?)))
    }

    /// The part of a number.
    pub(super) fn part(&self, number: u64) -> Option<Part> {
        self.plan.part(u32::try_from(number).ok()?)
    }

    /// The identifier of a part's block. What the source has is known from its stamp, so there are no marks.
    pub(super) fn id(&self, part: u32) -> Result<BlockId> {
        let id = self.plan.id(part, PartMark::default());
        // An identifier has 24 bytes, of 64 that it may have.
        Ok(BlockId::new(&id.to_bytes()).map_err(|_| FileTooLargeError)?)
    }

    /// Makes all of a small file.
    pub(super) fn make_whole(&self, source: &Source, buffer: Buffer) -> Result<Payload> {
        let mut out = Draft::new(buffer);
        self.parts()
            .try_for_each(|(_, part)| self.make_into(&part, source, &mut out))?;
        source.check()?;
        Ok(out.payload())
    }

    /// Makes a part. Made again, an encrypted one is another ciphertext.
    pub(super) fn make(&self, part: &Part, source: &Source, buffer: Buffer) -> Result<Payload> {
        let mut out = Draft::new(buffer);
        self.make_into(part, source, &mut out)?;
        Ok(out.payload())
    }

    /// The prelude alone, which is part 0.
    pub(super) fn prelude_payload(&self, buffer: Buffer) -> Payload {
        let mut out = Draft::new(buffer);
        self.put_prelude(&mut out);
        out.payload()
    }

    /// A block of the given plaintext, in place of what is in the buffer.
    pub(super) fn reseal_block(&self, index: u64, plaintext: &[u8], mut buffer: Buffer) -> Result<Payload> {
        buffer.bytes.clear();
        let mut out = Draft::new(buffer);
        self.put_block(index, plaintext, &mut out)?;
        Ok(out.payload())
    }

    /// A file of one block with the given plaintext, in place of what is in the buffer.
    pub(super) fn reseal_whole(&self, plaintext: &[u8], mut buffer: Buffer) -> Result<Payload> {
        buffer.bytes.clear();
        let mut out = Draft::new(buffer);
        self.put_prelude(&mut out);
        self.put_block(0, plaintext, &mut out)?;
        Ok(out.payload())
    }

    /// Appends the prelude, which is part 0 of a file of several blocks.
    fn put_prelude(&self, out: &mut Draft) {
        let prelude = self.sealer.as_ref().map(|sealer| sealer.prelude());
        out.bytes().extend_from_slice(prelude.unwrap_or_default());
        out.sum();
    }

    /// Appends a block of plaintext that is in memory as a whole, for a file that is sealed anew.
    fn put_block(&self, index: u64, plaintext: &[u8], out: &mut Draft) -> Result<()> {
        let number = u32::try_from(index).ok().and_then(|index| index.checked_add(1));
        let part = number.and_then(|number| self.plan.part(number));
        let (Some(sealer), Some(part)) = (&self.sealer, part) else {
            return Err(FileTooLargeError.into());
        };
        let sealed = sealer.seal_block(index, part.last, plaintext, out.bytes());
        sealed.map_err(SealFileError::from)?;
        out.sum();
        Ok(())
    }

    /// Appends a part: the prelude, a block that is sealed, or a block as it is.
    fn make_into(&self, part: &Part, source: &Source, out: &mut Draft) -> Result<()> {
        match (&self.sealer, part.block) {
            (Some(sealer), None) => out.bytes().extend_from_slice(sealer.prelude()),
            (Some(sealer), Some(index)) => seal(sealer, index, part, source, out)?,
            (None, _) => copy(source, part, out)?,
        }
        out.sum();
        Ok(())
    }
}

/// A part while it is made. What was added is summed before it leaves the processor's cache.
struct Draft {
    buffer: Buffer,
    checksum: Checksum,
    summed: usize,
}

impl Draft {
    fn new(buffer: Buffer) -> Self {
        Self {
            buffer,
            checksum: Checksum::default(),
            summed: 0,
        }
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.buffer.bytes
    }

    fn sum(&mut self) {
        self.checksum
            .update(self.buffer.bytes.get(self.summed..).unwrap_or_default());
        self.summed = self.buffer.bytes.len();
    }

    fn payload(self) -> Payload {
        Payload::summed(Bytes::from_owner(self.buffer), &self.checksum)
    }
}

/// Appends a block of a file that is not encrypted.
fn copy(source: &Source, part: &Part, out: &mut Draft) -> Result<()> {
    let mut done = 0;
    while done < part.content_len {
        let len = (part.content_len - done).min(PIECE_LEN as u64);
        let start = out.bytes().len();
        out.bytes().resize(start + len as usize, 0);
        source.read_at(out.bytes().get_mut(start..).unwrap_or_default(), part.offset + done)?;
        out.sum();
        done += len;
    }
    Ok(())
}

/// Appends a sealed block, of a piece of the source at a time. A block of one piece is sealed in one step.
fn seal(sealer: &FileSealer, index: u64, part: &Part, source: &Source, out: &mut Draft) -> Result<()> {
    let mut piece = Zeroizing::new(vec![0; part.content_len.min(PIECE_LEN as u64) as usize]);
    if part.content_len <= PIECE_LEN as u64 {
        source.read_at(&mut piece, part.offset)?;
        let sealed = sealer.seal_block(index, part.last, &piece, out.bytes());
        return sealed.map_err(|error| not_a_block(error, source));
    }
    let block = sealer.block_sealer(index, part.last, out.bytes());
    let (mut block, mut done) = (block.map_err(SealFileError::from)?, 0);
    while done < part.content_len {
        let len = (part.content_len - done).min(PIECE_LEN as u64);
        let piece = piece.get_mut(..len as usize).unwrap_or_default();
        source.read_at(piece, part.offset + done)?;
        let sealed = block.update(piece, out.bytes());
        sealed.map_err(|error| not_a_block(error, source))?;
        out.sum();
        done += len;
    }
    let sealed = block.finish(out.bytes());
    sealed.map_err(|error| not_a_block(error, source))
}

/// A block of the wrong length means that the source became shorter or longer while it was read.
fn not_a_block(error: SealBlockError, source: &Source) -> TransferError {
    match error {
        SealBlockError::Length(_) => source.changed(),
        error => SealFileError::from(error).into(),
    }
}
