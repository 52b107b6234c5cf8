//! The stable word of every error of services and storages.

use zkvault_core::Coded;

use crate::blob::{BlobError, BlobErrorKind, SasUrlError};
use crate::loome::LoomeIdError;
use crate::{ClientError, ErrorKind, ServiceUrlError};

/// Gives each kind its word, and the list of all words: a kind without a word does not compile.
macro_rules! codes {
    ($kind:ident { $($pattern:pat => $code:literal,)+ }) => {
        impl $kind {
            /// Every word that [`Self::code`] gives.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// A stable word for the kind, for programs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $($pattern => $code,)+
                }
            }
        }
    };
}

codes!(ErrorKind {
    Self::Unauthorized => "not-authenticated",
    Self::OAuth(_) => "no-token",
    Self::Forbidden => "forbidden",
    Self::NotFound => "not-found",
    Self::Conflict => "conflict",
    Self::RateLimited { .. } => "rate-limited",
    Self::Rejected => "rejected",
    Self::Server => "server",
    Self::Network => "network",
    Self::Timeout => "timeout",
    Self::Malformed | Self::Foreign => "malformed-answer",
    Self::TooLarge => "too-large",
    Self::Redirected => "redirected",
    Self::Request => "request",
});

codes!(BlobErrorKind {
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
});

impl Coded for LoomeIdError {
    const CODES: &'static [&'static str] = &["argument"];

    fn code(&self) -> &'static str {
        "argument"
    }
}

impl Coded for SasUrlError {
    const CODES: &'static [&'static str] = &["not-a-sas"];

    fn code(&self) -> &'static str {
        "not-a-sas"
    }
}

impl Coded for ServiceUrlError {
    const CODES: &'static [&'static str] = &["url"];

    fn code(&self) -> &'static str {
        "url"
    }
}

impl Coded for ClientError {
    const CODES: &'static [&'static str] = ErrorKind::CODES;

    fn code(&self) -> &'static str {
        self.kind().code()
    }

    fn service_message(&self) -> Option<&str> {
        self.service_message()
    }
}

impl Coded for BlobError {
    const CODES: &'static [&'static str] = BlobErrorKind::CODES;

    fn code(&self) -> &'static str {
        self.kind().code()
    }
}

/// The words of every error of this crate, a list for each type: for programs that give each word a meaning.
pub const CODES: &[&[&str]] = &[
    LoomeIdError::CODES,
    SasUrlError::CODES,
    ServiceUrlError::CODES,
    ClientError::CODES,
    BlobError::CODES,
];
