//! Why an account cannot be synced.
//!
//! None of them leaves a changed store: a sync commits as its last step. What a sync finds at single sites is no error
//! but a part of its result ([`Synced`](super::Synced)), so that one bad site never keeps the others from being stored.

use zkvault_client::ClientError;
use zkvault_core::trust::AcceptError;

use crate::store::{Cause, StoreError};

/// A sync did not happen: the store is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The service did not list the account.
    #[error(transparent)]
    Service(#[from] ClientError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store is that of another account.
    #[error("the local store of this profile is of {stored}, not of {asked}")]
    OtherAccount {
        /// The host of the store's account.
        stored: String,
        /// The host that was to be synced.
        asked: String,
    },
    /// The store has no sites of these ids, in their order. None of the sites that were named with them was changed.
    #[error("the local store has no site of the id {}", listed(.0))]
    NoSuchSites(Vec<u64>),
    /// A site cannot be accepted as it is.
    #[error("site {id} cannot be accepted as it is")]
    NotAccepted {
        /// The site.
        id: u64,
        /// Why.
        source: AcceptError,
    },
    /// A trusted copy has no pin. Cannot be: they are kept together.
    #[error("site {0} has a trusted copy and no pin")]
    NoPin(u64),
    /// The parts of a backup do not belong together.
    #[error("the backup contradicts itself")]
    Contradiction(#[source] Cause),
}

codes!(SyncError {
    Self::OtherAccount { .. } => "other-account",
    Self::NoSuchSites(_) => "not-found",
    Self::NotAccepted { .. } => "not-accepted",
    Self::NoPin(_) => "internal",
    Self::Contradiction(_) => "backup-malformed",
    ;
    Self::Service(error) => inner(error),
    Self::Store(error) => inner(error),
});

impl SyncError {
    /// The parts of a backup do not belong together, for this reason.
    pub fn contradiction(cause: impl Into<Cause>) -> Self {
        Self::Contradiction(cause.into())
    }
}

fn listed(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    ids.join(", ")
}
