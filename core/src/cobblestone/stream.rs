//! Messages in pieces: sealing and opening with one chunk in memory, and opening any chunk alone.
//!
//! For blocks of files, which have up to 128 MiB. A stream holds 16 KiB whatever the message's length is. Pieces may
//! have any length; a chunk that lies whole in one piece is not copied.

use zeroize::Zeroizing;

use super::derive::{InputKey, MessageKey};
use super::{CHUNK_LEN, HEADER_LEN, SEALED_CHUNK_LEN, TAG_LEN, plaintext_len};
use crate::context::Context;
use crate::error::{DecryptError, RandomError, SealError};

/// Seals a message whose plaintext comes in pieces. Holds at most one chunk.
///
/// Dropped without [`Self::finish`], it leaves a message without an end, which no reader takes for a whole one.
pub(crate) struct SealStream {
    key: MessageKey,
    next_chunk: u64,
    /// Never grows, and all of it is wiped when it is dropped.
    pending: Zeroizing<Vec<u8>>,
}

impl SealStream {
    /// Starts a message: the header goes to `out`.
    pub(crate) fn new(key: &InputKey, context: &Context, out: &mut Vec<u8>) -> Result<Self, RandomError> {
        let (key, header) = MessageKey::generate(key, context)?;
        out.extend_from_slice(&header);
        Ok(Self {
            key,
            next_chunk: 0,
            pending: Zeroizing::new(Vec::with_capacity(CHUNK_LEN)),
        })
    }

    /// Takes more plaintext and appends every chunk it completes to `out`.
    pub(crate) fn update(&mut self, mut plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        while let Some((chunk, rest)) = fill(&mut self.pending, CHUNK_LEN, plaintext) {
            plaintext = rest;
            match chunk {
                Some(chunk) => self.seal_chunk(chunk, out)?,
                None => self.seal_pending(out)?,
            }
        }
        Ok(())
    }

    /// Ends the message with its short chunk.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        self.seal_pending(out)
    }

    fn seal_pending(&mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        let mut pending = std::mem::take(&mut self.pending);
        let sealed = self.seal_chunk(&pending, out);
        pending.clear();
        self.pending = pending;
        sealed
    }

    fn seal_chunk(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.key.seal_chunk(self.next_chunk, plaintext, out)?;
        self.next_chunk += 1;
        Ok(())
    }
}

/// Opens a message that comes in pieces. Every chunk is authenticated before it is released; only a
/// successful [`Self::finish`] says that the message is whole.
///
/// After an error nothing of the failed chunk is in the output, and the stream is of no more use: chunk numbers have
/// moved on, so that a second attempt cannot succeed by accident.
pub(crate) struct OpenStream {
    key: MessageKey,
    next_chunk: u64,
    pending: Vec<u8>,
}

impl OpenStream {
    /// Starts from the header; the commitment is checked at once.
    pub(crate) fn new(key: &InputKey, context: &Context, header: &[u8; HEADER_LEN]) -> Result<Self, DecryptError> {
        Ok(Self {
            key: MessageKey::receive(key, context, header)?,
            next_chunk: 0,
            pending: Vec::with_capacity(SEALED_CHUNK_LEN),
        })
    }

    /// Takes more of the message and appends the plaintext of every chunk it completes to `out`.
    pub(crate) fn update(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        while let Some((chunk, rest)) = fill(&mut self.pending, SEALED_CHUNK_LEN, sealed) {
            sealed = rest;
            match chunk {
                Some(chunk) => self.open_chunk(chunk, out)?,
                None => self.open_pending(out)?,
            }
        }
        Ok(())
    }

    /// Opens the short chunk that ends every message. Without it the message was cut.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        self.open_pending(out)
    }

    fn open_pending(&mut self, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let mut pending = std::mem::take(&mut self.pending);
        let opened = self.open_chunk(&pending, out);
        pending.clear();
        self.pending = pending;
        opened
    }

    fn open_chunk(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let length = sealed.len().checked_sub(TAG_LEN).ok_or(DecryptError)?;
        let start = out.len();
        out.resize(start + length, 0);
        let opened = out.get_mut(start..).unwrap_or_default();
        let result = self.key.open_chunk(self.next_chunk, sealed, opened);
        if result.is_err() {
            out.truncate(start);
        }
        self.next_chunk += 1;
        result
    }
}

/// A chunk, and the input that comes after it. The chunk is `None` when `pending` holds it.
type Filled<'input> = (Option<&'input [u8]>, &'input [u8]);

/// Finds the next `full` bytes: in `input` itself where nothing came before them, else in `pending`, which is filled up.
/// `None` when the input ran out first; `pending` holds it then.
fn fill<'input>(pending: &mut Vec<u8>, full: usize, input: &'input [u8]) -> Option<Filled<'input>> {
    if let (true, Some((chunk, rest))) = (pending.is_empty(), input.split_at_checked(full)) {
        return Some((Some(chunk), rest));
    }
    let wanted = full - pending.len();
    let (taken, rest) = input.split_at(wanted.min(input.len()));
    pending.extend_from_slice(taken);
    (pending.len() == full).then_some((None, rest))
}

