//! The stable word of every error of services and storages.

use zkvault_core::Coded;

use crate::blob::{BlobError, BlobErrorKind, SasUrlError};
use crate::loome::LoomeIdError;
use crate::{ClientError, ServiceUrlError};

impl Coded for LoomeIdError {
    fn code(&self) -> &'static str {
        "argument"
    }
}

impl Coded for SasUrlError {
    fn code(&self) -> &'static str {
        "not-a-sas"
    }
}

impl Coded for ServiceUrlError {
    fn code(&self) -> &'static str {
        "url"
    }
}

impl Coded for ClientError {
    fn code(&self) -> &'static str {
        self.kind().code()
    }

    fn service_message(&self) -> Option<&str> {
        self.service_message()
    }
}

impl Coded for BlobError {
    fn code(&self) -> &'static str {
        self.kind().code()
    }
}

impl BlobErrorKind {
    /// A stable word for the kind, for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired { .. } => "sas-expired",
            Self::NotYetValid { .. } => "sas-not-yet-valid",
            Self::Signature | Self::NetworkRules => "sas-refused",
            Self::Permission { .. } | Self::Scope => "forbidden",
            Self::Policy | Self::Account => "account-refused",
            Self::OverwriteDenied => "overwrite-forbidden",
            Self::NoContainer => "no-container",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Leased => "leased",
            Self::Archived => "archived",
            Self::Immutable => "immutable",
            Self::Snapshots => "snapshots",
            Self::BlobType => "blob-type",
            Self::ForeignBlocks => "foreign-blocks",
            Self::ApiVersion => "api-version",
            Self::Endless => "endless-listing",
            Self::BlockList => "blocks-lost",
            Self::Range | Self::Checksum => "storage",
            Self::Throttled { .. } => "rate-limited",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed-answer",
            Self::Redirected => "redirected",
        }
    }
}
