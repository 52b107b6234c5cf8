//! The client against the simulator of the vendor's service: every endpoint, every way to log in, every fault.
#![cfg(feature = "native")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod bodies;
mod canary;
mod endpoints;
mod faults;
mod login;
mod odd;
mod quirks;
mod redirects;
mod retries;
mod schedules;
mod sites;
mod transport;
mod world;
