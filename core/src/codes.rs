//! The stable word of every error, for programs.

use std::error::Error;

use crate::account::AccountNameError;
use crate::activation::{ActivationCodeError, ActivationError, HostError, OpenActivationError};
use crate::backup::{BackupError, BackupLineError};
use crate::document::{DocumentError, EncryptSiteError, SealInputError, SiteError};
use crate::file::FileTooLargeError;
use crate::file::{
    CreateFileError, FileLengthError, FileMetaError, OpenBlockError, PreludeError, SealBlockError, UnlockFileError,
};
use crate::generate::GenerateError;
use crate::identity::{FingerprintError, PublicIdentityError};
use crate::kdf::KdfError;
use crate::key::{KeyIdError, KeyTextError};
use crate::keyring::{
    AccountsFull, AddKeyError, ChangeLayoutError, FindKeyError, KeyStateError, MergeError, NotSealing, PassphraseError,
    ReadKeyringError, RenewError, RotateKeyError, SaveKeyringError, StoreLayoutError, UnlockKeyringError,
};
use crate::passphrase::WeakPassphraseError;
use crate::reference::ReferenceError;
use crate::repository::{EntryError, RepositoryPathError};
use crate::site::FieldError;
use crate::snapshot::{ContradictionError, ReadSnapshotError, WriteSnapshotError};
use crate::text::TextError;
use crate::trust::HeadError;
use crate::trust::{AcceptError, OpenPinsError, ReadPinsError, SealPinsError, WritePinsError};
use crate::value::{EnvelopeError, OpenValueError};
use crate::vendor::{KeySourceError, LayoutDocumentError, LayoutError, SealLayoutError};
use crate::{DecryptError, KeyLengthError, NotUtf8, RandomError, SealError};

/// An error with a stable word for its class.
///
/// `zkv --json`, the npm package and the extension show these words, and the sentence of the error's `Display`, as they are.
///
/// ```
/// use zkvault_core::Coded;
/// use zkvault_core::keyring::UnlockKeyringError;
///
/// assert_eq!(UnlockKeyringError::Decrypt.code(), "wrong-passphrase");
/// ```
pub trait Coded: Error {
    /// The word: lower case, with hyphens. Errors that mean the same to a program share one.
    fn code(&self) -> &'static str;

    /// What a service said about it, in its own words, if one did. They may say anything: show them as text.
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
    FileTooLargeError => "too-large",
    AccountNameError => "host",
    AccountsFull => "keyring-full",
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
    KeySourceError => "layouts",
    LayoutDocumentError => "layouts",
    LayoutError => "layouts",
    NotSealing => "layout",
    NotUtf8 => "not-text",
    PreludeError => "file",
    PublicIdentityError => "identity",
    RandomError => "random",
    ReadPinsError => "pins",
    TextError => "not-text",
    ReferenceError => "reference",
    RepositoryPathError => "name",
    SiteError => "malformed",
    WritePinsError => "too-long",
}

impl Coded for KeyTextError {
    fn code(&self) -> &'static str {
        self.code()
    }
}

impl Coded for FieldError {
    fn code(&self) -> &'static str {
        self.code()
    }
}

impl Coded for WeakPassphraseError {
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
            Self::ControlCharacters => "control-characters",
        }
    }
}

impl Coded for SealLayoutError {
    fn code(&self) -> &'static str {
        match self {
            Self::Random(error) => error.code(),
            Self::TooLong => "too-long",
            Self::Padding => "control-characters",
            Self::ReadOnly => "layout",
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
            Self::Layout(error) => error.code(),
        }
    }
}

impl Coded for EncryptSiteError {
    fn code(&self) -> &'static str {
        match self {
            Self::Site(error) => error.code(),
            Self::Input { error, .. } => error.code(),
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
        }
    }
}

impl Coded for PassphraseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Kdf(error) => error.code(),
            Self::Random(error) => error.code(),
        }
    }
}

impl Coded for SaveKeyringError {
    fn code(&self) -> &'static str {
        match self {
            Self::Seal(error) => error.code(),
            Self::Passphrase(error) => error.code(),
            Self::Serial => "serial",
        }
    }
}

impl Coded for RotateKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Old(error) => error.code(),
            Self::New(error) => error.code(),
        }
    }
}

impl Coded for RenewError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "keyring-full",
            Self::Random(error) => error.code(),
        }
    }
}

impl Coded for MergeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "keyring-full",
            Self::NoActiveKey => "retired",
            Self::Label { .. } => "label-taken",
        }
    }
}

impl Coded for StoreLayoutError {
    fn code(&self) -> &'static str {
        match self {
            Self::LessTrusted { .. } => "less-trusted",
            Self::Full => "keyring-full",
        }
    }
}

impl Coded for ChangeLayoutError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "no-such-layout",
            Self::NotSealing(error) => error.code(),
            Self::NeedsNoPermission => "argument",
        }
    }
}

impl Coded for ReadKeyringError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too-long",
            Self::Malformed(_) => "keyring",
            Self::PreRelease => "pre-release",
            Self::UnsupportedVersion(_) => "unsupported-version",
            Self::Kdf(error) => error.code(),
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
        }
    }
}

impl Coded for AddKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::LabelTaken => "label-taken",
            Self::KeyPresent { .. } => "key-present",
            Self::KeyRetired { .. } => "key-retired",
            Self::ReplacesItself => "replaces-itself",
            Self::Full => "keyring-full",
            Self::Random(error) => error.code(),
        }
    }
}

impl Coded for FindKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "no-such-key",
            Self::Ambiguous { .. } => "ambiguous-key",
        }
    }
}

impl Coded for KeyStateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "no-such-key",
            Self::Retired => "retired",
            Self::IsDefault => "default-key",
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
        }
    }
}

impl Coded for AcceptError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooManyInputs { .. } => "too-many-inputs",
            Self::UnknownSite(_) => "not-assessed",
        }
    }
}

impl Coded for SealPinsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) => error.code(),
            Self::Write(error) => error.code(),
            Self::Seal(error) => error.code(),
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
        }
    }
}

impl Coded for SealBlockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "source-changed",
            Self::Seal(error) => error.code(),
        }
    }
}

impl Coded for OpenBlockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "file",
            Self::Decrypt(error) => error.code(),
        }
    }
}

impl Coded for UnlockFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Decrypt(error) => error.code(),
            Self::Meta(_) => "file",
        }
    }
}

impl Coded for EntryError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Decrypt => "decrypt",
            Self::Path | Self::Malformed => "file",
        }
    }
}

one_code! {
    ContradictionError => "backup-malformed",
    HeadError => "argument",
}

impl Coded for BackupError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABackup | Self::Malformed | Self::Prelude(_) => "backup-not-opened",
            Self::Version(_) => "unsupported-version",
            Self::NoKey => "no-key",
            Self::Decrypt => "decrypt",
        }
    }
}

impl Coded for BackupLineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Gone { .. } | Self::Older { .. } => "backup-older",
            Self::Forked { .. } => "backup-forked",
        }
    }
}

impl Coded for ReadSnapshotError {
    fn code(&self) -> &'static str {
        match self {
            Self::CompressedTooLong { .. } | Self::DocumentTooLong { .. } => "too-large",
            Self::Gzip | Self::Malformed(_) => "backup-not-opened",
            Self::UnsupportedVersion(_) => "unsupported-version",
        }
    }
}

impl Coded for WriteSnapshotError {
    fn code(&self) -> &'static str {
        match self {
            Self::Device { .. } | Self::TooLong { .. } => "too-long",
            Self::Json => "malformed",
        }
    }
}
