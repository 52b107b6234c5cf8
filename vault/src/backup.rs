//! Backups: a snapshot of the local store as an encrypted file, in a repository or on this machine
//! (docs/spec/backup.md).
//!
//! [`capture`] reads the store and [`seal`] makes a backup of it. A [`Catalog`] lists those of a repository, of which
//! [`load`] opens one; [`BackupFile`] is one in a file. [`KnownHeads`] remembers the newest of each chain and place, and
//! [`newest_in_chain`] notices an older state, or a different chain. A fresh machine [searches](Catalog::search).

mod access;
mod bundle;
mod capture;
mod catalog;
mod chain;
mod diff;
mod error;
mod fresh;
mod known;
mod prune;
mod pull;
mod push;
mod sheet;
mod source;

pub use self::access::Access;
pub use self::bundle::{MAX_BACKUP_LEN, Opened, Recipe, open, parse, seal};
pub use self::capture::{Captured, capture};
pub use self::catalog::{Catalog, CatalogEntry, Listing, Unread};
pub use self::chain::{ChainNote, NewestInChain, newest_in_chain};
pub use self::diff::{Contents, Difference, compare};
pub use self::error::{BackupError, Missing};
pub use self::fresh::{Watcher, is_costly};
pub use self::known::KnownHeads;
pub use self::prune::prunable;
pub use self::pull::{Pulled, pull};
pub use self::push::{Next, next};
pub use self::sheet::{Sheet, sheet};
pub use self::source::{BackupFile, Loaded, OneAccount, Wanted, load};

/// The place under which backups in files are remembered.
pub const FILES: &str = "file";

type Result<T> = std::result::Result<T, BackupError>;
