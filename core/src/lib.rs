//! Formats, keys and ciphers of the zkvault zero-knowledge credential client.
//!
//! Nothing here reads a file, a clock or a network: bytes go in, bytes come out, and what is secret is wiped
//! when it is dropped. The formats are specified in the project's `docs/spec/`; the comments name the section.

mod cobblestone;
mod context;
mod error;
mod generate;
mod identity;
mod json;
mod kdf;
mod key;
mod keyring;
mod random;
mod secret;
mod value;

// Secrets
pub use secret::{NotUtf8, SecretBytes, SecretText};

// Keys
pub use kdf::{KdfError, KdfParams, MAX_PASSPHRASE_LEN, VendorKdf, VendorKeyError};
pub use key::{KEY_LEN, KeyId, KeyIdError, KeySet, VaultKey};
pub use keyring::{
    AddKeyError, CredentialError, Credentials, FindKeyError, KeyEntry, KeyOrigin, KeyState, KeyStateError, Keyring,
    Keys, MAX_CREDENTIAL_LEN, MAX_CREDENTIALS, MAX_KEYRING_LEN, MAX_KEYS, MAX_LABEL_LEN, NewKey, PassphraseError,
    ReadKeyringError, SealedKeyring, UnlockError,
};

// Values
pub use value::{
    Candidate, Envelope, EnvelopeError, Layout, MAX_ENVELOPE_LEN, MAX_VALUE_LEN, OpenValueError, OpenedValue,
    ValueContext, Version, seal_bound, seal_vendor,
};

// Generator
pub use generate::{GenerateError, Generated, PassphraseRules, PasswordRules};

// Identity
pub use identity::{Fingerprint, FingerprintError, IDENTITY_LEN, Identity, PublicIdentity, PublicIdentityError};

// Errors that every part shares
pub use error::{DecryptError, KeyLengthError, RandomError, SealError};
