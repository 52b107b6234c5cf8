//! A snapshot's document as one gzip member (RFC 1952).

use std::io::{self, Read, Write as _};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{ReadSnapshotError, Snapshot, SnapshotLimits, WriteSnapshotError};

impl Snapshot {
    /// The snapshot as compressed bytes.
    ///
    /// # Errors
    /// [`WriteSnapshotError`] when the device's label or the whole is longer than a reader with the same
    /// limits accepts.
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
    /// [`ReadSnapshotError`]. No more is decompressed than the limit and one byte.
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
