//! Of services and storages.

use zkvault_client::blob::{BlobError, BlobErrorKind, SasUrlError};
use zkvault_client::loome::LoomeIdError;
use zkvault_client::{ClientError, ErrorKind, ServiceUrlError};

use super::{Coded, OTHER};

one_code! {
    LoomeIdError => "argument",
    SasUrlError => "not-a-sas",
    ServiceUrlError => "url",
}

impl Coded for ClientError {
    fn code(&self) -> &'static str {
        of_service(self.kind())
    }

    fn service_message(&self) -> Option<&str> {
        self.service_message()
    }
}

impl Coded for BlobError {
    fn code(&self) -> &'static str {
        of_storage(self.kind())
    }
}

fn of_service(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => "not-authenticated",
        ErrorKind::OAuth(_) => "no-token",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::RateLimited { .. } => "rate-limited",
        ErrorKind::Rejected => "rejected",
        ErrorKind::Server => "server",
        ErrorKind::Network => "network",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Malformed => "malformed-answer",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::Redirected => "redirected",
        ErrorKind::Request => "request",
        _ => OTHER,
    }
}

fn of_storage(kind: BlobErrorKind) -> &'static str {
    match kind {
        BlobErrorKind::Expired { .. } => "sas-expired",
        BlobErrorKind::NotYetValid { .. } => "sas-not-yet-valid",
        BlobErrorKind::Signature | BlobErrorKind::NetworkRules => "sas-refused",
        BlobErrorKind::Permission { .. } | BlobErrorKind::Scope => "forbidden",
        BlobErrorKind::Policy | BlobErrorKind::Account => "account-refused",
        BlobErrorKind::OverwriteDenied => "overwrite-forbidden",
        BlobErrorKind::NoContainer => "no-container",
        BlobErrorKind::NotFound => "not-found",
        BlobErrorKind::Conflict => "conflict",
        BlobErrorKind::Leased => "leased",
        BlobErrorKind::Archived => "archived",
        BlobErrorKind::Immutable => "immutable",
        BlobErrorKind::Snapshots => "snapshots",
        BlobErrorKind::BlobType => "blob-type",
        BlobErrorKind::ForeignBlocks => "foreign-blocks",
        BlobErrorKind::ApiVersion => "api-version",
        BlobErrorKind::Endless => "endless-listing",
        BlobErrorKind::BlockList => "blocks-lost",
        BlobErrorKind::Range | BlobErrorKind::Checksum => "storage",
        BlobErrorKind::Throttled { .. } => "rate-limited",
        BlobErrorKind::Rejected => "rejected",
        BlobErrorKind::Server => "server",
        BlobErrorKind::Network => "network",
        BlobErrorKind::Timeout => "timeout",
        BlobErrorKind::Malformed => "malformed-answer",
        BlobErrorKind::Redirected => "redirected",
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests;
