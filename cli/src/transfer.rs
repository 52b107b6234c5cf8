//! Files on their way to and from a repository: several at once, in blocks, within a fixed amount of memory.

mod content;
mod download;
mod job;
mod journal;
mod pool;
mod source;
mod upload;
mod verify;

pub(crate) use self::download::{Downloaded, Downloader};
pub(crate) use self::job::Job;
pub(crate) use self::journal::prune;
pub(crate) use self::upload::{Uploaded, Uploader};

use crate::error::{CliError, Exit, Result};

/// Blocks of one file that are on their way at once.
pub(crate) const PARALLEL_BLOCKS: usize = 8;
/// Files that are on their way at once: for small ones it is the waiting that takes time.
pub(crate) const PARALLEL_FILES: usize = 16;
/// Bytes that are read and sealed, or opened and written, at once: they fit into a processor's cache.
const PIECE_LEN: usize = 256 << 10;
/// Bytes of all blocks in flight.
const MAX_IN_FLIGHT: u64 = 72 << 20;

/// Runs what takes a processor or a disk on another thread.
async fn on_worker<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| CliError::new(Exit::Other, "internal", "a worker thread ended early").cause(error))?
}
