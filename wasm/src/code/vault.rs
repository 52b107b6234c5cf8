//! Every variant of every error that JavaScript may see, and its word.

use std::collections::BTreeSet;

use zkvault_core::activation::PayloadError;
use zkvault_core::backup::{BackupChainError, BackupError, ChainTagError};
use zkvault_core::document::{InputPlace, ShapeError};
use zkvault_core::file::BlockLengthError;
use zkvault_core::identity::{Fingerprint, Identity};
use zkvault_core::key::KeyId;
use zkvault_core::snapshot::{ContradictionError, ReadSnapshotError, WriteSnapshotError};
use zkvault_core::snapshot::{SnapshotHead, SnapshotHeadError};

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
    AddKeyError, FindKeyError, KeyStateError, MergeError, PassphraseError, ReadKeyringError, SaveKeyringError,
    UnlockKeyringError,
};
use zkvault_core::local::{OpenLocalRecordError, SealLocalRecordError};
use zkvault_core::passphrase::WeakPassphraseError;
use zkvault_core::repository::{EntryError, OpenStoredFileError, RepositoryPathError};
use zkvault_core::site::FieldError;
use zkvault_core::text::TextError;
use zkvault_core::trust::{AcceptError, OpenPinsError, ReadPinsError, SealPinsError, WritePinsError};
use zkvault_core::value::{EnvelopeError, OpenValueError};
use zkvault_core::vendor::SealLayoutError;
use zkvault_core::{Coded as _, DecryptError, KeyLengthError, NotUtf8, RandomError, SealError};

use super::sources::{enums_of, is_in_types, variants};

fn fingerprint() -> Fingerprint {
    Identity::from_slice(&[1; 32]).unwrap().public().fingerprint()
}

fn place() -> InputPlace {
    InputPlace {
        site_id: Some(1),
        index: 0,
        name: String::new(),
    }
}

fn kdf_limits() -> KdfError {
    KdfError::OutOfLimits {
        parameter: "lanes",
        value: 65,
        least: 1,
        most: 64,
    }
}

/// Names each error by its source, so that the sources can be searched for variants that are not here.
macro_rules! table {
    ($($error:ident $(:: $variant:ident $(($field:expr))?)? $({ $($member:ident: $value:expr),* })? => $code:literal,)*) => {
        vec![$((
            concat!(stringify!($error) $(, "::", stringify!($variant))?),
            $error $(:: $variant $(($field))?)? $({ $($member: $value),* })?.code(),
            $code,
        ),)*]
    };
}

/// What it is, the word it has, and the word it must have.
fn table() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut rows = values_and_documents();
    rows.extend(keyrings());
    rows.extend(people());
    rows.extend(pins());
    rows.extend(files());
    rows.extend(backups());
    rows
}

fn values_and_documents() -> Vec<(&'static str, &'static str, &'static str)> {
    table! {
        DecryptError => "decrypt",
        NotUtf8 => "not-text",
        RandomError => "random",
        SealError::Random(RandomError) => "random",
        SealError::TooLong => "too-long",
        SealError::ControlCharacters => "control-characters",
        SealLayoutError::Random(RandomError) => "random",
        SealLayoutError::TooLong => "too-long",
        SealLayoutError::Padding => "control-characters",
        SealLayoutError::ReadOnly => "layout",
        EnvelopeError::Empty => "malformed",
        EnvelopeError::NotBase64 => "malformed",
        EnvelopeError::TooLong { characters: 9 } => "malformed",
        EnvelopeError::UnknownVersion(3) => "malformed",
        EnvelopeError::WrongLength { version: 1, bytes: 5 } => "malformed",
        OpenValueError::Malformed(EnvelopeError::Empty) => "malformed",
        OpenValueError::NoContext => "no-context",
        OpenValueError::NoKey(KeyId::from_bytes([0; 4])) => "no-key",
        OpenValueError::Decrypt(DecryptError) => "decrypt",
        OpenValueError::ControlCharacters => "layout",
        OpenValueError::NotText(NotUtf8) => "not-text",
        DocumentError::Text(TextError::Utf32) => "malformed",
        DocumentError::Shape(ShapeError::NoSites) => "malformed",
        DocumentError::Syntax { offset: 1 } => "malformed",
        DocumentError::Truncated => "malformed",
        DocumentError::Trailing { offset: 1 } => "malformed",
        DocumentError::TooDeep { offset: 1 } => "malformed",
        DocumentError::TooLarge { offset: 1 } => "malformed",
        SiteError::NotUtf8 { offset: 1 } => "malformed",
        SiteError::Syntax { offset: 1 } => "malformed",
        SiteError::DuplicateField { offset: 1 } => "malformed",
        SiteError::TooManyInputs { offset: 1 } => "malformed",
        SiteError::Shape { offset: 1 } => "malformed",
        SealInputError::AlreadySealed => "already-sealed",
        SealInputError::NotAString => "malformed",
        SealInputError::NoContext => "no-context",
        SealInputError::SiteKey => "site-key",
        SealInputError::Seal(SealError::TooLong) => "too-long",
        SealInputError::Layout(SealLayoutError::ReadOnly) => "layout",
        EncryptSiteError::Site(SiteError::Syntax { offset: 1 }) => "malformed",
        EncryptSiteError::Input { place: place(), error: SealInputError::AlreadySealed } => "already-sealed",
    }
}

