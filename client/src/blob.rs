//! Azure Blob Storage, reached by a shared access signature (SAS): as much as encrypted files need.
//!
//! Block blobs in one container: blocks are put in parallel and committed at once, so that a blob is whole or not
//! there. Every block is checked by the service (`x-ms-content-crc64`), every request may be repeated, and what
//! the token does not allow is said by its name. Facts and pitfalls: docs/adr/0010-azure-blobs.md.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault_client::blob::{BlobContainer, Condition, SasUrl, WriteOptions};
//! use zkvault_client::core::SecretText;
//! use zkvault_client::{Bytes, NativeTransport};
//!
//! let address = SecretText::from(std::env::var("SAS_URL")?);
//! let container = BlobContainer::new(NativeTransport::new(), SasUrl::parse(&address)?);
//! let options = WriteOptions {
//!     condition: Condition::Absent,
//!     metadata: Vec::new(),
//!     content_type: "application/octet-stream".to_owned(),
//! };
//! container.put_blob("notes/today", Bytes::from_static(b"sealed before"), &options).await?;
//!
//! let mut listing = container.list("notes/", "");
//! while let Some(page) = listing.next_page().await? {
//!     // some thousand blobs, and those that cannot be used
//! }
//! # Ok(())
//! # }
//! ```

mod access;
mod advice;
mod block;
mod checksum;
mod committed;
mod cors;
mod error;
mod exchange;
mod lanes;
mod list;
mod parallel;
mod patience;
mod payload;
mod pieces;
mod read;
mod refusal;
mod said;
mod sas_url;
mod write;
mod xml;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use access::{Renew, RenewalError};
pub use block::{BlockId, BlockIdError, StoredBlock};
pub use checksum::Checksum;
pub use committed::Committed;
pub use cors::{CorsGap, cors_gaps};
pub use error::{BlobError, BlobErrorKind};
pub use list::{ListedBlob, ListedPage, Listing, OddBlob};
pub use parallel::UploadError;
pub use payload::Payload;
pub use pieces::Pieces;
pub use read::{BlobProperties, Etag};
pub use sas_url::{SasUrl, SasUrlError};
pub use write::{Condition, WriteOptions};

use crate::transport::Transport;
use access::Access;
use lanes::Lanes;

/// A container of block blobs, and the token that opens it.
pub struct BlobContainer<T> {
    transport: T,
    access: Access,
    lanes: Lanes,
    /// How long one request is tried once the service has answered.
    give_up_after: Duration,
    /// Whether the service has answered at all: it is waited for longer then.
    reached: AtomicBool,
    /// Whether requests name a version of the API.
    versioned: AtomicBool,
}

impl<T: Transport> BlobContainer<T> {
    /// Nothing is sent yet.
    pub fn new(transport: T, url: SasUrl) -> Self {
        Self::with_access(transport, Access::new(url, None))
    }

    /// With a way to get new tokens: ahead of the end of the one in use, and when the service says that it has ended.
    /// Only one request asks for it, and the others wait; each is sent again with the new token, a few times at most.
    /// A token for another container is refused.
    pub fn with_renewal(transport: T, url: SasUrl, renew: impl Renew + 'static) -> Self {
        Self::with_access(transport, Access::new(url, Some(Box::new(renew))))
    }

    fn with_access(transport: T, access: Access) -> Self {
        Self {
            transport,
            access,
            lanes: Lanes::default(),
            give_up_after: patience::GIVE_UP_AFTER,
            reached: AtomicBool::new(false),
            versioned: AtomicBool::new(true),
        }
    }

    /// Tries every request for so long, tries and pauses together, while the service has answered others before.
    #[must_use]
    pub fn give_up_after(self, duration: Duration) -> Self {
        Self {
            give_up_after: duration,
            ..self
        }
    }

    /// The service's time in seconds since 1970, as far as its answers told it.
    pub fn service_time(&self) -> Option<u64> {
        self.access.time(self.transport.now())
    }

    /// The address, and what the token in use says of itself.
    pub fn url(&self) -> Arc<SasUrl> {
        self.access.url()
    }
}

impl<T> fmt::Debug for BlobContainer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            access,
            lanes: _,
            give_up_after: _,
            reached: _,
            versioned: _,
        } = self;
        f.debug_struct("BlobContainer")
            .field("url", &access.url())
            .finish_non_exhaustive()
    }
}
