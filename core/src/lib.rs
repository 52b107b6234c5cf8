//! Formats, keys and ciphers of the zkvault zero-knowledge credential client.
//!
//! Nothing here reads a file, a clock or a network: bytes go in, bytes come out, and what is secret is wiped
//! when it is dropped. The formats are specified in the project's `docs/spec/`; the comments name the section.

mod activation;
mod backup;
mod cobblestone;
mod context;
mod document;
mod error;
mod file;
mod generate;
mod hpke;
mod identity;
mod json;
mod kdf;
mod key;
mod keyring;
mod model;
mod random;
mod reference;
mod repository;
mod secret;
mod snapshot;
mod stack;
mod store;
mod trust;
mod value;

// Secrets
pub use secret::{NotUtf8, SecretBytes, SecretText};
pub use stack::wipe_stack;

// Keys
pub use kdf::{KdfError, KdfParams, MAX_PASSPHRASE_LEN, VendorKdf, VendorKeyError};
pub use key::{KEY_LEN, KeyId, KeyIdError, KeySet, VaultKey};
pub use keyring::{
    AddKeyError, CredentialError, Credentials, FindKeyError, KeyEntry, KeyOrigin, KeyState, KeyStateError, Keyring,
    Keys, MAX_CREDENTIAL_LEN, MAX_CREDENTIALS, MAX_KEYRING_LEN, MAX_KEYS, MAX_LABEL_LEN, NewKey, PassphraseError,
    ReadKeyringError, SealedKeyring, UnlockKeyringError,
};

// Values
pub use value::{
    Candidate, Envelope, EnvelopeError, Layout, MAX_ENVELOPE_LEN, MAX_VALUE_LEN, OpenValueError, OpenedValue,
    ValueContext, Version, seal_bound, seal_vendor,
};

// Documents
pub use document::{
    Batch, DecryptReport, DocumentError, EncryptSiteError, Framer, InputError, InputFailure, InputPlace, InputRef,
    MAX_DEPTH, MAX_INPUTS, MAX_SITE_LEN, Part, SealAs, SealInputError, SecretBuffer, ShapeError, SiteError, Sniffed,
    decrypt_site, encrypt_site, inspect_site, sniff,
};

// Models
pub use model::{Action, Group, GroupList, Input, Login, Match, SealedValue, Site, SiteList, User, UserList};

// References to values
pub use reference::{Reference, ReferenceError};

// Identity
pub use identity::{Fingerprint, FingerprintError, IDENTITY_LEN, Identity, PublicIdentity, PublicIdentityError};

// Activation
pub use activation::{
    Activation, ActivationCode, ActivationCodeError, ActivationError, ActivationKey, ActivationPayload,
    ActivationTarget, HostError, OpenActivationError, PayloadError,
};

// Files
pub use file::{
    BLOCK_HEADER_LEN, BlockKey, BlockLengthError, BlockOpener, BlockReader, BlockSealer, BlockSize, BlockSizeError,
    BlockSpan, ChunkSpan, CreateFileError, FileExtent, FileLayout, FileLengthError, FileMeta, FileMetaError,
    FileOpener, FilePrelude, FileSealer, OpenBlockError, ParsedPrelude, Position, PreludeError, ResumeFileError,
    SealBlockError, UnlockFileError,
};

// Repositories
pub use repository::{
    BLOB_PREFIX, EntryError, MAX_ENTRY_LEN, RepositoryEntry, RepositoryPath, RepositoryPathError, blob_name,
};

// Generator
pub use generate::{GenerateError, Generated, PassphraseRules, PasswordRules, WordList};

// Snapshots
pub use snapshot::{
    ContradictionError, Manifest, ReadSnapshotError, SavedSite, Snapshot, SnapshotContents, SnapshotDigest,
    SnapshotDigestError, SnapshotLimits, WriteSnapshotError,
};

// Backups
pub use backup::{
    BACKUP_PREFIX, BackupError, BackupLine, BackupLineError, BackupRecord, BackupStanding, BackupStart, LineProgress,
    ParsedBackup, backup_blob_name,
};

// Stores on a device
pub use store::{RecordKind, RecordName, StoreId, StoreKey, WrappedStoreKey};

// Trust
pub use trust::{
    AcceptError, Account, Assessment, Assessor, Change, Field, Finding, FirstSeen, Head, HeadError, HistoryError,
    Lineage, MAX_EARLIER_PER_INPUT, MAX_PIN_LEN, MAX_PINNED_TEXT_LEN, MAX_PINS_LEN, MAX_URL_LEN, OpenPinsError, Origin,
    OriginError, Permission, Pin, PinSet, PinnedInput, PinnedText, Place, ReadPinsError, Rollback, Scheme,
    SealPinsError, SiteVerdict, Tampering, Use, ValueDigest, ValueForm, Verdict, WritePinsError, assess, permission,
};

// Errors that every part shares
pub use error::{DecryptError, KeyLengthError, RandomError, SealError};
