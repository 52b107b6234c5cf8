//! What a file becomes in the storage: parts, each an Azure block. One is made when its turn comes.

use std::sync::Arc;

use zeroize::Zeroizing;
use zkvault::time;
use zkvault_client::Bytes;
use zkvault_client::blob::{BlockId, Checksum, Payload};
use zkvault_core::RandomError;
use zkvault_core::file::{BlockSize, FileExtent, FileMeta, FileSealer, SealBlockError};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryEntry, RepositoryPath};

use super::PIECE_LEN;
use super::pool::Buffer;
use super::source::Source;
use crate::error::{CliError, Exit, Result};

/// Blocks of a file; Azure takes 50,000, and the prelude is one.
const MAX_BLOCKS: u64 = 49_000;
const MIB: u64 = 1 << 20;
/// Bytes that tell the blocks of one upload from those of another.
const TAG_LEN: usize = 8;

/// A file as the storage will have it.
pub(super) enum Content {
    /// Encrypted: a prelude, and blocks.
    Sealed {
        sealer: Box<FileSealer>,
        extent: FileExtent,
    },
    /// As it is.
    Plain {
        tag: [u8; TAG_LEN],
        len: u64,
        block_len: u64,
    },
}

impl Content {
    /// A new encryption of a file, under a key of its own.
    pub(super) fn sealed(source: &Source, name: &RepositoryPath, key: &Arc<VaultKey>) -> Result<Self> {
        let block_size = u32::try_from(block_len(source.stamp.len))
            .ok()
            .and_then(|len| BlockSize::new(len).ok());
        let meta = FileMeta {
            name: Some(name.file_name().to_owned()),
            size: Some(source.stamp.len),
            modified: source.modified.and_then(time::of_file),
            content_type: None,
        };
        let sealer = FileSealer::new(
            &[Arc::clone(key)],
            &[],
            &meta,
            block_size.ok_or_else(too_large)?,
            time::now()?,
        );
        Self::of_sealer(sealer.map_err(not_sealed)?, source)
    }

    /// A file without encryption.
    pub(super) fn plain(source: &Source) -> Result<Self> {
        let mut tag = [0; TAG_LEN];
        getrandom::fill(&mut tag).map_err(|_| not_sealed(RandomError))?;
        Ok(Self::of_tag(tag, source))
    }

    /// What was begun before, from what [`Self::begun`] told; nothing when it is no such thing.
    pub(super) fn resume(begun: &[u8], source: &Source, keys: Option<&KeySet>) -> Option<Self> {
        match keys {
            Some(keys) => Self::of_sealer(FileSealer::resume(begun, keys).ok()?, source).ok(),
            None => Some(Self::of_tag(begun.try_into().ok()?, source)),
        }
    }

    fn of_sealer(sealer: FileSealer, source: &Source) -> Result<Self> {
        let extent = sealer.layout().extent(source.stamp.len).ok_or_else(too_large)?;
        let sealer = Box::new(sealer);
        Ok(Self::Sealed { sealer, extent })
    }

    fn of_tag(tag: [u8; TAG_LEN], source: &Source) -> Self {
        let len = source.stamp.len;
        let block_len = block_len(len);
        Self::Plain { tag, len, block_len }
    }

    /// What another run needs to go on: the prelude, which only a key holder can use, or the tag.
    pub(super) fn begun(&self) -> Vec<u8> {
        match self {
            Self::Sealed { sealer, .. } => sealer.prelude().to_vec(),
            Self::Plain { tag, .. } => tag.to_vec(),
        }
    }

    /// The metadata that goes with the blob. No other upload has the same.
    pub(super) fn metadata(
        &self,
        source: &Source,
        name: &RepositoryPath,
        key: Option<&VaultKey>,
    ) -> Result<(String, String)> {
        match (self, key) {
            (Self::Sealed { sealer, .. }, Some(key)) => {
                let entry = RepositoryEntry {
                    path: name.clone(),
                    size: source.stamp.len,
                    modified: source.modified.and_then(time::of_file),
                    prelude: sealer.prelude_digest(),
                };
                Ok(("zkv".to_owned(), entry.seal(key).map_err(not_sealed)?))
            }
            _ => Ok(("zkvupload".to_owned(), hex::encode(self.tag()))),
        }
    }

    /// SHA-256 of the prelude, for an encrypted file.
    pub(super) fn prelude_digest(&self) -> Option<[u8; 32]> {
        match self {
            Self::Sealed { sealer, .. } => Some(sealer.prelude_digest()),
            Self::Plain { .. } => None,
        }
    }

