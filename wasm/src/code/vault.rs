//! Of core.

use zkvault_core::activation::{ActivationCodeError, ActivationError, HostError, OpenActivationError};
use zkvault_core::document::{DocumentError, EncryptSiteError, SealInputError, SiteError};
use zkvault_core::file::{
    CreateFileError, FileLengthError, FileMetaError, OpenBlockError, PreludeError, SealBlockError, UnlockFileError,
};
use zkvault_core::generate::GenerateError;
use zkvault_core::identity::{FingerprintError, PublicIdentityError};
use zkvault_core::kdf::KdfError;
use zkvault_core::key::{KeyIdError, KeyTextError};
use zkvault_core::keyring::{
    AddKeyError, FindKeyError, KeyStateError, PassphraseError, ReadKeyringError, UnlockKeyringError,
};
use zkvault_core::repository::{EntryError, RepositoryPathError};
use zkvault_core::text::TextError;
use zkvault_core::trust::{AcceptError, OpenPinsError, ReadPinsError, SealPinsError, WritePinsError};
use zkvault_core::value::{EnvelopeError, OpenValueError};
use zkvault_core::{DecryptError, KeyLengthError, NotUtf8, RandomError, SealError};

use super::{Coded, OTHER};

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
    KeyLengthError => "not-a-key",
    NotUtf8 => "not-text",
    PreludeError => "file",
    PublicIdentityError => "identity",
    RandomError => "random",
    ReadPinsError => "pins",
    TextError => "not-text",
    RepositoryPathError => "name",
    SiteError => "malformed",
    WritePinsError => "too-long",
}

impl Coded for KeyTextError {
    fn code(&self) -> &'static str {
        self.code()
    }
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

#[cfg(test)]
mod tests;