/// Opens single chunks of a message whose length is known, in any order.
///
/// The caller learns the length from the storage, which may lie: a longer length makes the last chunk fail, and a
/// shorter one makes the chunk fail that would be the last.
pub(crate) struct ChunkReader {
    key: MessageKey,
    plaintext_len: u64,
}

impl ChunkReader {
    /// Checks the commitment and that a message can have `sealed_len` bytes. The length itself is proved only
    /// by opening the last chunk.
    pub(crate) fn new(
        key: &InputKey,
        context: &Context,
        header: &[u8; HEADER_LEN],
        sealed_len: u64,
    ) -> Result<Self, DecryptError> {
        Ok(Self {
            key: MessageKey::receive(key, context, header)?,
            plaintext_len: plaintext_len(sealed_len).ok_or(DecryptError)?,
        })
    }

    /// Opens chunk `index` and appends its plaintext to `out`.
    pub(crate) fn open_chunk(&self, index: u64, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let offset = index.checked_mul(CHUNK_LEN as u64).ok_or(DecryptError)?;
        let left = self.plaintext_len.checked_sub(offset).ok_or(DecryptError)?;
        // A chunk of any other length does not fit below.
        let length = left.min(CHUNK_LEN as u64) as usize;
        let start = out.len();
        out.resize(start + length, 0);
        let opened = out.get_mut(start..).unwrap_or_default();
        let result = self.key.open_chunk(index, sealed, opened);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{open, seal, sealed_len};
    use super::*;
    use crate::context::Label;

    fn key() -> InputKey {
        InputKey::new(&[7; 32])
    }

    fn context() -> Context {
        Context::new(Label::FileMetaV1)
    }

    fn open_in_pieces(message: &[u8], piece: usize) -> Result<Vec<u8>, DecryptError> {
        let (header, body) = message.split_first_chunk().ok_or(DecryptError)?;
        let mut stream = OpenStream::new(&key(), &context(), header)?;
        let mut plaintext = Vec::new();
        for piece in body.chunks(piece) {
            stream.update(piece, &mut plaintext)?;
        }
        stream.finish(&mut plaintext)?;
        Ok(plaintext)
    }

    proptest! {
        #[test]
        fn a_stream_makes_the_same_message_however_it_is_cut(
            plaintext in proptest::collection::vec(any::<u8>(), 0..50_000),
            piece in 1usize..20_000,
        ) {
            let mut message = Vec::new();
            let mut stream = SealStream::new(&key(), &context(), &mut message).unwrap();
            for piece in plaintext.chunks(piece) {
                stream.update(piece, &mut message).unwrap();
            }
            stream.finish(&mut message).unwrap();
            let opened = open(&key(), &context(), &message).unwrap();
            prop_assert_eq!(opened.expose_secret(), &plaintext);
            prop_assert_eq!(open_in_pieces(&message, piece).unwrap(), plaintext);
        }
    }

    #[test]
    fn a_stream_cut_at_a_chunk_edge_is_not_whole() {
        let message = seal(&key(), &context(), &[1; 2 * CHUNK_LEN]).unwrap();
        for chunks in 0..=2 {
            let cut = HEADER_LEN + chunks * SEALED_CHUNK_LEN;
            assert_eq!(open_in_pieces(&message[..cut], 4096), Err(DecryptError));
        }
        assert!(open_in_pieces(&message, 4096).is_ok());
    }

    #[test]
    fn single_chunks_open_in_any_order() {
        let plaintext: Vec<u8> = (0..2 * CHUNK_LEN + 100).map(|i| (i / 100) as u8).collect();
        let message = seal(&key(), &context(), &plaintext).unwrap();
        assert_eq!(sealed_len(plaintext.len() as u64), Some(message.len() as u64));
        let (header, body) = message.split_first_chunk().unwrap();
        let reader = ChunkReader::new(&key(), &context(), header, message.len() as u64).unwrap();
        let sealed: Vec<_> = body.chunks(SEALED_CHUNK_LEN).collect();
        for index in [2, 0, 1] {
            let mut opened = Vec::new();
            reader.open_chunk(index as u64, sealed[index], &mut opened).unwrap();
            assert_eq!(opened, plaintext.chunks(CHUNK_LEN).nth(index).unwrap());
        }
        let mut nothing = Vec::new();
        assert!(reader.open_chunk(1, sealed[0], &mut nothing).is_err());
        assert!(reader.open_chunk(3, &[0; 16], &mut nothing).is_err());
        assert!(reader.open_chunk(u64::MAX, &[0; 16], &mut nothing).is_err());
        assert!(nothing.is_empty());
    }

    /// A reader that was told of a shorter or longer message does not take the true one's last chunk for its own.
    #[test]
    fn a_chunk_opens_only_in_a_message_of_its_length() {
        let message = seal(&key(), &context(), &[1; 100]).unwrap();
        let (header, body) = message.split_first_chunk().unwrap();
        for other in [message.len() - 1, message.len() + 1, message.len() + SEALED_CHUNK_LEN] {
            let reader = ChunkReader::new(&key(), &context(), header, other as u64).unwrap();
            let mut nothing = Vec::new();
            assert_eq!(reader.open_chunk(0, body, &mut nothing), Err(DecryptError), "{other}");
            assert!(nothing.is_empty());
        }
    }
}
