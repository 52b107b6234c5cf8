//! What goes wrong with blobs, told apart by what can be done about it.

use std::fmt;
use std::time::Duration;

use super::said::Said;
use crate::transport::{TransportError, TransportFault};
use crate::visible::visible;

/// A request for a blob that did not succeed. Shown, it is one sentence, without token and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobError {
    kind: BlobErrorKind,
    status: Option<u16>,
    said: Option<Box<Said>>,
    /// Our own words about the cause.
    detail: Option<String>,
    repeated: bool,
    again: Option<Pause>,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobErrorKind {
    /// The token has expired, by the service's clock.
    Expired {
        /// When, in seconds since 1970 (UTC).
        at: u64,
    },
    /// The token does not hold yet, by the service's clock.
    NotYetValid {
        /// From when on, in seconds since 1970 (UTC).
        from: u64,
    },
    /// The service does not accept the token: its signature is wrong, or it is for a different container.
    Signature,
    /// The service refuses a token that looks right. Azure does so when the account's network rules (its firewall)
    /// do not let this machine in; Azurite also when the signature is wrong.
    NetworkRules,
    /// The token does not allow this.
    Permission {
        /// The letters of which it would need one.
        needs: &'static str,
    },
    /// The token allows to create blobs and not to replace them, and there is one of this name.
    OverwriteDenied,
    /// The token does not hold for this kind of access, protocol or address.
    Scope,
    /// A policy of the storage account forbids this way of access.
    Policy,
    /// The storage account is disabled, or not ready.
    Account,
    /// There is no such container, or it is being deleted.
    NoContainer,
    /// There is no such blob.
    NotFound,
    /// The blob exists already, or has changed meanwhile.
    Conflict,
    /// Somebody holds a lease on the blob.
    Leased,
    /// The blob is in the archive tier, or on its way out of it: it cannot be read or replaced.
    Archived,
    /// A policy or a legal hold keeps the blob from being changed or deleted.
    Immutable,
    /// The blob has snapshots, which are not deleted with it.
    Snapshots,
    /// The name holds something that is not a block blob, such as a folder or an append blob.
    BlobType,
    /// Blocks of a different program wait under this name, and ours do not go with them.
    ForeignBlocks,
    /// A block that was to be committed is not there: it expired, or another upload dropped it.
    BlockList,
    /// The range is beyond the end of the blob.
    Range,
    /// The bytes were changed on their way.
    Checksum,
    /// The service is asked too often.
    Throttled {
        /// What it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service does not know the version of its API that was asked for.
    ApiVersion,
    /// Another status of 4xx.
    Rejected,
    /// A status of 5xx.
    Server,
    /// No connection, or it broke.
    Network,
    /// It took too long.
    Timeout,
    /// The answer is not what the service documents.
    Malformed,
    /// A listing continues beyond every reasonable length, or repeats itself.
    Endless,
    /// 3xx: the service sends us elsewhere. Nobody goes there.
    Redirected,
}

impl BlobErrorKind {
    /// Whether every other request for this container would fail in the same way.
    #[must_use]
    pub const fn ends_all(self) -> bool {
        matches!(
            self,
            Self::Expired { .. }
                | Self::NotYetValid { .. }
                | Self::Signature
                | Self::NetworkRules
                | Self::Permission { .. }
                | Self::Scope
                | Self::Policy
                | Self::Account
                | Self::NoContainer
                | Self::ApiVersion
                | Self::Endless
                | Self::Throttled { .. }
                | Self::Server
                | Self::Network
                | Self::Timeout
        )
    }
}

/// When to try again, and whether the service may have carried the request out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) after: Option<Duration>,
    pub(super) maybe_done: bool,
}

impl BlobError {
    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> BlobErrorKind {
        self.kind
    }

    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Whether an earlier try of the same request may have been carried out, its answer lost: then a conflict may be
    /// with ourselves.
    #[must_use]
    pub fn was_repeated(&self) -> bool {
        self.repeated
    }

    pub(super) fn new(kind: BlobErrorKind) -> Self {
        Self {
            kind,
            status: None,
            said: None,
            detail: None,
            repeated: false,
            again: None,
        }
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(BlobErrorKind::Malformed).with_detail(detail)
    }

    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(super) fn repeated(mut self, repeated: bool) -> Self {
        self.repeated = repeated;
        self
    }

