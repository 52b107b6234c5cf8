//! The LogMeOnce service over HTTP: every path of the page, every rule, every fault and attack.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod attacks;
mod audit;
mod faults;
mod groups;
mod oauth;
mod program;
mod relations;
mod sites;
mod strictness;
mod users;
mod world;
mod xml;
