//! zkvault's core for JavaScript: converts, calls core, converts back. What there is to decide is decided in core.
//!
//! What is exported here is called by the package in `wasm/js`, and by nobody else: that is where arguments are
//! checked and where the interface is documented. Structured results cross as JSON texts, which is faster than
//! building objects from here.
//!
//! Secrets come in as `Vec<u8>`, which the caller's copy is moved into and which is wiped, and go out as JavaScript
//! strings made straight from the wiped buffer. A `&str` or `String` would leave a copy in the module's memory.

mod code;
mod container;
mod document;
mod error;
mod file;
mod generate;
mod host;
mod inspect;
mod json;
mod logmeonce;
mod loome;
mod page;
mod stack;
mod task;
mod trust;
mod vault;

pub use container::Container;
pub use error::Error;
pub use file::{Opening, Sealing};
pub use generate::{generate_passphrase, generate_password};
pub use inspect::inspect;
pub use logmeonce::LogMeOnce;
pub use loome::Loome;
pub use page::match_origin;
pub use stack::wipe_stack;
pub use task::Task;
pub use trust::Trust;
pub use vault::{Sealer, Vault};
