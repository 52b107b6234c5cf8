#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! | to do this | begin at |
//! |---|---|
//! | make or open a keyring | [`keyring_file::VacantKeyringFile`], [`keyring_file::KeyringFile`] |
//! | sync an account, find a site, read a value | [`vault::Vault`] |
//! | show what a service changed, and accept it | [`sync`], [`vault::Contents::accept`] |
//! | give a login to another program | [`vault::Contents::login`], [`delivery`] |
//! | upload or download files | [`repository::Repository`]; in parts: [`transfer`] |
//! | make, list or restore backups | [`backup`] |
//! | decrypt or change an exported document of sites | [`documents::run`] |
//! | activate people and write them letters | [`onboard::Onboarding`] |
//! | take everything from somebody who leaves | [`offboard::Departure`] |
//! | record the changes that are made at a service | [`journal::Journal`] |
//! | hand a key to a colleague | [`handover::seal`], [`recipients::Recipients`] |
//! | type a passphrase once for several commands | [`agent::Agent`] |
//! | see who can reach which site, and by which path | [`access::Access`] |
//! | find passwords that are reused, weak, old or breached | [`audit::audit`] |
//! | write a report for people, as HTML or Markdown | [`report::Report`] |
//! | show a bar | [`progress::Progress`] |
//!
//! # What holds everywhere
//!
//! * **Nothing is half done.** A file is replaced as a whole, the store is changed in one transaction, an upload has
//!   its name when all of it is there. `kill -9` at any moment leaves the state from before or the one after it, and
//!   each module says what else it may leave behind.
//! * **Locks are not waited for.** A second writer gets an error whose code is `busy`, with the process that has the
//!   lock. A caller meets two: the store's (`store.lock`), for a sync, an acceptance and a restore, and the profile's
//!   (`lock`), for the keyring, the settings, recipients and containers. A program that needs both takes the store's
//!   first. Readers need none.
//! * **Text of a service is untrusted.** Names, addresses and messages come out as they are; escape control characters
//!   before a terminal shows them, and compare origins instead of looking at addresses.
//! * **Secrets are wiped.** Keys and plaintexts are in types of [`core`] that wipe themselves and print
//!   nothing. What is made of them outside of these types is the caller's.
//! * **Times are seconds since 1970** (UTC), sizes are bytes, and a limit has its number beside it.
#![deny(clippy::future_not_send)]

#[macro_use]
mod codes;

pub mod access;
pub mod account;
pub mod agent;
pub mod audit;
pub mod backup;
#[cfg(test)]
mod cheap;
pub mod config;
pub mod containers;
pub mod delivery;
pub mod directory;
pub mod documents;
pub mod fs;
pub mod handover;
pub mod journal;
pub mod keyring_file;
pub mod offboard;
pub mod onboard;
pub mod org;
mod pinned_file;
pub mod profile;
pub mod progress;
pub mod recipients;
pub mod report;
pub mod repository;
pub mod store;
pub mod sync;
pub mod time;
pub mod transfer;
pub mod vault;
pub mod vendor;
pub mod workers;

pub use zkvault_client as client;
pub use zkvault_core as core;
