//! Backups: a snapshot of the local store as an encrypted file, in a repository or on this machine
//! (docs/spec/backup.md).
//!
//! [`capture`] reads the store and [`seal`] makes a backup of it. A [`Catalog`] lists those of a repository, of which
//! [`load`] opens one; [`BackupFile`] is one in a file. [`KnownHeads`] remembers the newest at each place, and
//! [`newest_in_chain`] notices an older state, or a different chain.

mod access;
mod bundle;
mod capture;
mod catalog;
mod chain;
mod diff;
mod error;
mod known;
mod source;

pub use self::access::{Access, Keyrings};
pub use self::bundle::{MAX_BACKUP_LEN, Opened, Recipe, open, parse, seal};
pub use self::capture::{Captured, capture};
pub use self::catalog::{Catalog, CatalogEntry, Unread};
pub use self::chain::{ChainNote, newest_in_chain};
pub use self::diff::{Contents, Difference, compare};
pub use self::error::{BackupError, Missing};
pub use self::known::KnownHeads;
pub use self::source::{BackupFile, Loaded, keyrings, load};

/// The place under which backups in files are remembered: they are a chain of their own.
pub const FILES: &str = "file";

type Result<T> = std::result::Result<T, BackupError>;