    /// Bytes in the storage.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Sealed { extent, .. } => extent.file_len(),
            Self::Plain { len, .. } => *len,
        }
    }

    /// Whether it goes in one request.
    pub(super) fn is_small(&self) -> bool {
        match self {
            Self::Sealed { extent, .. } => extent.block_count() == 1,
            Self::Plain { len, block_len, .. } => len <= block_len,
        }
    }

    /// The number of parts: with encryption the prelude is the first one.
    pub(super) fn parts(&self) -> u64 {
        match self {
            Self::Sealed { extent, .. } => extent.block_count() + 1,
            Self::Plain { len, block_len, .. } => len.div_ceil(*block_len),
        }
    }

    /// Bytes of a part in the storage.
    pub(super) fn part_len(&self, part: u64) -> u64 {
        match (self, part) {
            (Self::Sealed { sealer, .. }, 0) => sealer.prelude().len() as u64,
            (Self::Sealed { extent, .. }, part) => extent.block(part - 1).map_or(0, |block| block.sealed_len),
            (Self::Plain { len, block_len, .. }, part) => len.saturating_sub(part * block_len).min(*block_len),
        }
    }

    /// Bytes of the source in a part.
    pub(super) fn source_len(&self, part: u64) -> u64 {
        match (self, part) {
            (Self::Sealed { .. }, 0) => 0,
            (Self::Sealed { extent, .. }, part) => extent.block(part - 1).map_or(0, |block| block.plaintext_len),
            (Self::Plain { .. }, part) => self.part_len(part),
        }
    }

    /// The identifier of a part's block: of the same length for every part, and of no other upload.
    pub(super) fn id(&self, part: u64) -> Result<BlockId> {
        let part = u32::try_from(part).map_err(|_| too_large())?;
        BlockId::new(&[&self.tag()[..], &part.to_be_bytes()].concat()).map_err(not_sealed)
    }

    fn tag(&self) -> [u8; TAG_LEN] {
        match self {
            Self::Plain { tag, .. } => *tag,
            Self::Sealed { sealer, .. } => {
                let mut tag = [0; TAG_LEN];
                tag.iter_mut()
                    .zip(sealer.prelude_digest())
                    .for_each(|(to, from)| *to = from);
                tag
            }
        }
    }

    /// Makes all of a small file.
    pub(super) fn make_whole(&self, source: &Source, buffer: Buffer) -> Result<Payload> {
        let mut out = Draft::new(buffer);
        (0..self.parts()).try_for_each(|part| self.make_into(part, source, &mut out))?;
        source.check()?;
        Ok(out.payload())
    }

    /// Makes a part. Made again, an encrypted one is another ciphertext.
    pub(super) fn make(&self, part: u64, source: &Source, buffer: Buffer) -> Result<Payload> {
        let mut out = Draft::new(buffer);
        self.make_into(part, source, &mut out)?;
        Ok(out.payload())
    }

    fn make_into(&self, part: u64, source: &Source, out: &mut Draft) -> Result<()> {
        match (self, part) {
            (Self::Sealed { sealer, .. }, 0) => out.bytes().extend_from_slice(sealer.prelude()),
            (Self::Sealed { sealer, extent }, part) => seal(sealer, extent, part - 1, source, out)?,
            (Self::Plain { block_len, .. }, part) => copy(source, part * block_len, self.part_len(part), out)?,
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

fn copy(source: &Source, mut offset: u64, len: u64, out: &mut Draft) -> Result<()> {
    let mut left = len;
    while left > 0 {
        let len = left.min(PIECE_LEN as u64);
        let start = out.bytes().len();
        out.bytes().resize(start + len as usize, 0);
        source.read_at(out.bytes().get_mut(start..).unwrap_or_default(), offset)?;
        out.sum();
        offset += len;
        left -= len;
    }
    Ok(())
}

fn seal(sealer: &FileSealer, extent: &FileExtent, index: u64, source: &Source, out: &mut Draft) -> Result<()> {
    let span = extent.block(index).ok_or_else(too_large)?;
    let offset = index * u64::from(sealer.layout().block_size().bytes());
    let mut piece = Zeroizing::new(vec![0; span.plaintext_len.min(PIECE_LEN as u64) as usize]);
    if span.plaintext_len <= PIECE_LEN as u64 {
        source.read_at(&mut piece, offset)?;
        let sealed = sealer.seal_block(index, span.last, &piece, out.bytes());
        return sealed.map_err(|error| not_a_block(error, source));
    }
    let block = sealer.block_sealer(index, span.last, out.bytes());
    let (mut block, mut done) = (block.map_err(not_sealed)?, 0);
    while done < span.plaintext_len {
        let len = (span.plaintext_len - done).min(PIECE_LEN as u64);
        let piece = piece.get_mut(..len as usize).unwrap_or_default();
        source.read_at(piece, offset + done)?;
        let sealed = block.update(piece, out.bytes());
        sealed.map_err(|error| not_a_block(error, source))?;
        out.sum();
        done += len;
    }
    let sealed = block.finish(out.bytes());
    sealed.map_err(|error| not_a_block(error, source))
}

/// 8 MiB, or as many more as a file needs to have few enough blocks.
fn block_len(len: u64) -> u64 {
    len.div_ceil(MAX_BLOCKS).div_ceil(MIB).max(8) * MIB
}

fn not_a_block(error: SealBlockError, source: &Source) -> CliError {
    match error {
        SealBlockError::Length(_) => source.changed(),
        error => not_sealed(error),
    }
}

fn not_sealed(error: impl ToString) -> CliError {
    CliError::new(Exit::Other, "seal", "the file was not encrypted").cause(error)
}

fn too_large() -> CliError {
    CliError::new(Exit::Other, "too-large", "the file is larger than a blob can be")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_grow_with_the_file() {
        assert_eq!((block_len(0), block_len(1)), (8 * MIB, 8 * MIB));
        assert_eq!(block_len(49_000 * 8 * MIB), 8 * MIB);
        assert_eq!(block_len(49_000 * 8 * MIB + 1), 9 * MIB);
        for len in [1 << 40, 5 << 40] {
            assert!(len / block_len(len) < MAX_BLOCKS, "{len}");
            assert!(BlockSize::new(block_len(len) as u32).is_ok(), "{len}");
        }
    }
}
