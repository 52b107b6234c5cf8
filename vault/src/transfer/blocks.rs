//! Sending a blob in blocks: those that the storage does not have, and then the list of them all. What it loses in between
//! is sent again.
//!
//! An upload and a rekey end here; they differ in how a part is made, and in what says that its source is still the
//! same. What the storage has is asked of the storage, and taken from the journal only where the token may not read:
//! blocks expire after a week, and a commit of any other upload of the same name drops them.

use std::collections::BTreeSet;

use serde::Serialize;
use zkvault_client::blob::{BlobError, BlobErrorKind, BlockId, Etag, Payload, UploadError, WriteOptions};

use super::error::{Reason, TransferError};
use super::journal::SharedJournal;
use super::plan::Content;
use super::resume::is_forbidden;
use super::{Container, Result};
use crate::progress::Progress;

/// How often blocks are sent again that the storage lost.
///
/// More rounds would only repeat a race with a different upload of the same name, which neither of the two can win.
const MAX_ROUNDS: usize = 3;

/// A blob that is sent in blocks.
pub(super) struct Blocks<'a> {
    pub(super) container: &'a Container,
    /// What a person calls it.
    pub(super) name: &'a str,
    /// What the storage calls it.
    pub(super) blob: &'a str,
    /// What is sent: its parts, their identifiers and lengths.
    pub(super) content: &'a Content,
    /// Condition, metadata and type of the commit.
    pub(super) options: &'a WriteOptions,
    /// Notes each part that the storage has taken.
    pub(super) journal: &'a SharedJournal,
    /// Blocks that are on their way at once.
    pub(super) parallel: usize,
    /// Hears of bytes of content.
    pub(super) progress: &'a dyn Progress,
    /// What an error of the storage means here.
    pub(super) failure: &'a (dyn Fn(BlobError) -> TransferError + Send + Sync),
}

impl Blocks<'_> {
    /// Sends the blocks that the storage does not have, and commits them all. `noted` are those that it took from an earlier
    /// run; where there was none, the journal begins with the `stamp` of the source. `make` makes a block, and `check` says
    /// before each commit whether the source still is what they were made of. Returns the version of the blob, and how many
    /// blocks an earlier run had sent.
    ///
    /// # Errors
    ///
    /// [`TransferError`]: [`BlocksLost`](TransferError::BlocksLost) when the storage loses them again and again.
    pub(super) async fn send<F>(
        &self,
        stamp: &(impl Serialize + Sync),
        noted: Option<BTreeSet<u32>>,
        make: impl Fn(u64) -> F + Send + Sync,
        check: impl Fn() -> Result<()> + Send + Sync,
    ) -> Result<(Etag, u64)>
    where
        F: Future<Output = Result<Payload>> + Send,
    {
        let mut stored = match noted {
            Some(noted) => self.in_storage().await?.unwrap_or(noted),
            None => {
                self.journal
                    .with(|journal| journal.begin(stamp, &self.content.begun()))?;
                BTreeSet::new()
            }
        };
        let resumed = stored.len() as u64;
        let earlier = self.content.parts().filter(|(number, _)| stored.contains(number));
        self.progress.advance(earlier.map(|(_, part)| part.content_len).sum());
        let ids = self.content.parts().map(|(number, _)| self.content.id(number));
        let ids = ids.collect::<Result<Vec<_>>>()?;
        for _ in 0..MAX_ROUNDS {
            self.send_missing(&ids, &stored, &make).await?;
            check()?;
            match self.container.commit(self.blob, &ids, self.options).await {
                Ok(etag) => return Ok((etag, resumed)),
                // They expired, or another upload of the same name dropped them.
                Err(error) if error.kind() == BlobErrorKind::BlockList => {
                    stored = self.in_storage().await?.unwrap_or_default();
                }
                Err(error) => return Err((self.failure)(error)),
            }
        }
        Err(TransferError::BlocksLost {
            name: self.name.to_owned(),
            source: Reason::new("the storage drops its blocks: somebody else uploads under the same name"),
        })
    }

    /// Sends the parts that are not in `stored`. The first error ends it; parts that were taken stay noted.
    async fn send_missing<F>(
        &self,
        ids: &[BlockId],
        stored: &BTreeSet<u32>,
        make: &(impl Fn(u64) -> F + Send + Sync),
    ) -> Result<()>
    where
        F: Future<Output = Result<Payload>> + Send,
    {
        let missing = (0_u32..).zip(ids.iter().cloned());
        let missing = missing.filter(|(number, _)| !stored.contains(number));
        let missing: Vec<_> = missing.map(|(number, id)| (u64::from(number), id)).collect();
        let note = |number: u64| {
            let part = self.content.part(number);
            self.progress.advance(part.map_or(0, |part| part.content_len));
            self.journal.with(|journal| journal.stored(number))
        };
        let put = self.container.put_blocks(self.blob, missing, self.parallel, make, note);
        put.await.map_err(|error| match error {
            UploadError::Source(error) => error,
            UploadError::Blob(error) => (self.failure)(error),
        })
    }

    /// The parts that wait in the storage; `None` where the token may not read them.
    async fn in_storage(&self) -> Result<Option<BTreeSet<u32>>> {
        let blocks = match self.container.uncommitted_blocks(self.blob).await {
            Err(error) if is_forbidden(&error) => return Ok(None),
            blocks => blocks.map_err(self.failure)?,
        };
        let listed = blocks.iter().map(|block| (block.id.as_str(), block.len));
        Ok(Some(self.content.plan().stored(listed).into_keys().collect()))
    }
}
