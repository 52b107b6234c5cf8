//! A part of a long record: pieces that are opened alone.

use std::fmt;

use super::{RecordName, StoreKey};
use crate::cobblestone::{self, ChunkReader};
use crate::error::DecryptError;

impl StoreKey {
    /// Opens pieces of a record that has `sealed_len` bytes, from its first [`RecordReader::HEADER_LEN`] bytes.
    ///
    /// # Errors
    /// [`DecryptError`] when it is not this record of this store, or when no record has that length.
    pub fn reader(
        &self,
        name: RecordName,
        header: &[u8; RecordReader::HEADER_LEN],
        sealed_len: u64,
    ) -> Result<RecordReader, DecryptError> {
        let chunks = ChunkReader::new(&self.input_key, &name.context(), header, sealed_len)?;
        let len = cobblestone::plaintext_len(sealed_len).ok_or(DecryptError)?;
        Ok(RecordReader { chunks, len })
    }
}

/// Opens pieces of one record, in any order: of a long one, of which little is needed.
///
/// Each piece is authenticated in its place, so that what is opened is what was sealed there. That nothing is missing
/// behind it is known only once the last piece was opened.
///
/// ```
/// use zkvault_core::store::{RecordKind, RecordName, RecordReader, StoreKey};
///
/// let key = StoreKey::generate()?;
/// let name = RecordName { kind: RecordKind::Index, number: 0, revision: 3 };
/// let sealed = key.seal(name, &[7; 40_000])?;
/// let (header, pieces) = sealed.split_first_chunk().ok_or("it has a header")?;
/// let reader = key.reader(name, header, sealed.len() as u64)?;
///
/// let (piece, mut opened) = (20_000 / RecordReader::PIECE_LEN, Vec::new());
/// let pieces: Vec<&[u8]> = pieces.chunks(RecordReader::SEALED_PIECE_LEN).collect();
/// reader.open_piece(piece as u64, pieces[piece], &mut opened)?;
/// assert_eq!(opened, [7; RecordReader::PIECE_LEN]);
/// assert!(reader.open_piece(piece as u64, pieces[0], &mut opened).is_err(), "it opens in its place alone");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RecordReader {
    chunks: ChunkReader,
    len: u64,
}

impl RecordReader {
    /// Bytes in front of the first piece.
    pub const HEADER_LEN: usize = cobblestone::HEADER_LEN;
    /// Bytes of plaintext in every piece but the last, which is shorter.
    pub const PIECE_LEN: usize = cobblestone::CHUNK_LEN;
    /// Bytes of a sealed piece that is not the last.
    pub const SEALED_PIECE_LEN: usize = cobblestone::SEALED_CHUNK_LEN;

    /// Bytes of the whole plaintext, as far as the length that was given is the record's.
    #[must_use]
    pub const fn plaintext_len(&self) -> u64 {
        self.len
    }

    /// Opens a piece and appends its plaintext to `out`, which the caller wipes. Nothing is appended on an error.
    ///
    /// # Errors
    /// [`DecryptError`] when it is not this piece of this record.
    pub fn open_piece(&self, piece: u64, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        self.chunks.open_chunk(piece, sealed, out)
    }
}

/// Shows the length alone.
impl fmt::Debug for RecordReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chunks: _, len } = self;
        f.debug_struct("RecordReader").field("len", len).finish_non_exhaustive()
    }
}
