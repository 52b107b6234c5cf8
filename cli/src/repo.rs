//! A repository: a container of Azure blobs, reached by a SAS, whose files only key holders can name and read.

mod error;
pub(crate) mod keys;
mod link;
mod listing;

pub(crate) use self::error::failed;
pub(crate) use self::link::{Rights, container, given, open};
pub(crate) use self::listing::warn;

use tokio::runtime::{Builder, Runtime};
pub(crate) use zkvault::transfer::Container;
use zkvault::workers;

use crate::error::{CliError, Result};
use crate::output::Patience;

/// Where requests wait for the network on this thread, and files are encrypted on others.
pub(crate) fn runtime() -> Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_io()
        .enable_time()
        .max_blocking_threads(workers::workers())
        .build();
    runtime.map_err(|error| CliError::io("cannot start to wait for the network", &error))
}

/// Waits for the storage, and says so on a terminal where that takes long.
pub(crate) fn wait<T>(container: &Container, work: impl Future<Output = T>) -> Result<T> {
    let _patience = Patience::with(format!("a response of {}", container.url()));
    Ok(runtime()?.block_on(work))
}
