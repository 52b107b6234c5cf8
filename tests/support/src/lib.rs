//! What the tests of several packages share: a folder in which zkv runs, the vendors' services in this process, clients
//! for them, and searches for secrets in what they exchange.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod desk;
mod echo;
mod hasty;
mod host;
mod http;
mod repository;
mod services;
mod spellings;

pub use crate::desk::{Desk, PASSPHRASE, json_of, repository, stderr_of, stdout};
pub use crate::echo::{CANARY, Echo};
pub use crate::hasty::Hasty;
pub use crate::host::Host;
pub use crate::http::{Got, client, send};
pub use crate::repository::{ALL, HOUR, Ran, Repository};
pub use crate::services::{API_KEY, API_SECRET, LoomeService, Service, StorageService, secret};
pub use crate::spellings::{Canaries, spellings};
