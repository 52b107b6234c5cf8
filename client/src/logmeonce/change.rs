//! What a call changes, and somebody who writes it down before it is sent.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ties::{Rights, Tie};
use super::{Call, LogMeOnce};
use crate::error::{ClientError, ErrorKind};
use crate::marker::{MaybeSend, MaybeSync};
use crate::refusal::Asked;
use crate::transport::Transport;

/// What a call changes at the service, by ids. No key, token or value is in it, and of a profile only the names of the
/// fields.
///
/// As JSON it is `{"do":"assign","tie":"site-users","owner":1,"ids":[2]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ServiceChange {
    /// The ids are tied to the owner: assigned, added or joined.
    Assign {
        /// In which relation.
        tie: Tie,
        /// The one in whose path they are.
        owner: u64,
        /// The others.
        ids: Vec<u64>,
    },
    /// The ids are untied from the owner.
    Unassign {
        /// In which relation.
        tie: Tie,
        /// The one in whose path they are.
        owner: u64,
        /// The others.
        ids: Vec<u64>,
    },
    /// The permissions that go with ties change.
    SetPrivileges {
        /// In which relation.
        tie: Tie,
        /// The one in whose path they are.
        owner: u64,
        /// The others.
        ids: Vec<u64>,
        /// The names of the permissions that are set.
        allow: Vec<String>,
        /// The names of those that are unset.
        deny: Vec<String>,
    },
    /// A user's profile changes.
    UpdateUser {
        /// The user.
        id: u64,
        /// The names of the fields.
        fields: Vec<String>,
    },
    /// A user is deleted.
    DeleteUser {
        /// The user.
        id: u64,
    },
    /// A user is activated.
    ActivateUser {
        /// The user.
        id: u64,
        /// Whether a sealed key goes with it.
        with_key: bool,
    },
    /// A user is deactivated.
    DeactivateUser {
        /// The user.
        id: u64,
    },
    /// A group is created.
    CreateGroup {
        /// Its name.
        name: String,
    },
    /// A group's name or description changes.
    UpdateGroup {
        /// The group.
        id: u64,
        /// The names of the fields.
        fields: Vec<String>,
    },
    /// Something that the API's reference does not have: what it does is not known.
    Other {
        /// The method.
        method: String,
        /// The path below `/rest`, without its query.
        path: String,
    },
}

impl ServiceChange {
    /// The permissions that a call sets and unsets.
    pub(super) fn of_rights(tie: Tie, owner: u64, ids: &[u64], rights: Rights) -> Self {
        let named = |wanted: bool| {
            let named = rights.named().filter(move |(_, on)| *on == wanted);
            named.map(|(name, _)| name.to_owned()).collect()
        };
        Self::SetPrivileges {
            tie,
            owner,
            ids: ids.to_vec(),
            allow: named(true),
            deny: named(false),
        }
    }
}

/// The names under which services say that something was done.
const TIED: &[&str] = &["assigned", "added", "joined"];
const UNTIED: &[&str] = &["unassigned", "removed", "left"];
const UPDATED: &[&str] = &["updated", "saved", "applied"];

impl ServiceChange {
    /// What its response is expected to say, if it says what was done.
    pub(super) fn asked(&self) -> Option<Asked<'_>> {
        use std::slice::from_ref;
        let (ids, deeds): (&[u64], &'static [&'static str]) = match self {
            Self::Assign { ids, .. } => (ids, TIED),
            Self::Unassign { ids, .. } => (ids, UNTIED),
            Self::SetPrivileges { ids, .. } => (ids, UPDATED),
            Self::UpdateUser { id, .. } | Self::UpdateGroup { id, .. } => (from_ref(id), UPDATED),
            Self::DeleteUser { id } => (from_ref(id), &["deleted", "removed"]),
            Self::ActivateUser { id, .. } => (from_ref(id), &["activated"]),
            Self::DeactivateUser { id } => (from_ref(id), &["deactivated"]),
            Self::CreateGroup { .. } => (&[], &["created", "added"]),
            Self::Other { .. } => return None,
        };
        let is_counted = matches!(self, Self::Assign { .. } | Self::Unassign { .. });
        Some(Asked { ids, deeds, is_counted })
    }
}

/// How the sending of a change ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The service confirmed it.
    Confirmed,
    /// There was a response with this status, which nobody has read: to a raw request.
    Answered(u16),
    /// It failed; the error says whether the service may have made the change all the same.
    Failed(&'a ClientError),
}

/// Somebody who is told of every change that a client sends: before, and what became of it. A change of which only the
/// beginning was told may or may not have happened.
///
/// Both methods are called on the thread that sends, and may write a file. Retries of a request are one change.
pub trait Witness: Debug + MaybeSend + MaybeSync {
    /// Notes that a change is about to be sent, and gives the number under which its outcome is told.
    ///
    /// # Errors
    /// Why it was not noted. Then nothing is sent.
    fn before(&self, change: &ServiceChange) -> Result<u64, String>;

    /// Notes how a change ended.
    fn after(&self, number: u64, outcome: Outcome<'_>);
}

impl<T: Transport> LogMeOnce<T> {
    /// Tells a witness of every change, from now on.
    #[must_use]
    pub fn with_witness(self, witness: Arc<dyn Witness>) -> Self {
        Self {
            witness: Some(witness),
            ..self
        }
    }

    /// Sends a call, with the witness told before and after if it changes something. Everything that is sent goes
    /// through here.
    pub(super) async fn witnessed<R>(
        &self,
        call: &Call,
        send: impl Future<Output = Result<R, ClientError>> + MaybeSend,
        outcome: impl Fn(&R) -> Outcome<'static> + MaybeSend,
    ) -> Result<R, ClientError> {
        let (Some(witness), Some(change)) = (&self.witness, call.change()) else {
            return send.await;
        };
        let number = witness.before(change).map_err(|reason| {
            ClientError::new(ErrorKind::Request).with_detail(format!("it could not be recorded first: {reason}"))
        })?;
        let result = send.await;
        match &result {
            Ok(response) => witness.after(number, outcome(response)),
            Err(error) => witness.after(number, Outcome::Failed(error)),
        }
        result
    }
}
