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
//!
//! # Upload
//!
//! [`collect`] finds the files and their names. For each, [`Uploader::upload`] goes through these steps; those in
//! italics are for files of several blocks only:
//!
//! 1. The file is opened and its stamp taken: length, times, device and number.
//! 2. A job that says that an earlier run finished it is believed if the storage still has that version.
//! 3. A path that is taken under another key of the line is refused, unless it is to be replaced.
//! 4. *The journal of the file is opened; what it says of the same stamp is resumed.*
//! 5. The parts are made and sent, [`PARALLEL_BLOCKS`] at a time: each is read, sealed and summed in pieces that fit
//!    into a processor's cache. *Each one that the storage has taken is noted.*
//! 6. The stamp is compared once more, and the blob is committed: where nothing is to be replaced, only if its name is
//!    free.
//! 7. *The list of committed blocks is compared with the plan, and the journal is removed.*
//! 8. The same file under the line's other keys is removed, where it was to be replaced; the job notes the file.
//!
//! Nothing is under the file's name before step 6. A run that is killed leaves blocks that the storage forgets after a
//! week, and a journal that the next run of the same upload finds. In the storage a sealed file is laid out as
//! docs/spec/repository.md#layout-in-azure says.
//!
//! # Download
//!
//! [`Downloader::sealed`] asks for the first mebibyte of the blob, opens its entry and its prelude, and checks both
//! against the name that was asked for and the length. Then it fetches the blocks of this one version of the blob, in
//! parallel, opens each while it arrives, and writes it where it belongs in a file without a name. When the last block
//! opened and all of the file is on the disk, it gets its name. Small files are put on the disk in groups.
//!
//! # Limits
//!
//! 72 MiB of blocks are in memory at once, 8 blocks of a file and, by the callers in this crate, 16 files; of downloads
//! up to 48 more are written and wait for the disk. A block has 8 MiB, or as many MiB more as keep a file under 49,000
//! blocks; of one that is downloaded no more is in memory than a worker opens at once. The storage decides what else is
//! slow: after a 503 half as many requests run at once ([ADR
//! 0010](https://github.com/zkvault/zkvault/blob/main/docs/adr/0010-azure-blobs.md)).

mod blocks;
mod download;
mod error;
mod job;
mod journal;
mod line;
mod local;
mod naming;
mod opened;
mod plan;
mod pool;
mod receive;
mod rekey;
mod resume;
mod source;
mod stored;
mod upload;
mod verify;
mod whole;

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
/// Downloads that a caller begins at once: those that are received, and those that are written and wait for the disk.
pub const PARALLEL_DOWNLOADS: usize = 64;
/// Bytes that are read and sealed, or opened and written, at once: they fit into a processor's cache.
const PIECE_LEN: usize = 256 << 10;
/// Bytes of all blocks in flight.
const MAX_IN_FLIGHT: u64 = 72 << 20;

type Result<T> = std::result::Result<T, TransferError>;

/// Runs work that takes a processor or a disk on a different thread.
///
/// What is sealed and written in a future would keep every other transfer of its thread waiting.
async fn on_worker<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    tokio::task::spawn_blocking(work).await.map_err(|_| WorkersEnded)?
}
