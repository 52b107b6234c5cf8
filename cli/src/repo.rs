//! A repository: a container of Azure blobs, reached by a SAS, whose files only key holders can name and read.

mod error;
mod keys;
mod link;
mod listing;
mod local;
mod selection;

pub(crate) use self::error::{ends_repository, failed, is_missing, named};
pub(crate) use self::keys::RepositoryKeys;
pub(crate) use self::link::{Rights, container, open};
pub(crate) use self::listing::{Files, Listed, list_plain, list_sealed};
pub(crate) use self::local::{Item, collect, target};
pub(crate) use self::selection::Selection;

use tokio::runtime::{Builder, Runtime};
use zkvault_client::NativeTransport;
use zkvault_client::blob::BlobContainer;

use crate::error::{CliError, Result};
use zkvault::workers;

/// A container on this machine's network.
pub(crate) type Container = BlobContainer<NativeTransport>;

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
