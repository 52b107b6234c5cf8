//! Azure Blob Storage, reached by a shared access signature (SAS): as much as encrypted files need.
//!
//! Block blobs in one container: blocks are put in parallel and committed at once, so that a blob is whole or not
//! there. Every block is checked by the service (`x-ms-content-crc64`), every request may be repeated, and what
//! the token does not allow is said by its name. Facts and pitfalls: docs/adr/0010-azure-blobs.md.

mod block;
mod error;
mod exchange;
mod list;
mod parallel;
mod patience;
mod payload;
mod read;
mod sas_url;
mod write;
mod xml;

use std::cell::Cell;
use std::fmt;

pub use block::{BlockId, BlockIdError, StoredBlock};
pub use error::{BlobError, BlobErrorKind};
pub use list::{ListedBlob, Listing};
pub use parallel::UploadError;
pub use payload::{Checksum, Payload};
pub use read::{BlobProperties, Etag};
pub use sas_url::{SasUrl, SasUrlError};
pub use write::{Condition, WriteOptions};

use crate::transport::Transport;

/// A container of block blobs, and the token that opens it.
pub struct BlobContainer<T> {
    transport: T,
    url: SasUrl,
    /// Whether the service has answered at all: it is waited for longer then.
    reached: Cell<bool>,
}

impl<T: Transport> BlobContainer<T> {
    /// Nothing is sent yet.
    pub fn new(transport: T, url: SasUrl) -> Self {
        Self {
            transport,
            url,
            reached: Cell::new(false),
        }
    }

    /// The address, and what its token says of itself.
    pub fn url(&self) -> &SasUrl {
        &self.url
    }
}

impl<T> fmt::Debug for BlobContainer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            url,
            reached: _,
        } = self;
        f.debug_struct("BlobContainer")
            .field("url", url)
            .finish_non_exhaustive()
    }
}