fn keyrings() -> Vec<(&'static str, &'static str, &'static str)> {
    table! {
        KeyIdError => "key-id",
        KeyLengthError { expected: 32, actual: 31 } => "not-a-key",
        KeyTextError::Empty => "not-a-key",
        KeyTextError::TooLong => "not-a-key",
        KeyTextError::Text(TextError::Utf32) => "not-text",
        KeyTextError::Bytes { actual: 33 } => "not-a-key",
        KeyTextError::Length { actual: 33 } => "not-a-key",
        TextError::NotUtf8 => "not-text",
        TextError::BrokenUtf16 => "not-text",
        TextError::UnmarkedUtf16 => "not-text",
        TextError::Utf32 => "not-text",
        FieldError::NotFound { site_id: 1, wanted: String::new(), fields: Vec::new() } => "no-such-field",
        FieldError::Ambiguous { wanted: String::new(), fields: Vec::new() } => "ambiguous-field",
        WeakPassphraseError::Empty => "weak-passphrase",
        WeakPassphraseError::Guessable { bits: 9 } => "weak-passphrase",
        WeakPassphraseError::Unseen { character: '\u{200b}' } => "weak-passphrase",
        KdfError::TooWeak { memory_kib: 8, iterations: 1 } => "kdf-too-weak",
        KdfError::OutOfLimits { parameter: "lanes", value: 65, least: 1, most: 64 } => "kdf-limits",
        KdfError::Memory { kib: 8 } => "memory",
        KdfError::EmptyPassphrase => "passphrase",
        KdfError::LongPassphrase { len: 4097 } => "passphrase",
        PassphraseError::Kdf(kdf_limits()) => "kdf-limits",
        PassphraseError::Random(RandomError) => "random",
        SaveKeyringError::Seal(SealError::TooLong) => "too-long",
        SaveKeyringError::ReadOnly => "read-only",
        SaveKeyringError::Serial => "serial",
        ReadKeyringError::TooLong { bytes: 9 } => "too-long",
        ReadKeyringError::PreRelease => "pre-release",
        ReadKeyringError::Malformed("x") => "keyring",
        ReadKeyringError::UnsupportedVersion(2) => "unsupported-version",
        ReadKeyringError::Kdf(kdf_limits()) => "kdf-limits",
        UnlockKeyringError::Read(ReadKeyringError::UnsupportedVersion(2)) => "unsupported-version",
        UnlockKeyringError::Kdf(KdfError::EmptyPassphrase) => "passphrase",
        UnlockKeyringError::Decrypt => "wrong-passphrase",
        UnlockKeyringError::Contents("x") => "keyring",
        UnlockKeyringError::Strengthen(PassphraseError::Random(RandomError)) => "random",
        AddKeyError::Label => "label",
        AddKeyError::LabelTaken => "label-taken",
        AddKeyError::KeyPresent { label: String::new() } => "key-present",
        AddKeyError::KeyRetired { label: String::new() } => "key-retired",
        AddKeyError::ReplacesItself => "replaces-itself",
        AddKeyError::Full => "keyring-full",
        AddKeyError::Random(RandomError) => "random",
        FindKeyError::NotFound => "no-such-key",
        FindKeyError::Ambiguous { keys: 2 } => "ambiguous-key",
        KeyStateError::NotFound => "no-such-key",
        KeyStateError::Retired => "retired",
        KeyStateError::IsDefault => "default-key",
    }
}

