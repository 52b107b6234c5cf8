//! Many blocks at once.

use std::future::Future;

use futures_util::stream::{self, StreamExt as _};

use super::BlobContainer;
use super::block::BlockId;
use super::error::BlobError;
use super::payload::Payload;
use crate::marker::{MaybeSend, MaybeSync};
use crate::transport::Transport;

/// Blocks were not uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadError<E> {
    /// A block could not be made.
    Source(E),
    /// The storage did not take it.
    Blob(BlobError),
}

impl<T: Transport> BlobContainer<T> {
    /// Puts blocks, at most `parallel` at once. Each is made by `make` when its turn comes, so that no more of them
    /// than that are ever held; `stored` hears of each that the storage has taken.
    ///
    /// # Errors
    /// The first one. The other blocks are given up then; those that were taken stay until they expire.
    pub async fn put_blocks<P, E, F>(
        &self,
        blob: &str,
        ids: impl IntoIterator<Item = (u64, BlockId), IntoIter: MaybeSend> + MaybeSend,
        parallel: usize,
        make: impl Fn(u64) -> F + MaybeSend + MaybeSync,
        mut stored: impl FnMut(u64) -> Result<(), E> + MaybeSend,
    ) -> Result<(), UploadError<E>>
    where
        P: Into<Payload> + MaybeSend,
        E: MaybeSend,
        F: Future<Output = Result<P, E>> + MaybeSend,
    {
        let make = &make;
        let one = |index: u64, id: BlockId| async move {
            let content = make(index).await.map_err(UploadError::Source)?;
            self.put_block(blob, &id, content).await.map_err(UploadError::Blob)?;
            Ok(index)
        };
        let puts = ids.into_iter().map(|(index, id)| one(index, id));
        let mut puts = std::pin::pin!(stream::iter(puts).buffer_unordered(parallel.max(1)));
        while let Some(put) = puts.next().await {
            stored(put?).map_err(UploadError::Source)?;
        }
        Ok(())
    }
}
