//! What one device keeps of one account. This crate prints nothing, asks nobody, and knows no terminal and no exit code.
//!
//! - [`fs`]: files that appear whole or not at all, private folders, and locks between processes.
//! - [`backup`]: backups of the store, in files and repositories, and whether they continue from the known one.
//! - [`repository`]: a container of encrypted files.
//! - [`transfer`]: files to and from a repository of encrypted files, in blocks that can be resumed.
//! - [`documents`]: a document of sites, through all processor cores and in flat memory; [`workers`] is how.
//! - [`progress`]: how a long operation reports to its caller.
//! - [`time`]: the one form in which times are given.
//!
//! # Errors
//!
//! Each module has its own error type. Its `code()` is a stable name for programs, its `Display` is a sentence that says
//! what happened, and its `source()` is the cause. Texts and paths in it are as they are on the disk or came from a
//! service: escape them before you print them to a terminal.

#[macro_use]
mod codes;

pub mod account;
pub mod backup;
pub mod documents;
pub mod fs;
pub mod keyring_file;
pub mod profile;
pub mod progress;
pub mod recipients;
pub mod repository;
pub mod store;
pub mod sync;
pub mod time;
pub mod transfer;
pub mod vault;
pub mod workers;

pub use zkvault_client as client;
pub use zkvault_core as core;
