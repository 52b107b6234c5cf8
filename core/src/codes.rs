//! The stable word of every error, for programs.
//!
//! A code is a promise to programs: it does not change when the sentence does. The table below is the only place that
//! assigns codes, and a test of `zkv` wants an exit code for every one of [`CODES`].
//!

use std::error::Error;

use crate::account::AccountNameError;
use crate::activation::{ActivationCodeError, ActivationError, HostError, OpenActivationError};
use crate::backup::{BackupChainError, BackupError, ChainTagError};
use crate::document::{DocumentError, EncryptSiteError, InputError, SealInputError, SiteError};
use crate::file::{
    CreateFileError, FileLengthError, FileMetaError, FileTooLargeError, OpenBlockError, PreludeError, SealBlockError,
    UnlockFileError,
};
use crate::generate::GenerateError;
use crate::identity::{FingerprintError, PublicIdentityError};
use crate::kdf::KdfError;
use crate::key::{KeyIdError, KeyTextError};
use crate::keyring::{
    AccountsFull, AddKeyError, ChangeLayoutError, FindKeyError, KeyStateError, MergeError, NotSealing, PassphraseError,
    ReadKeyringError, RenewError, RotateKeyError, SaveKeyringError, StoreLayoutError, UnlockKeyringError,
};
use crate::local::{OpenLocalRecordError, SealLocalRecordError};
use crate::passphrase::WeakPassphraseError;
use crate::reference::ReferenceError;
use crate::repository::{EntryError, OpenStoredFileError, RepositoryPathError};
use crate::site::FieldError;
use crate::snapshot::SnapshotHeadError;
use crate::snapshot::{ContradictionError, ReadSnapshotError, WriteSnapshotError};
use crate::text::TextError;
use crate::totp::TotpError;
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
///
/// The word is as fine as a program can act on it: an empty passphrase and one that is too long are both
/// `passphrase`. An error that holds a further error, as [`UnlockKeyringError::Read`] does, passes on its word.
///
/// ```
/// use zkvault_core::keyring::Keyring;
/// use zkvault_core::{CODES, Coded, SecretText};
///
/// let passphrase = SecretText::from(String::from("clamp juror onyx radiator"));
/// let error = Keyring::unlock(b"{}", &passphrase).unwrap_err();
/// assert_eq!(error.code(), "keyring");
/// assert!(CODES.iter().any(|words| words.contains(&error.code())));
/// ```
pub trait Coded: Error {
    /// Every word that [`code`](Self::code) gives, but for those of errors that are passed on as they are.
    const CODES: &'static [&'static str];

    /// The word: lower case, with hyphens. Errors that mean the same to a program share one.
    fn code(&self) -> &'static str;

    /// What a service said about it, in its own words, if one did. They may say anything: show them as text.
    fn service_message(&self) -> Option<&str> {
        None
    }
}

/// Gives every error its words, and makes the list of all of them: a variant without a word does not compile, and a word
/// cannot be missing from the list. After `;` come the variants that hold another error, whose word theirs is.
macro_rules! codes {
    ($($error:ident { $($pattern:pat => $code:literal,)* $(; $($outer:pat => inner($inner:ident),)+)? })+) => {
        $(impl Coded for $error {
            const CODES: &'static [&'static str] = &[$($code),*];

            fn code(&self) -> &'static str {
                match self {
                    $($pattern => $code,)*
                    $($($outer => $inner.code(),)+)?
                }
            }
        })+

        /// The words of every error of this crate, a list for each type: for programs that give each word a meaning.
        pub const CODES: &[&[&str]] = &[$($error::CODES),+];
    };
}

