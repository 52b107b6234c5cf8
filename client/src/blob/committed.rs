//! A look at a blob right after its commit.

use super::BlobContainer;
use super::block::StoredBlock;
use super::error::{BlobError, BlobErrorKind};
use super::read::Etag;
use crate::transport::Transport;

/// What a storage has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The token may not read: the storage's word for the commit, and the checksum of every block, have to do.
    Unknown,
    /// A different version: it was replaced meanwhile.
    Replaced,
    /// The version that was committed.
    Present {
        /// Its bytes.
        len: u64,
        /// The blocks of which it consists, in their order.
        blocks: Vec<StoredBlock>,
    },
}

impl<T: Transport> BlobContainer<T> {
    /// Looks at what a commit made: the version `etag` of a blob.
    ///
    /// # Errors
    /// [`BlobError`], also when there is no such blob any more.
    pub async fn committed(&self, blob: &str, etag: &Etag) -> Result<Committed, BlobError> {
        let properties = match self.properties(blob).await {
            Err(error) if matches!(error.kind(), BlobErrorKind::Permission { .. }) => return Ok(Committed::Unknown),
            properties => properties?,
        };
        if properties.etag != *etag {
            return Ok(Committed::Replaced);
        }
        Ok(Committed::Present {
            len: properties.len,
            blocks: self.committed_blocks(blob).await?,
        })
    }
}
