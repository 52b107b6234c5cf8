//! A part of the store, opened whole or only where it is needed.
//!
//! A sealed record is a row of pieces of 16 KiB, each authenticated under its number
//! ([`RecordReader`]). A lookup opens the two or three pieces that it needs of an index of megabytes. What it does not
//! open it does not know: a part that was cut behind them is found damaged when it is opened whole.

use std::collections::BTreeMap;
use std::path::Path;

use zeroize::Zeroizing;
use zkvault_core::SecretBytes;
use zkvault_core::store::{RecordName, RecordReader, StoreKey};

use super::error::Damage;
use super::{Result, SealedPart, StoreError};

/// A part that its key opens.
pub(super) struct Part<'a> {
    sealed: Box<dyn SealedPart + 'a>,
    reader: RecordReader,
    /// For messages.
    path: &'a Path,
    name: RecordName,
    /// Those that were opened by [`Self::bytes`].
    pieces: BTreeMap<u64, SecretBytes>,
}

impl<'a> Part<'a> {
    /// Reads the beginning, which proves that it is this part, of this revision, of this store.
    pub(super) fn open(
        sealed: Option<Box<dyn SealedPart + 'a>>,
        key: &StoreKey,
        name: RecordName,
        path: &'a Path,
    ) -> Result<Self> {
        let damaged = || StoreError::damaged(path, Damage::Part(name.kind));
        let sealed = sealed.ok_or_else(damaged)?;
        let mut header = [0; RecordReader::HEADER_LEN];
        if sealed.size() < header.len() as u64 {
            return Err(damaged());
        }
        sealed.read(0, &mut header)?;
        let reader = key.reader(name, &header, sealed.size()).map_err(|_| damaged())?;
        Ok(Self {
            sealed,
            reader,
            path,
            name,
            pieces: BTreeMap::new(),
        })
    }

    /// How many bytes it has, as far as nothing was cut off.
    pub(super) fn len(&self) -> u64 {
        self.reader.plaintext_len()
    }

    /// All of it.
    pub(super) fn whole(&self) -> Result<SecretBytes> {
        let len = usize::try_from(self.len()).map_err(|_| self.damaged())?;
        // Of its whole length from the start: one that grew would leave copies behind.
        let mut whole = Zeroizing::new(Vec::with_capacity(len));
        let mut buffer = Vec::new();
        for piece in 0..=self.len() / RecordReader::PIECE_LEN as u64 {
            self.open_piece(piece, &mut buffer, &mut whole)?;
        }
        Ok(SecretBytes::from(std::mem::take(&mut *whole)))
    }

    /// `len` bytes from `from` on.
    pub(super) fn bytes(&mut self, from: u64, len: u64) -> Result<SecretBytes> {
        let end = from.checked_add(len).filter(|end| *end <= self.len());
        let end = end.ok_or_else(|| self.damaged())?;
        let len = usize::try_from(len).map_err(|_| self.damaged())?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(len));
        let mut at = from;
        while at < end {
            let (piece, start) = (at / RecordReader::PIECE_LEN as u64, at % RecordReader::PIECE_LEN as u64);
            let piece = self.piece(piece)?.expose_secret();
            let rest = piece.get(start as usize..).unwrap_or_default();
            let wanted = rest.get(..(end - at) as usize).unwrap_or(rest);
            if wanted.is_empty() {
                return Err(self.damaged());
            }
            bytes.extend_from_slice(wanted);
            at += wanted.len() as u64;
        }
        Ok(SecretBytes::from(std::mem::take(&mut *bytes)))
    }

    /// One piece, which is opened once.
    fn piece(&mut self, piece: u64) -> Result<&SecretBytes> {
        if !self.pieces.contains_key(&piece) {
            let mut opened = Zeroizing::new(Vec::with_capacity(RecordReader::PIECE_LEN));
            self.open_piece(piece, &mut Vec::new(), &mut opened)?;
            self.pieces
                .insert(piece, SecretBytes::from(std::mem::take(&mut *opened)));
        }
        self.pieces.get(&piece).ok_or_else(|| self.damaged())
    }

    /// Opens a piece to the end of `out`. What is read is in `buffer`, which may be used again.
    fn open_piece(&self, piece: u64, buffer: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<()> {
        let at = RecordReader::HEADER_LEN as u64 + piece * RecordReader::SEALED_PIECE_LEN as u64;
        let left = self.sealed.size().checked_sub(at).ok_or_else(|| self.damaged())?;
        buffer.resize(left.min(RecordReader::SEALED_PIECE_LEN as u64) as usize, 0);
        self.sealed.read(at, buffer)?;
        let opened = self.reader.open_piece(piece, buffer, out);
        opened.map_err(|_| self.damaged())
    }

    fn damaged(&self) -> StoreError {
        StoreError::damaged(self.path, Damage::Part(self.name.kind))
    }
}
