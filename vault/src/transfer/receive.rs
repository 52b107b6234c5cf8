//! The blocks of one file on their way from the storage into its draft.
//!
//! The buffers that the network was read into go to a worker as they are, about [`BATCH_LEN`] of one block at a time. It
//! opens what is in them and writes it where it belongs, piece by piece from the processor's cache; nothing is copied
//! in between. While a worker has a batch, no more is read of that block, and others keep the network busy. So a block
//! takes the same memory however long it is.
//!
//! What is opened is authentic chunk by chunk; that a block is whole shows at its end, and that the file is, at the end
//! of its last block. Before that nothing of the file has a name.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;
use zkvault_client::blob::{BlobErrorKind, Pieces};
use zkvault_client::{Bytes, NativeTransport};
use zkvault_core::file::{BlockOpener, BlockSpan, FileOpener, OpenBlockError};
use zkvault_core::repository::RepositoryPath;

use super::error::{Reason, StorageError, TransferError};
use super::pool::Pool;
use super::source::write_all_at;
use super::stored::{Start, not_downloaded, refused};
use super::{Container, PARALLEL_BLOCKS, PIECE_LEN, Result, on_worker};
use crate::fs::{FileAction, FileError};
use crate::progress::Progress;

/// Bytes of a block that a worker gets at once: enough that the switch between threads costs next to nothing.
const BATCH_LEN: usize = 1 << 20;
/// Bytes that are opened before it is looked whether there is enough to be written.
const PART_LEN: usize = 64 << 10;
/// Bytes of plaintext that are held at most: what is written at once, what a part adds, and a chunk of 16 KiB that it
/// completes.
const PLAINTEXT_LEN: usize = PIECE_LEN + PART_LEN + (16 << 10);
/// Bytes that a block takes on its way: a batch, the ends of its buffers that were not filled, and the next buffer.
const BLOCK_ROOM: u64 = 3 << 20;

/// A file of which blocks come in.
pub(super) struct Incoming<'a> {
    pub(super) container: &'a Container,
    pub(super) pool: &'a Arc<Pool>,
    pub(super) progress: &'a dyn Progress,
    pub(super) name: &'a RepositoryPath,
    pub(super) start: &'a Start,
}

impl Incoming<'_> {
    /// Receives blocks, several at once: for each its place in the blob, and what takes it.
    pub(super) async fn receive(&self, blocks: impl Iterator<Item = (Range<u64>, Block)> + Send) -> Result<()> {
        stream::iter(blocks)
            .map(|(range, block)| Ok(self.block(range, block)))
            .try_buffer_unordered(PARALLEL_BLOCKS)
            .try_collect()
            .await
    }

    async fn block(&self, range: Range<u64>, mut block: Block) -> Result<()> {
        let _room = self.pool.room(BLOCK_ROOM).await?;
        let (here, rest) = self.start.split(range);
        let (blob, etag) = (&self.start.blob, &self.start.properties.etag);
        let mut pieces = self.container.pieces(blob, rest, etag);
        let mut batch = vec![here];
        loop {
            self.fill(&mut batch, &mut pieces).await?;
            let (given, is_whole) = (std::mem::take(&mut batch), pieces.is_done());
            let (written, rest) = on_worker(move || block.take(&given, is_whole)).await?;
            self.progress.advance(written);
            match rest {
                Some(rest) => block = rest,
                None => return Ok(()),
            }
        }
    }

    /// Reads until there is a batch, or nothing more.
    async fn fill(&self, batch: &mut Vec<Bytes>, pieces: &mut Pieces<'_, NativeTransport>) -> Result<()> {
        let mut len: usize = batch.iter().map(Bytes::len).sum();
        while len < BATCH_LEN {
            let piece = pieces.next_piece().await.map_err(|error| match error.kind() {
                BlobErrorKind::Conflict => TransferError::ReplacedMeanwhile {
                    name: self.name.to_string(),
                    source: Reason::new("it was replaced while it was downloaded"),
                },
                _ => StorageError::new(not_downloaded(self.name), error).into(),
            })?;
            let Some(piece) = piece else { break };
            len += piece.len();
            batch.push(piece);
        }
        Ok(())
    }
}

/// A block that is opened, if it is sealed, and written as it comes in.
pub(super) struct Block {
    sealed: Option<Sealed>,
    place: Place,
}

/// Where the next bytes of content go.
struct Place {
    file: Arc<File>,
    offset: u64,
    name: RepositoryPath,
}

struct Sealed {
    opener: BlockOpener<Arc<FileOpener>>,
    index: u64,
    /// What was opened and is not written yet. It never grows.
    plaintext: Zeroizing<Vec<u8>>,
}

impl Block {
    /// A block of a sealed file.
    pub(super) fn sealed(opener: &Arc<FileOpener>, span: &BlockSpan, file: &Arc<File>, name: &RepositoryPath) -> Self {
        let len = usize::try_from(span.plaintext_len).unwrap_or(usize::MAX);
        let sealed = Sealed {
            opener: BlockOpener::new(Arc::clone(opener), span.index, span.last),
            index: span.index,
            plaintext: Zeroizing::new(Vec::with_capacity(len.min(PLAINTEXT_LEN))),
        };
        Self {
            sealed: Some(sealed),
            ..Self::plain(span.index * u64::from(opener.layout().block_size().bytes()), file, name)
        }
    }

    /// Bytes that are written as they are, from an offset on.
    pub(super) fn plain(offset: u64, file: &Arc<File>, name: &RepositoryPath) -> Self {
        let place = Place {
            file: Arc::clone(file),
            offset,
            name: name.clone(),
        };
        Self { sealed: None, place }
    }

    /// Takes the next pieces, and returns how many bytes were written. `is_whole` says that there are no more; otherwise
    /// it wants the next.
    fn take(mut self, pieces: &[Bytes], is_whole: bool) -> Result<(u64, Option<Self>)> {
        let before = self.place.offset;
        for piece in pieces {
            match &mut self.sealed {
                Some(sealed) => sealed.open(piece, &mut self.place)?,
                None => self.place.write(piece)?,
            }
        }
        if is_whole && let Some(sealed) = self.sealed.take() {
            sealed.finish(&mut self.place)?;
        }
        Ok((self.place.offset - before, (!is_whole).then_some(self)))
    }
}

impl Sealed {
    fn open(&mut self, piece: &[u8], place: &mut Place) -> Result<()> {
        for part in piece.chunks(PART_LEN) {
            let opened = self.opener.update(part, &mut self.plaintext);
            opened.map_err(|error| not_opened(place, self.index, error))?;
            if self.plaintext.len() >= PIECE_LEN {
                place.write(&self.plaintext)?;
                self.plaintext.clear();
            }
        }
        Ok(())
    }

    /// The end of the block, which shows that it was whole.
    fn finish(mut self, place: &mut Place) -> Result<()> {
        let finished = self.opener.finish(&mut self.plaintext);
        finished.map_err(|error| not_opened(place, self.index, error))?;
        place.write(&self.plaintext)
    }
}

impl Place {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        write_all_at(&self.file, bytes, self.offset).map_err(|error| not_written(&self.name, error))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

fn not_opened(place: &Place, index: u64, error: OpenBlockError) -> TransferError {
    refused(&place.name, format!("block {index}: {error}"))
}

/// The file has no name yet, so an error has the one that it would get.
pub(super) fn not_written(name: &RepositoryPath, error: std::io::Error) -> TransferError {
    FileError::system(FileAction::Write, Path::new(name.as_str()), error).into()
}
