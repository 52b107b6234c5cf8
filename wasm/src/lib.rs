//! zkvault for JavaScript: converts, calls core and client, converts back. What there is to decide is decided there.
//!
//! What is exported here is called by the package in `wasm/js`, and by nobody else: that is where arguments are
//! checked and where the interface is documented. Structured results cross as JSON texts, which is faster than
//! building objects from here.
//!
//! Three modules are made of this crate, one by each feature. `vault` holds the keys and opens and seals; `values` is the
//! part of it that opens and seals values under keys of the caller, for pages that need nothing else; `client` talks to
//! services and storages, and is fetched by those who do. None sees another's memory: between them go sealed bytes,
//! through JavaScript.
//!
//! Secrets come in as `Vec<u8>`, which the caller's copy is moved into and which is wiped, and go out as JavaScript
//! strings made straight from the wiped buffer. A `&str` or `String` would leave a copy in the module's memory.

mod api_id;
#[cfg(test)]
mod code;
mod error;
mod json;
mod secret;
mod stack;

#[cfg(feature = "client")]
mod client;

#[cfg(feature = "vault")]
mod backup;
#[cfg(feature = "values")]
mod document;
#[cfg(feature = "vault")]
mod file;
#[cfg(feature = "vault")]
mod generate;
#[cfg(feature = "values")]
mod inspect;
#[cfg(feature = "vault")]
mod one_time;
#[cfg(feature = "vault")]
mod page;
#[cfg(feature = "vault")]
mod site;
#[cfg(feature = "vault")]
mod trust;
#[cfg(feature = "vault")]
mod upload;
#[cfg(feature = "values")]
mod vault;

pub use error::Error;
pub use stack::wipe_stack;

#[cfg(all(feature = "client", target_arch = "wasm32"))]
pub use client::{Container, LogMeOnce, Loome, Task};

#[cfg(feature = "vault")]
pub use {
    backup::{Backups, Draft, Parts, backup_keyring, backup_start, chain_of_blob},
    file::Opening,
    generate::{check_passphrase, generate_passphrase, generate_password},
    one_time::{is_one_time_address, one_time_code},
    page::match_origin,
    site::site_fields,
    trust::Trust,
    upload::Sealing,
};

#[cfg(feature = "values")]
pub use {
    inspect::inspect,
    vault::{Sealer, Vault},
};
