//! Formats, keys and ciphers of the zkvault zero-knowledge credential client.
//!
//! Nothing here reads a file, a clock or a network: bytes go in, bytes come out, and what is secret is wiped
//! when it is dropped. The formats are specified in the project's `docs/spec/`; the comments name the section.
//!
//! # From simple to full
//!
//! One value, sealed for its place and opened again:
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::key::{KeySet, VaultKey};
//! use zkvault_core::value::{Envelope, ValueContext, seal_bound};
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let place = ValueContext { site_id: 7, input_type: "password", input_name: "pw" };
//! let value = seal_bound(&key, &place, "hunter2")?;
//!
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! assert_eq!(Envelope::parse(&value)?.open(&keys, Some(&place))?.text.expose_secret(), "hunter2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | you have | you want | module |
//! |---|---|---|
//! | a passphrase | the keys that are kept under it | [`keyring`], [`kdf`], [`passphrase`] |
//! | a key file or a pasted key | a key | [`key`], [`text`] |
//! | a value of a site | its plaintext, or the reverse | [`value`] |
//! | a document of sites | the same with every value opened or sealed, in flat memory | [`document`], [`model`] |
//! | a name, a URL or a part of one | the site, user or group that is meant, and its field | [`resolve`], [`site`], [`reference`](mod@reference) |
//! | what a server lists today | what changed since you last looked, and what is still allowed | [`trust`] |
//! | something of a program's own | the same, sealed for its person and for this device | [`local`] |
//! | records in a database | the same, each sealed for its place in it | [`store`], [`personal`] |
//! | a file | blocks for a storage, and a name that says nothing | [`file`](mod@file), [`repository`] |
//! | an account | a backup that a fresh machine can restore | [`snapshot`], [`backup`] |
//! | a new user | keys for them, that the server cannot read | [`identity`], [`activation`] |
//! | the seed of one-time codes | the code of this moment | [`totp`] |
//! | nothing yet | a password | [`generate`] |
//! | the name of an account, a time | the one form in which it is compared, or shown | [`account`], [`time`] |
//!
//! The whole way, as a program goes it: a passphrase opens a keyring, whose keys seal and open the values of a site.
//!
//! ```
//! use zkvault_core::document::{InputFailure, SealAs, decrypt_site, encrypt_site};
//! use zkvault_core::kdf::KdfParams;
//! use zkvault_core::keyring::Keyring;
//! use zkvault_core::{SecretBuffer, SecretText};
//!
//! // Once: a new keyring, whose bytes the program writes to a file.
//! let passphrase = SecretText::from(String::from("clamp juror onyx radiator"));
//! // As cheap as is allowed; `KdfParams::default()` is for people.
//! let params = KdfParams::new(19_456, 2, 1)?;
//! let file = Keyring::create(&passphrase, params, 1_700_000_000)?.to_bytes()?;
//!
//! // Later: the same bytes and the passphrase.
//! let keyring = Keyring::unlock(&file, &passphrase)?;
//! let key = keyring.keys().find(keyring.keys().default_label())?.key();
//! let site = br#"{"id":7,"name":"Mail","login":{"inputs":[{"name":"pw","type":"password","value":"hunter2"}]}}"#;
//! let mut sealed = SecretBuffer::new();
//! encrypt_site(SealAs::Bound(key), site, &mut sealed)?;
//! assert!(!String::from_utf8_lossy(sealed.expose_secret()).contains("hunter2"));
//!
//! let (mut opened, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
//! decrypt_site(&keyring.keys().key_set(), sealed.expose_secret(), &mut opened, &mut failures)?;
//! assert_eq!((opened.expose_secret(), failures.len()), (site.as_slice(), 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds everywhere
//!
//! * **Errors** are small enums, one for each operation. Each has a sentence (`Display`) and a stable word ([`Coded`]);
//!   neither holds anything secret, and an authentication that failed does not say why.
//! * **Secrets** are in types that wipe themselves, print as `[REDACTED]`, and can be neither cloned nor serialised:
//!   [`SecretText`], [`SecretBytes`], [`SecretBuffer`] and the keys. The way to the inside is a method `expose_…`.
//! * **Parsed is checked**: a value of a type that is read from bytes keeps that format's rules. What zkvault writes
//!   for itself has one form, and a reader refuses every other.
//! * **Limits** come before work and before memory, and are documented with the item, such as
//!   [`MAX_KEYRING_LEN`](keyring::MAX_KEYRING_LEN) and [`MAX_SITE_LEN`](document::MAX_SITE_LEN). Nothing here panics on
//!   input: lints forbid it, and fuzzers look for it.
//! * **Times** are whole seconds since 1970 (UTC) that the caller gives, and random bytes are the operating system's.
//!
//! # Features
//!
//! `parallel` computes Argon2id's lanes on several threads, for native programs. Without it nothing here starts one.
//!
//! What asks a service is `zkvault-client`, and what keeps an account on a device is `zkvault`: both re-export this
//! crate as `core`.

pub mod account;
pub mod activation;
pub mod backup;
pub mod document;
pub mod file;
pub mod generate;
pub mod identity;
pub mod kdf;
pub mod key;
pub mod keyring;
pub mod local;
pub mod model;
pub mod passphrase;
pub mod personal;
pub mod reference;
pub mod repository;
pub mod resolve;
pub mod site;
pub mod snapshot;
pub mod store;
pub mod text;
pub mod time;
pub mod totp;
pub mod trust;
pub mod value;
pub mod vendor;

mod base32;
mod chain;
mod cobblestone;
mod codes;
mod context;
mod digest;
mod envelope;
mod error;
mod hpke;
mod json;
mod order;
mod random;
mod secret;
mod secret_buffer;
mod stack;
mod vault_key;

// What every module's signatures use
pub use codes::{CODES, Coded};
pub use error::{DecryptError, KeyLengthError, RandomError, SealError};
pub use secret::{NotUtf8, SecretBytes, SecretText};
pub use secret_buffer::SecretBuffer;
pub use stack::wipe_stack;
