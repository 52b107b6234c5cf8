//! A snapshot's document as one gzip member (RFC 1952).
//!
//! Apart from [`Snapshot::to_document`], so that a program whose host compresses, as a browser does, links no
//! inflate.

use std::io::{self, Read, Write as _};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{ReadSnapshotError, Snapshot, SnapshotLimits, WriteSnapshotError};

impl Snapshot {
    /// The snapshot as compressed bytes.
    ///
    /// The compressed bytes depend on the compressor; only the document has a digest.
    ///
    /// # Errors
    /// [`WriteSnapshotError::Device`], [`WriteSnapshotError::TooLong`] when the document or the compressed bytes are
    /// above `limits`, and [`WriteSnapshotError::Json`].
    pub fn encode(&self, limits: SnapshotLimits) -> Result<Vec<u8>, WriteSnapshotError> {
        self.check_device()?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut document = 0;
        let written = self.write(&mut |bytes| {
            document += bytes.len();
            gzip.write_all(bytes)
        });
        let compressed = written
            .and_then(|()| gzip.finish())
            .map_err(|_: io::Error| WriteSnapshotError::Json)?;
        if document > limits.document || compressed.len() > limits.compressed {
            return Err(WriteSnapshotError::TooLong { document });
        }
        Ok(compressed)
    }

    /// Reads compressed bytes. Only the form that [`Self::encode`] writes is accepted, so that a document has
    /// one digest.
    ///
    /// # Errors
    /// * [`ReadSnapshotError::CompressedTooLong`] before anything is decompressed, and
    ///   [`ReadSnapshotError::DocumentTooLong`] when one byte more than the limit came out.
    /// * [`ReadSnapshotError::Gzip`] for a wrong checksum or length, and for anything after the one member.
    /// * As for [`Self::from_document`].
    pub fn decode(bytes: &[u8], limits: SnapshotLimits) -> Result<Self, ReadSnapshotError> {
        Self::from_document(&decompress(bytes, limits)?)
    }
}

pub(super) fn decompress(bytes: &[u8], limits: SnapshotLimits) -> Result<Vec<u8>, ReadSnapshotError> {
    if bytes.len() > limits.compressed {
        return Err(ReadSnapshotError::CompressedTooLong {
            bytes: bytes.len(),
            limit: limits.compressed,
        });
    }
    let limit = limits.document;
    let mut gzip = GzDecoder::new(bytes).take((limit as u64).saturating_add(1));
    let mut document = Vec::new();
    let outcome = gzip.read_to_end(&mut document);
    if document.len() > limit {
        return Err(ReadSnapshotError::DocumentTooLong { limit });
    }
    outcome.map_err(|_| ReadSnapshotError::Gzip)?;
    if gzip.into_inner().into_inner().is_empty() {
        Ok(document)
    } else {
        Err(ReadSnapshotError::Gzip)
    }
}