codes! {
    // Values and documents
    DecryptError {
        _ => "decrypt",
    }
    NotUtf8 {
        _ => "not-text",
    }
    RandomError {
        _ => "random",
    }
    SealError {
        Self::TooLong => "too-long",
        Self::ControlCharacters => "control-characters",
        ;
        Self::Random(error) => inner(error),
    }
    EnvelopeError {
        _ => "malformed",
    }
    OpenValueError {
        Self::Malformed(_) => "malformed",
        Self::NoContext => "no-context",
        Self::NoKey(_) => "no-key",
        Self::Decrypt(_) => "decrypt",
        Self::ControlCharacters => "layout",
        Self::NotText(_) => "not-text",
    }
    TextError {
        _ => "not-text",
    }
    TotpError {
        _ => "totp",
    }
    DocumentError {
        _ => "malformed",
    }
    SiteError {
        _ => "malformed",
    }
    InputError {
        Self::NotAString => "malformed",
        ;
        Self::Open(error) => inner(error),
    }
    SealInputError {
        Self::AlreadySealed => "already-sealed",
        Self::NotAString => "malformed",
        Self::NoContext => "no-context",
        Self::SiteKey => "site-key",
        ;
        Self::Seal(error) => inner(error),
        Self::Layout(error) => inner(error),
    }
    EncryptSiteError {
        ;
        Self::Site(error) => inner(error),
        Self::Input { error, .. } => inner(error),
    }
    LayoutError {
        _ => "layouts",
    }
    LayoutDocumentError {
        _ => "layouts",
    }
    KeySourceError {
        _ => "layouts",
    }
    SealLayoutError {
        Self::TooLong => "too-long",
        Self::Padding => "control-characters",
        Self::ReadOnly => "layout",
        ;
        Self::Random(error) => inner(error),
    }
    ReferenceError {
        _ => "reference",
    }
    FieldError {
        Self::NotFound { .. } => "no-such-field",
        Self::Ambiguous { .. } => "ambiguous-field",
    }
    // Keys and keyrings
    KeyLengthError {
        _ => "not-a-key",
    }
    KeyTextError {
        Self::Empty | Self::TooLong | Self::Bytes { .. } | Self::Length { .. } => "not-a-key",
        ;
        Self::Text(error) => inner(error),
    }
    KeyIdError {
        _ => "key-id",
    }
    KdfError {
        Self::TooWeak { .. } => "kdf-too-weak",
        Self::OutOfLimits { .. } => "kdf-limits",
        Self::Memory { .. } => "memory",
        Self::EmptyPassphrase | Self::LongPassphrase { .. } => "passphrase",
    }
    WeakPassphraseError {
        _ => "weak-passphrase",
    }
    PassphraseError {
        ;
        Self::Kdf(error) => inner(error),
        Self::Random(error) => inner(error),
    }
    ReadKeyringError {
        Self::TooLong { .. } => "too-long",
        Self::Malformed(_) => "keyring",
        Self::PreRelease => "pre-release",
        Self::UnsupportedVersion(_) => "unsupported-version",
        ;
        Self::Kdf(error) => inner(error),
    }
    UnlockKeyringError {
        Self::Decrypt => "wrong-passphrase",
        Self::Contents(_) => "keyring",
        ;
        Self::Read(error) => inner(error),
        Self::Kdf(error) => inner(error),
        Self::Strengthen(error) => inner(error),
    }
    SaveKeyringError {
        Self::Serial => "serial",
        Self::ReadOnly => "read-only",
        ;
        Self::Seal(error) => inner(error),
    }
    AddKeyError {
        Self::Label => "label",
        Self::LabelTaken => "label-taken",
        Self::KeyPresent { .. } => "key-present",
        Self::KeyRetired { .. } => "key-retired",
        Self::ReplacesItself => "replaces-itself",
        Self::Full => "keyring-full",
        ;
        Self::Random(error) => inner(error),
    }
    FindKeyError {
        Self::NotFound => "no-such-key",
        Self::Ambiguous { .. } => "ambiguous-key",
    }
    KeyStateError {
        Self::NotFound => "no-such-key",
        Self::Retired => "retired",
        Self::IsDefault => "default-key",
    }
    RotateKeyError {
        ;
        Self::Old(error) => inner(error),
        Self::New(error) => inner(error),
    }
    MergeError {
        Self::Full => "keyring-full",
        Self::NoActiveKey => "retired",
        Self::Label { .. } => "label-taken",
    }
    StoreLayoutError {
        Self::LessTrusted { .. } => "less-trusted",
        Self::Full => "keyring-full",
    }
    ChangeLayoutError {
        Self::Unknown => "no-such-layout",
        Self::NeedsNoPermission => "argument",
        ;
        Self::NotSealing(error) => inner(error),
    }
    NotSealing {
        _ => "layout",
    }
    AccountsFull {
        _ => "keyring-full",
    }
    GenerateError {
        Self::Length { .. } => "length",
        Self::NoClass => "no-class",
        Self::Separator => "separator",
        ;
        Self::Random(error) => inner(error),
    }
    // People
    AccountNameError {
        _ => "host",
    }
    HostError {
        _ => "host",
    }
    FingerprintError {
        _ => "fingerprint",
    }
    PublicIdentityError {
        _ => "identity",
    }
    RenewError {
        Self::Full => "keyring-full",
        ;
        Self::Random(error) => inner(error),
    }
    ActivationError {
        _ => "malformed",
    }
    ActivationCodeError {
        _ => "activation-code",
    }
    OpenActivationError {
        Self::NeedsCode => "needs-code",
        Self::NeedsIdentity => "needs-identity",
        Self::Sender { .. } => "other-sender",
        Self::Payload(_) => "malformed",
        Self::Expired { .. } => "expired",
        ;
        Self::Decrypt(error) => inner(error),
    }
    // Pins
    AcceptError {
        Self::TooManyInputs { .. } => "too-many-inputs",
        Self::UnknownSite(_) => "not-assessed",
    }
    SealPinsError {
        ;
        Self::Write(error) => inner(error),
        Self::Seal(error) => inner(error),
    }
    OpenPinsError {
        Self::Malformed => "pins",
        Self::PreRelease => "pre-release",
        Self::NoKey(_) | Self::OtherKind => "no-key",
        ;
        Self::Decrypt(error) => inner(error),
        Self::Read(error) => inner(error),
    }
    ReadPinsError {
        _ => "pins",
    }
    WritePinsError {
        _ => "too-long",
    }
    OpenLocalRecordError {
        Self::Name => "argument",
        Self::Malformed => "local-record",
        ;
        Self::Decrypt(error) => inner(error),
    }
    SealLocalRecordError {
        Self::Name => "argument",
        ;
        Self::Seal(error) => inner(error),
    }
    // Files and repositories
    CreateFileError {
        Self::KeyCount { .. } => "no-key",
        ;
        Self::Meta(error) => inner(error),
        Self::Seal(error) => inner(error),
        Self::Random(error) => inner(error),
    }
    FileMetaError {
        _ => "name",
    }
    FileLengthError {
        _ => "file",
    }
    FileTooLargeError {
        _ => "too-large",
    }
    PreludeError {
        _ => "file",
    }
    UnlockFileError {
        Self::NoKey => "no-key",
        Self::Meta(_) => "file",
        ;
        Self::Decrypt(error) => inner(error),
    }
    SealBlockError {
        Self::Length(_) => "source-changed",
        ;
        Self::Seal(error) => inner(error),
    }
    OpenBlockError {
        Self::Length(_) => "file",
        ;
        Self::Decrypt(error) => inner(error),
    }
    EntryError {
        Self::NoKey => "no-key",
        Self::Decrypt => "decrypt",
        Self::Path | Self::Malformed => "file",
    }
    OpenStoredFileError {
        Self::OtherFile | Self::Size { .. } => "decrypt",
        ;
        Self::Entry(error) => inner(error),
        Self::Unlock(error) => inner(error),
        Self::Length(error) => inner(error),
    }
    RepositoryPathError {
        _ => "name",
    }
    // Backups
    BackupError {
        Self::NotABackup | Self::Malformed | Self::Prelude(_) => "backup-not-opened",
        Self::PreRelease => "pre-release",
        Self::Version(_) => "unsupported-version",
        Self::NoKey => "no-key",
        Self::Decrypt => "decrypt",
    }
    BackupChainError {
        Self::Gone { .. } | Self::Older { .. } => "backup-older",
        Self::Forked { .. } => "backup-forked",
    }
    SnapshotHeadError {
        _ => "argument",
    }
    ChainTagError {
        _ => "argument",
    }
    ContradictionError {
        _ => "backup-malformed",
    }
    ReadSnapshotError {
        Self::CompressedTooLong { .. } | Self::DocumentTooLong { .. } => "too-large",
        Self::Gzip | Self::Malformed(_) => "backup-not-opened",
        Self::UnsupportedVersion(_) => "unsupported-version",
    }
    WriteSnapshotError {
        Self::Device { .. } | Self::TooLong { .. } => "too-long",
        Self::Json => "malformed",
    }
}
