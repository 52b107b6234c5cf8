//! The client against the simulator of Loome Assist: every endpoint, every fault, every form of an answer.
#![cfg(feature = "native")]
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod canary;
mod endpoints;
mod faults;
mod links;
mod world;
