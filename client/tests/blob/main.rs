//! The blob client against the simulated storage.
#![cfg(feature = "native")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod canary;
mod listings;
mod odd;
mod requests;
mod stalls;
mod storage;
