#![doc = include_str!("../README.md")]
#![deny(clippy::future_not_send)]

#[macro_use]
mod codes;

pub mod account;
pub mod agent;
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
pub mod keyring_file;
mod pinned_file;
pub mod profile;
pub mod progress;
pub mod recipients;
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
