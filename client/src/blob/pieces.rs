//! A range of a blob, piece by piece as it arrives.
//!
//! The pieces are the buffers that were read into: who opens or writes a long range needs no copy of it, and no room
//! for more than the pieces that it holds. Where the response breaks off, the rest is asked for, of the same version;
//! what was handed out is not asked for again.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::BlobContainer;
use super::error::BlobError;
use super::patience::Patience;
use super::read::{Etag, ask_range, total_of};
use crate::transport::{Body, Transport};

/// A range of one version of a blob, which comes in pieces of any length.
pub struct Pieces<'a, T: Transport> {
    container: &'a BlobContainer<T>,
    blob: &'a str,
    etag: &'a Etag,
    /// What is still to come.
    range: Range<u64>,
    /// For all responses together.
    patience: Patience,
    /// When the response that comes in was asked for.
    began: u64,
    body: Option<T::Body>,
}

impl<T: Transport> BlobContainer<T> {
    /// Reads the bytes of `range` of this version of a blob, as they arrive. Nothing is asked for before the first
    /// [`Pieces::next_piece`].
    pub fn pieces<'a>(&'a self, blob: &'a str, range: Range<u64>, etag: &'a Etag) -> Pieces<'a, T> {
        Pieces {
            container: self,
            blob,
            etag,
            range,
            patience: Patience::new(self.give_up_after),
            began: 0,
            body: None,
        }
    }

    /// The response to a request for a range, of which nothing was read yet.
    async fn body_of(&self, blob: &str, range: &Range<u64>, etag: &Etag) -> Result<T::Body, BlobError> {
        let ask = ask_range(blob, range.start, range.end - range.start, Some(etag));
        let answer = self.ask(&ask, |answer| async move {
            match total_of(&answer, range.start)? {
                total if total < range.end => Err(BlobError::malformed("it ends before the range")),
                _ => Ok(answer.into_body()),
            }
        });
        answer.await
    }
}

impl<T: Transport> Pieces<'_, T> {
    /// Whether all of the range was handed out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.range.is_empty()
    }

    /// The next bytes of the range, at least one; `None` when that was all.
    ///
    /// # Errors
    /// [`BlobError`]; of the kind [`Conflict`](super::BlobErrorKind::Conflict) when the blob is another version.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, BlobError> {
        while !self.is_done() {
            let mut body = match self.body.take() {
                Some(body) => body,
                None => {
                    self.began = self.container.transport.now();
                    self.container.body_of(self.blob, &self.range, self.etag).await?
                }
            };
            match self.piece(&mut body).await {
                Ok(piece) => {
                    self.body = Some(body);
                    return Ok(Some(piece));
                }
                Err(error) => self.pause(error).await?,
            }
        }
        // The connection is free for the next request once the end of the response was seen.
        if let Some(mut body) = self.body.take() {
            let _ = body.chunk().await;
        }
        Ok(None)
    }

    /// The next bytes of the response. It ends after the range, and not before.
    async fn piece(&mut self, body: &mut T::Body) -> Result<Bytes, BlobError> {
        let piece = body.chunk().await?.ok_or_else(BlobError::cut_off)?;
        let len = piece.len() as u64;
        if len > self.range.end - self.range.start {
            return Err(BlobError::malformed("it has more bytes than were asked for"));
        }
        self.range.start += len;
        Ok(piece)
    }

    /// Waits before the rest is asked for, or gives up.
    async fn pause(&mut self, error: BlobError) -> Result<(), BlobError> {
        let pause = self.container.pause_after(&error, &mut self.patience, self.began);
        self.container.transport.sleep(pause.ok_or(error)?).await;
        Ok(())
    }
}

impl<T: Transport> fmt::Debug for Pieces<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            container: _,
            blob,
            etag,
            range,
            patience: _,
            began: _,
            body: _,
        } = self;
        f.debug_struct("Pieces")
            .field("blob", blob)
            .field("etag", etag)
            .field("range", range)
            .finish_non_exhaustive()
    }
}
