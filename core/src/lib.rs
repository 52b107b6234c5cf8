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
//! | a file | blocks for a storage, and a name that says nothing | [`file`](mod@file), [`repository`] |
//! | an account | a backup that a fresh machine can restore | [`snapshot`], [`backup`] |
//! | a new user | keys for them, that the server cannot read | [`identity`], [`activation`] |
//! | the seed of one-time codes | the code of this moment | [`totp`] |
//! | nothing yet | a password | [`generate`] |
//!
//! Every error has a sentence (`Display`) and a stable word ([`Coded`]); neither holds anything secret.

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
