//! Formats, keys and ciphers of the zkvault zero-knowledge credential client.
//!
//! Nothing here reads a file, a clock or a network: bytes go in, bytes come out, and what is secret is wiped
//! when it is dropped. The formats are specified in the project's `docs/spec/`; the comments name the section.

pub mod activation;
pub mod backup;
pub mod document;
pub mod file;
pub mod generate;
pub mod identity;
pub mod kdf;
pub mod key;
pub mod keyring;
pub mod model;
pub mod passphrase;
pub mod reference;
pub mod repository;
pub mod resolve;
pub mod site;
pub mod snapshot;
pub mod store;
pub mod text;
pub mod time;
pub mod trust;
pub mod value;
pub mod vendor;

mod cobblestone;
mod codes;
mod context;
mod error;
mod hpke;
mod json;
mod random;
mod secret;
mod secret_buffer;
mod stack;

// What every module's signatures use
pub use codes::Coded;
pub use error::{DecryptError, KeyLengthError, RandomError, SealError};
pub use secret::{NotUtf8, SecretBytes, SecretText};
pub use secret_buffer::SecretBuffer;
pub use stack::wipe_stack;
