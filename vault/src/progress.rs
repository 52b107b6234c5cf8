//! How a long operation reports to its caller while it runs.
//!
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use zkvault::progress::Progress;
//!
//! #[derive(Debug, Default)]
//! struct Bar {
//!     expected: AtomicU64,
//!     done: AtomicU64,
//! }
//!
//! impl Progress for Bar {
//!     fn expect(&self, more: u64) {
//!         self.expected.fetch_add(more, Ordering::Relaxed);
//!     }
//!
//!     fn advance(&self, done: u64) {
//!         self.done.fetch_add(done, Ordering::Relaxed);
//!     }
//! }
//!
//! let bar = Bar::default();
//! bar.expect(10);
//! bar.advance(4);
//! assert_eq!((bar.done.into_inner(), bar.expected.into_inner()), (4, 10));
//! ```
//!
//! Calls come from any thread and often: once for each site or each block. They must not wait for anything. What was
//! expected is an estimate: a sync expects as many sites as there were the last time, and a transfer learns of a file's
//! length when it begins.

use std::fmt;

/// Takes reports of an operation, from any thread. What is counted is for the operation to say: bytes or sites.
pub trait Progress: fmt::Debug + Send + Sync {
    /// So many more are to come.
    fn expect(&self, more: u64);

    /// So many more are done.
    fn advance(&self, done: u64);
}

/// For callers who wait without being told.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _more: u64) {}

    fn advance(&self, _done: u64) {}
}