fn people() -> Vec<(&'static str, &'static str, &'static str)> {
    table! {
        FingerprintError { count: 3 } => "fingerprint",
        HostError => "host",
        PublicIdentityError::Prefix => "identity",
        PublicIdentityError::Length { actual: 3 } => "identity",
        PublicIdentityError::Character => "identity",
        PublicIdentityError::Checksum => "identity",
        PublicIdentityError::NotCanonical => "identity",
        PublicIdentityError::LowOrder => "identity",
        ActivationError::TooLong { actual: 9 } => "malformed",
        ActivationError::Base64 => "malformed",
        ActivationError::Version(3) => "malformed",
        ActivationError::TooShort => "malformed",
        ActivationError::PublicKey(PublicIdentityError::LowOrder) => "malformed",
        ActivationCodeError::Length => "activation-code",
        ActivationCodeError::Symbol { position: 1 } => "activation-code",
        ActivationCodeError::Check => "activation-code",
        OpenActivationError::NeedsCode => "needs-code",
        OpenActivationError::NeedsIdentity => "needs-identity",
        OpenActivationError::Sender { claimed: fingerprint() } => "other-sender",
        OpenActivationError::Decrypt(DecryptError) => "decrypt",
        MergeError::Full => "keyring-full",
        MergeError::NoActiveKey => "retired",
        MergeError::Label { label: String::new() } => "label-taken",
        OpenActivationError::Payload(PayloadError::Times) => "malformed",
        OpenActivationError::Expired { expires: 1 } => "expired",
        GenerateError::Length { unit: "words", value: 1, least: 3, most: 64 } => "length",
        GenerateError::NoClass => "no-class",
        GenerateError::Separator => "separator",
        GenerateError::Random(RandomError) => "random",
    }
}

fn pins() -> Vec<(&'static str, &'static str, &'static str)> {
    let long = || WritePinsError::TooLong { bytes: 2, limit: 1 };
    table! {
        AcceptError::TooManyInputs { inputs: 1 } => "too-many-inputs",
        AcceptError::UnknownSite(1) => "not-assessed",
        WritePinsError::TooLong { bytes: 2, limit: 1 } => "too-long",
        WritePinsError::Json => "too-long",
        ReadPinsError::TooLong { bytes: 2, limit: 1 } => "pins",
        ReadPinsError::Malformed("x") => "pins",
        ReadPinsError::PreRelease => "pins",
        ReadPinsError::UnsupportedVersion(2) => "pins",
        SealPinsError::Write(long()) => "too-long",
        SealPinsError::Seal(SealError::TooLong) => "too-long",
        OpenLocalRecordError::Name => "argument",
        OpenLocalRecordError::Malformed => "local-record",
        OpenLocalRecordError::Decrypt(DecryptError) => "decrypt",
        SealLocalRecordError::Name => "argument",
        SealLocalRecordError::Seal(SealError::TooLong) => "too-long",
        OpenPinsError::Malformed => "pins",
        OpenPinsError::PreRelease => "pre-release",
        OpenPinsError::OtherKind => "no-key",
        OpenPinsError::NoKey(KeyId::from_bytes([0; 4])) => "no-key",
        OpenPinsError::Decrypt(DecryptError) => "decrypt",
        OpenPinsError::Read(ReadPinsError::UnsupportedVersion(2)) => "pins",
    }
}

