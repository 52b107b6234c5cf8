//! Where the bytes of blocks are: in memory, or in files of a temporary folder.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use tempfile::TempDir;

/// Where a storage account keeps its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In memory: fast, for small things.
    Memory,
    /// In a temporary folder, which goes with the account.
    Folder,
}

#[derive(Debug)]
pub(super) enum Store {
    Memory,
    Folder { folder: Arc<TempDir>, next: AtomicU64 },
}

impl Store {
    pub(super) fn open(storage: Storage) -> io::Result<Self> {
        Ok(match storage {
            Storage::Memory => Self::Memory,
            Storage::Folder => Self::Folder {
                folder: Arc::new(TempDir::with_prefix("zkv-simulator-")?),
                next: AtomicU64::new(0),
            },
        })
    }

    pub(super) fn keep(&self, bytes: Bytes) -> io::Result<Piece> {
        match self {
            Self::Memory => Ok(Piece::Memory(bytes)),
            Self::Folder { folder, next } => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let path = folder.path().join(number.to_string());
                fs::write(&path, &bytes)?;
                Ok(Piece::File(Arc::new(StoredFile {
                    path,
                    len: bytes.len() as u64,
                    _folder: Arc::clone(folder),
                })))
            }
        }
    }
}

/// The bytes of one block.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Memory(Bytes),
    File(Arc<StoredFile>),
}

/// A file that goes when nobody needs it any more.
#[derive(Debug)]
pub(super) struct StoredFile {
    path: PathBuf,
    len: u64,
    _folder: Arc<TempDir>,
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        // The folder goes at the end in any case.
        let _ = fs::remove_file(&self.path);
    }
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.len,
        }
    }

    /// Appends the bytes from `start` up to `end`, as far as there are any.
    fn read(&self, start: u64, end: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let end = end.min(self.len());
        if start >= end {
            return Ok(());
        }
        match self {
            Self::Memory(bytes) => out.extend_from_slice(bytes.get(start as usize..end as usize).unwrap_or_default()),
            Self::File(file) => {
                let mut file = fs::File::open(&file.path)?;
                file.seek(SeekFrom::Start(start))?;
                file.take(end - start).read_to_end(out)?;
            }
        }
        Ok(())
    }
}

/// The bytes from `start` up to `end` of pieces that lie end to end.
pub(super) fn read<'a>(pieces: impl IntoIterator<Item = &'a Piece>, start: u64, end: u64) -> io::Result<Bytes> {
    let mut out = Vec::with_capacity(usize::try_from(end.saturating_sub(start)).unwrap_or_default());
    let mut offset = 0;
    for piece in pieces {
        piece.read(start.saturating_sub(offset), end.saturating_sub(offset), &mut out)?;
        offset += piece.len();
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_goes_through_pieces_wherever_they_are() {
        for storage in [Storage::Memory, Storage::Folder] {
            let store = Store::open(storage).unwrap();
            let pieces: Vec<_> = ["abc", "", "defg", "h"]
                .iter()
                .map(|piece| store.keep(Bytes::from_static(piece.as_bytes())).unwrap())
                .collect();
            for start in 0..=8_usize {
                for end in start..=8 {
                    let got = read(&pieces, start as u64, end as u64).unwrap();
                    assert_eq!(got, "abcdefgh".as_bytes()[start..end], "{start}..{end}");
                }
            }
            assert_eq!(read(&pieces, 7, 100).unwrap(), "h");
        }
    }
}
