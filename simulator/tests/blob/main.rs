//! The blob service over HTTP: operations, signatures, conditions, faults.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod account;
mod blobs;
mod faults;
mod quirks;
mod signatures;