fn files() -> Vec<(&'static str, &'static str, &'static str)> {
    let length = BlockLengthError::Block { index: 0, actual: 1 };
    table! {
        RepositoryPathError::Length => "name",
        RepositoryPathError::Character => "name",
        RepositoryPathError::Elsewhere => "name",
        FileLengthError { actual: 1 } => "file",
        FileMetaError::Name => "name",
        FileMetaError::ContentType => "name",
        FileMetaError::Json => "name",
        CreateFileError::KeyCount { actual: 0 } => "no-key",
        CreateFileError::Meta(FileMetaError::Name) => "name",
        CreateFileError::Seal(SealError::TooLong) => "too-long",
        CreateFileError::Random(RandomError) => "random",
        SealBlockError::Length(length) => "source-changed",
        SealBlockError::Seal(SealError::TooLong) => "too-long",
        OpenBlockError::Length(length) => "file",
        OpenBlockError::Decrypt(DecryptError) => "decrypt",
        UnlockFileError::NoKey => "no-key",
        UnlockFileError::Decrypt(DecryptError) => "decrypt",
        UnlockFileError::Meta(FileMetaError::Json) => "file",
        EntryError::NoKey => "no-key",
        EntryError::Decrypt => "decrypt",
        EntryError::Path => "file",
        EntryError::Malformed => "file",
        OpenStoredFileError::Entry(EntryError::NoKey) => "no-key",
        OpenStoredFileError::OtherFile => "decrypt",
        OpenStoredFileError::Unlock(UnlockFileError::NoKey) => "no-key",
        OpenStoredFileError::Length(FileLengthError { actual: 1 }) => "file",
        OpenStoredFileError::Size { stated: 1, actual: 2 } => "decrypt",
    }
}

fn backups() -> Vec<(&'static str, &'static str, &'static str)> {
    let head: SnapshotHead = format!("1:{}", "0".repeat(64)).parse().unwrap();
    table! {
        SnapshotHeadError => "argument",
        ChainTagError => "argument",
        BackupError::NotABackup => "backup-not-opened",
        BackupError::PreRelease => "pre-release",
        BackupError::Version(3) => "unsupported-version",
        BackupError::Malformed => "backup-not-opened",
        BackupError::Prelude(PreludeError::NotAFile) => "backup-not-opened",
        BackupError::NoKey => "no-key",
        BackupError::Decrypt => "decrypt",
        BackupChainError::Gone { known: head } => "backup-older",
        BackupChainError::Older { newest: head, known: head } => "backup-older",
        BackupChainError::Forked { newest: head, device: String::new() } => "backup-forked",
        ContradictionError::List => "backup-malformed",
        ContradictionError::Site => "backup-malformed",
        ContradictionError::SiteTwice(1) => "backup-malformed",
        ContradictionError::Pins => "backup-malformed",
        ContradictionError::NoSite(1) => "backup-malformed",
        ContradictionError::OtherSite(1) => "backup-malformed",
        ReadSnapshotError::CompressedTooLong { bytes: 2, limit: 1 } => "too-large",
        ReadSnapshotError::DocumentTooLong { limit: 1 } => "too-large",
        ReadSnapshotError::Gzip => "backup-not-opened",
        ReadSnapshotError::Malformed("x") => "backup-not-opened",
        ReadSnapshotError::UnsupportedVersion(2) => "unsupported-version",
        WriteSnapshotError::Device { bytes: 129 } => "too-long",
        WriteSnapshotError::TooLong { document: 1 } => "too-long",
        WriteSnapshotError::Json => "malformed",
    }
}

#[test]
fn every_error_has_its_word() {
    for (error, code, expected) in table() {
        assert_eq!(code, expected, "{error}");
    }
}

/// The errors are open for additions: a variant that core gains must come into the table.
#[test]
fn no_variant_of_core_is_missing_from_the_table() {
    let rows: BTreeSet<_> = table().into_iter().map(|(error, ..)| error.to_owned()).collect();
    let names: BTreeSet<_> = rows.iter().map(|row| row.split("::").next().unwrap()).collect();
    let mut found = 0;
    for (name, body) in enums_of("core")
        .iter()
        .filter(|(name, _)| names.contains(name.as_str()))
    {
        for variant in variants(body) {
            let row = format!("{name}::{variant}");
            assert!(rows.contains(&row), "{row} has no row in the table");
            found += 1;
        }
    }
    assert_eq!(
        found,
        rows.iter().filter(|row| row.contains("::")).count(),
        "a row is of no variant"
    );
}

#[test]
fn every_word_is_among_those_that_typescript_knows() {
    for (error, code, _) in table() {
        assert!(is_in_types(code), "{error}: {code}");
    }
}
