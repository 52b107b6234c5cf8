//! The Loome Assist service over HTTP: every path, every rule, and links that open containers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first failure, in its helpers too"
)]

mod api;
mod links;
mod tokens;
mod world;
