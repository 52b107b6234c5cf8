//! Files on their way to and from a repository: several at once, in blocks, within a fixed amount of memory.
//!
//! An upload is planned, its missing parts are sent, the parts are committed, and the committed blob is compared with
//! the plan. A [`Job`] and one journal per file note on the disk what the storage has taken, so that a run after a
//! crash sends only the rest.
//!
//! The futures use Tokio's blocking threads: await them on a Tokio runtime.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use zkvault::transfer::collect;
//!
//! let reports = folder.path().join("reports");
//! std::fs::create_dir(&reports)?;
//! std::fs::write(reports.join("2026.pdf"), "%PDF")?;
//! // A folder keeps its own name, as with `cp -r`.
//! let found = collect(&[reports], None)?;
//! assert_eq!(found.items[0].name.to_string(), "reports/2026.pdf");
//! assert!(found.failed.is_empty());
//! # Ok(())
//! # }
//! ```

mod blocks;
mod download;
mod error;
mod job;
mod journal;
mod line;
mod local;
mod opened;
mod plan;
mod pool;
mod rekey;
mod resume;
mod source;
mod upload;
mod verify;

pub use self::download::{DownloadOptions, Downloaded, Downloader};
pub use self::error::{NotOpened, Reason, SealFileError, StorageError, TransferError};
pub use self::job::Job;
pub use self::journal::prune;
pub use self::local::{Collected, Item, LeftOut, collect, target};
pub use self::opened::OpenedBy;
pub use self::rekey::{Rekeyed, Rekeyer};
pub use self::upload::{UploadOptions, Uploaded, Uploader};
pub use zkvault_core::repository::Candidate;

use zkvault_client::NativeTransport;
use zkvault_client::blob::BlobContainer;

use crate::workers::WorkersEnded;

/// A container on this machine's network.
pub type Container = BlobContainer<NativeTransport>;

/// Blocks of one file that are on their way at once.
pub const PARALLEL_BLOCKS: usize = 8;
/// Files that are on their way at once: with small ones most of the time is spent waiting.
pub const PARALLEL_FILES: usize = 16;
/// Bytes that are read and sealed, or opened and written, at once: they fit into a processor's cache.
const PIECE_LEN: usize = 256 << 10;
/// Bytes of all blocks in flight.
const MAX_IN_FLIGHT: u64 = 72 << 20;

type Result<T> = std::result::Result<T, TransferError>;

/// Runs work that takes a processor or a disk on a different thread.
async fn on_worker<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    tokio::task::spawn_blocking(work).await.map_err(|_| WorkersEnded)?
}
