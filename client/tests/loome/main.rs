//! The client against the simulator of Loome Assist: every endpoint, every fault, every form of an answer.
#![cfg(feature = "native")]

mod canary;
mod endpoints;
mod faults;
#[path = "../hasty/mod.rs"]
mod hasty;
mod links;
mod world;
