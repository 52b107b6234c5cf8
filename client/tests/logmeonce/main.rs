//! The client against the simulator of the vendor's service: every endpoint, every way to log in, every fault.
#![cfg(feature = "native")]

mod canary;
mod endpoints;
mod faults;
#[path = "../hasty/mod.rs"]
mod hasty;
mod login;
mod redirects;
mod retries;
mod sites;
mod transport;
mod world;
