//! A repository: a container of Azure blobs, reached by a SAS, whose files only key holders can name and read.

mod error;
mod keys;
mod listing;
mod local;

pub(crate) use self::error::{failed, is_missing, named};
pub(crate) use self::keys::RepositoryKeys;
pub(crate) use self::listing::{Listed, list_plain, list_sealed};
pub(crate) use self::local::{Item, collect, target};

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use zkvault_client::{BlobContainer, NativeTransport, SasUrl, Timeouts};

use crate::error::{CliError, Exit, Result};
use crate::{passphrase, ring};

/// A container on this machine's network.
pub(crate) type Container = BlobContainer<NativeTransport>;

/// A block of 8 MiB has to pass within the first of these, also over a slow line with seven others.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(300),
    whole: Duration::from_secs(1800),
};

/// The container that `ZKV_SAS` or `ZKV_SAS_FILE` names.
pub(crate) fn container() -> Result<Container> {
    const HINT: &str =
        "set ZKV_SAS_FILE to a file that holds the address of a container with its SAS token, or ZKV_SAS";
    let given = passphrase::from_environment("ZKV_SAS")?.ok_or_else(|| {
        CliError::new(Exit::InputNeeded, "input-needed", "there is no address of a repository").hint(HINT)
    })?;
    let url = SasUrl::parse(&given).map_err(|error| {
        CliError::usage("the address of the repository was refused")
            .cause(error)
            .hint(HINT)
    })?;
    Ok(BlobContainer::new(NativeTransport::with_timeouts(TIMEOUTS), url))
}

/// Where requests wait for the network on this thread, and files are encrypted on others.
pub(crate) fn runtime() -> Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_io()
        .enable_time()
        .max_blocking_threads(ring::workers())
        .build();
    runtime.map_err(|error| CliError::io("cannot start to wait for the network", &error))
}
