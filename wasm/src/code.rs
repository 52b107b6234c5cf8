//! The stable word for every error of core. Where `zkv` has one for the same failure, it is the same.

use std::fmt::Display;

use zkvault_client::{BlobError, BlobErrorKind, ClientError, ErrorKind, LoomeIdError, SasUrlError, ServiceUrlError};
use zkvault_core::{
    AcceptError, ActivationCodeError, ActivationError, AddKeyError, CreateFileError, DecryptError, DocumentError,
    EncryptSiteError, EntryError, EnvelopeError, FileLengthError, FileMetaError, FindKeyError, FingerprintError,
    GenerateError, HostError, KdfError, KeyIdError, KeyLengthError, KeyStateError, NotUtf8, OpenActivationError,
    OpenBlockError, OpenPinsError, OpenValueError, PassphraseError, PreludeError, PublicIdentityError, RandomError,
    ReadKeyringError, ReadPinsError, RepositoryPathError, SealBlockError, SealError, SealInputError, SealPinsError,
    SiteError, UnlockFileError, UnlockKeyringError, WritePinsError,
};
/// The word for what core may gain later. The tests see to it that nothing that core has today gets it.
pub(crate) const OTHER: &str = "other";

/// An error that JavaScript may see.
pub(crate) trait Coded: Display {
    /// A stable word for the class of the error.
    fn code(&self) -> &'static str;

    /// What a service said about it, if one did.
    fn service_message(&self) -> Option<&str> {
        None
    }
}

/// Gives one word to all of a type.
macro_rules! one_code {
    ($($error:ty => $code:literal,)*) => {
        $(impl Coded for $error {
            fn code(&self) -> &'static str {
                $code
            }
        })*
    };
}

one_code! {
    ActivationCodeError => "activation-code",
    ActivationError => "malformed",
    DecryptError => "decrypt",
    DocumentError => "malformed",
    EnvelopeError => "malformed",
    FileLengthError => "file",
    FileMetaError => "name",
    FingerprintError => "fingerprint",
    HostError => "host",
    KeyIdError => "key-id",
    KeyLengthError => "key-length",
    LoomeIdError => "argument",
    NotUtf8 => "not-text",
    PreludeError => "file",
    PublicIdentityError => "identity",
    RandomError => "random",
    ReadPinsError => "pins",
    RepositoryPathError => "name",
    SasUrlError => "not-a-sas",
    ServiceUrlError => "url",
    SiteError => "malformed",
    WritePinsError => "too-long",
}

impl Coded for OpenValueError {
    fn code(&self) -> &'static str {
        self.code()
    }
}

impl Coded for SealError {
    fn code(&self) -> &'static str {
        match self {
            Self::Random(error) => error.code(),
            Self::TooLong => "too-long",
            _ => OTHER,
        }
    }
}

impl Coded for SealInputError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadySealed => "already-sealed",
            Self::NotAString => "malformed",
            Self::NoContext => "no-context",
            Self::Seal(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for EncryptSiteError {
    fn code(&self) -> &'static str {
        match self {
            Self::Site(error) => error.code(),
            Self::Input { error, .. } => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for KdfError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooWeak { .. } => "kdf-too-weak",
            Self::OutOfLimits { .. } => "kdf-limits",
            Self::Memory { .. } => "memory",
            Self::EmptyPassphrase | Self::LongPassphrase { .. } => "passphrase",
            _ => OTHER,
        }
    }
}

impl Coded for PassphraseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Kdf(error) => error.code(),
            Self::Random(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for ReadKeyringError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too-long",
            Self::Malformed(_) => "keyring",
            Self::UnsupportedVersion(_) => "unsupported-version",
            Self::Kdf(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for UnlockKeyringError {
    fn code(&self) -> &'static str {
        match self {
            Self::Read(error) => error.code(),
            Self::Kdf(error) => error.code(),
            Self::Decrypt => "wrong-passphrase",
            Self::Contents(_) => "keyring",
            _ => OTHER,
        }
    }
}

impl Coded for AddKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::LabelTaken => "label-taken",
            Self::KeyPresent { .. } => "key-present",
            Self::Full => "keyring-full",
            Self::Random(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for FindKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "no-such-key",
            Self::Ambiguous { .. } => "ambiguous-key",
            _ => OTHER,
        }
    }
}

impl Coded for KeyStateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "no-such-key",
            Self::Retired => "retired",
            Self::IsDefault => "default-key",
            _ => OTHER,
        }
    }
}

impl Coded for OpenActivationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NeedsCode => "needs-code",
            Self::NeedsIdentity => "needs-identity",
            Self::Sender { .. } => "other-sender",
            Self::Decrypt(error) => error.code(),
            Self::Payload(_) => "malformed",
            Self::Expired { .. } => "expired",
            _ => OTHER,
        }
    }
}

impl Coded for GenerateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "length",
            Self::NoClass => "no-class",
            Self::Separator => "separator",
            Self::Random(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for AcceptError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooManyInputs { .. } => "too-many-inputs",
            Self::UnknownSite(_) => "not-assessed",
            _ => OTHER,
        }
    }
}

impl Coded for SealPinsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) => error.code(),
            Self::Write(error) => error.code(),
            Self::Seal(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for OpenPinsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) => error.code(),
            Self::Malformed => "pins",
            Self::NoKey(_) => "no-key",
            Self::Decrypt(error) => error.code(),
            Self::Read(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for ClientError {
    fn code(&self) -> &'static str {
        match self.kind() {
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

    fn service_message(&self) -> Option<&str> {
        self.service_message()
    }
}

impl Coded for CreateFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::KeyCount { .. } => "no-key",
            Self::Meta(error) => error.code(),
            Self::Seal(error) => error.code(),
            Self::Random(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for SealBlockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "source-changed",
            Self::Seal(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for OpenBlockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "file",
            Self::Decrypt(error) => error.code(),
            _ => OTHER,
        }
    }
}

impl Coded for UnlockFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Decrypt(error) => error.code(),
            Self::Meta(_) => "file",
            _ => OTHER,
        }
    }
}

impl Coded for EntryError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Decrypt => "decrypt",
            Self::Path | Self::Malformed => "file",
            _ => OTHER,
        }
    }
}

impl Coded for BlobError {
    fn code(&self) -> &'static str {
        match self.kind() {
            BlobErrorKind::Expired { .. } => "sas-expired",
            BlobErrorKind::NotYetValid { .. } => "sas-not-yet-valid",
            BlobErrorKind::Signature => "sas-refused",
            BlobErrorKind::Permission { .. } | BlobErrorKind::Scope => "forbidden",
            BlobErrorKind::NoContainer => "no-container",
            BlobErrorKind::NotFound => "not-found",
            BlobErrorKind::Conflict => "conflict",
            BlobErrorKind::Leased => "leased",
            BlobErrorKind::BlockList => "blocks-lost",
            BlobErrorKind::Throttled { .. } => "rate-limited",
            BlobErrorKind::Server | BlobErrorKind::Network | BlobErrorKind::Timeout => "network",
            _ => "storage",
        }
    }
}

#[cfg(test)]
mod tests;