    /// Whether a new token may help: this one has ended; or it is not accepted, and no other one was tried.
    pub(super) fn asks_for_token(&self, renewals: u32) -> bool {
        match self.kind {
            BlobErrorKind::Expired { .. } => true,
            BlobErrorKind::Signature | BlobErrorKind::NetworkRules => renewals == 0,
            _ => false,
        }
    }

    /// What we know of the cause beyond what the service said.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The service's own name for the error, such as `BlobArchived`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.said.as_ref().and_then(|said| said.code())
    }

    /// What the service said, in one line: its code, its message, and what it added about the token. Nothing of the
    /// signature is in it.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        self.said.as_ref().map(ToString::to_string)
    }

    pub(super) fn of_response(kind: BlobErrorKind, status: u16, said: Said, again: Option<Pause>) -> Self {
        Self {
            kind,
            status: Some(status),
            said: (!said.is_empty()).then(|| Box::new(said)),
            detail: None,
            repeated: false,
            again,
        }
    }

    /// Whether the same request may succeed later, with nothing else done about it.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.again.is_some()
    }

    pub(super) fn again(&self) -> Option<Pause> {
        self.again
    }

    /// The body broke off while it was read: it can be asked for again.
    pub(super) fn cut_off() -> Self {
        let again = Some(Pause {
            after: None,
            maybe_done: true,
        });
        let error = Self::new(BlobErrorKind::Network).with_detail("the answer was cut off");
        Self { again, ..error }
    }
}

impl From<TransportError> for BlobError {
    fn from(error: TransportError) -> Self {
        let (kind, maybe_done) = match error.fault() {
            TransportFault::Connect => (BlobErrorKind::Network, false),
            TransportFault::Timeout => (BlobErrorKind::Timeout, true),
            TransportFault::Broken => (BlobErrorKind::Network, true),
            TransportFault::Untrusted | TransportFault::Unreadable => {
                return Self::new(BlobErrorKind::Network).with_detail(visible(&error.to_string()));
            }
        };
        let after = None;
        let error = Self::new(kind).with_detail(visible(&error.to_string()));
        Self {
            again: Some(Pause { after, maybe_done }),
            ..error
        }
    }
}

impl BlobErrorKind {
    fn what(self) -> &'static str {
        match self {
            Self::Expired { .. } => "the SAS token has expired",
            Self::NotYetValid { .. } => "the SAS token does not hold yet",
            Self::Signature => "the storage does not accept the SAS token",
            Self::NetworkRules => "the storage does not let this machine in with the SAS token",
            Self::Permission { .. } => "the SAS token does not allow this",
            Self::OverwriteDenied => "the SAS token does not allow to replace blobs, and this one exists",
            Self::Policy => "a policy of the storage account does not allow this",
            Self::Account => "the storage account cannot be used",
            Self::Scope => "the SAS token is not for this kind of access",
            Self::NoContainer => "there is no such container",
            Self::NotFound => "there is no such blob",
            Self::Conflict => "the blob exists already, or has changed meanwhile",
            Self::Leased => "the blob is leased to somebody",
            Self::Archived => "the blob is in the archive tier",
            Self::Immutable => "the blob is immutable",
            Self::Snapshots => "the blob has snapshots",
            Self::BlobType => "the name holds something that is not a block blob",
            Self::ForeignBlocks => "blocks of a different program wait under this name",
            Self::ApiVersion => "the storage does not know this version of its API",
            Self::Endless => "the listing of the storage does not end",
            Self::BlockList => "blocks of the upload are missing in the storage",
            Self::Range => "the blob ends before what was asked for",
            Self::Checksum => "the bytes were changed on their way",
            Self::Throttled { .. } => "the storage is asked too often",
            Self::Rejected => "the storage refused the request",
            Self::Server => "the storage failed",
            Self::Network => "the connection to the storage failed",
            Self::Timeout => "the storage took too long",
            Self::Malformed => "the storage's answer cannot be used",
            Self::Redirected => "the storage redirects to another address, which is not followed",
        }
    }
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.what())?;
        if let Some(status) = self.status {
            write!(f, " (status {status})")?;
        }
        if let Some(said) = &self.said {
            write!(f, ": {said}")?;
        }
        match &self.detail {
            Some(detail) if self.said.is_some() => write!(f, "; {detail}"),
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for BlobError {}
